package bench

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAConnectionIsKeptUnlessTheServerEndsIt(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/end" {
			w.Header().Set("Connection", "close")
		}
		_, _ = w.Write([]byte(r.Method + " " + r.RemoteAddr))
	}))
	defer server.Close()
	var c client
	defer func() { _ = c.close() }()
	seen := map[string]bool{}
	for _, path := range []string{"/", "/", "/end", "/", "/"} {
		req, err := newRequest(t.Context(), http.MethodGet, server.URL+path, "", "")
		if err != nil {
			t.Fatal(err)
		}
		status, body, err := c.do(req)
		if err != nil || status != http.StatusOK {
			t.Fatalf("%s: got %d, %v", path, status, err)
		}
		seen[string(body)] = true
	}
	if len(seen) != 2 {
		t.Errorf("five requests took the connections %v", seen)
	}
}

func TestAnUnexpectedAnswerIsAnErrorThatQuotesIt(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer good" {
			w.WriteHeader(http.StatusUnauthorized)
		}
		_, _ = w.Write([]byte("the reason"))
	}))
	defer server.Close()
	s := &site{}
	defer func() { _ = s.client.close() }()
	if _, err := s.do(t.Context(), server.URL, request{http.MethodGet, "/x", "good", "", http.StatusOK}); err != nil {
		t.Error(err)
	}
	_, err := s.do(t.Context(), server.URL, request{http.MethodGet, "/x", "bad", "", http.StatusOK})
	if err == nil || !strings.Contains(err.Error(), "401") || !strings.Contains(err.Error(), "the reason") {
		t.Errorf("got %v", err)
	}
}
