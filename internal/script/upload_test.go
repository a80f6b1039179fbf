package script

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestFilesGoToWhereAnAnswerSaysAndComeFromThere(t *testing.T) {
	var kept string
	files := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("a token went to another place")
		}
		if r.Method == http.MethodPut && r.Header.Get("X-Limit") == "7" {
			body, _ := io.ReadAll(r.Body)
			kept = string(body)
			return
		}
		_, _ = io.WriteString(w, kept)
	}))
	defer files.Close()
	desk := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/api/token/":
			_, _ = io.WriteString(w, `{"access": "t", "expires_in": 60}`)
		case "/files":
			fmt.Fprintf(w, `{"id": "f1", "upload": {"method": "PUT", "url": %q, "headers": {"X-Limit": "7"}}}`, files.URL+"/f1")
		default:
			fmt.Fprintf(w, `{"url": %q}`, files.URL+"/f1")
		}
	}))
	defer desk.Close()
	story := `
		as uma
		POST /files {}
		save file .id
		GET /files/$file/
		upload "a\x00b"
		status == 200
		GET /files/$file/
		download
		status == 200
		header Content-Length matches ^3$`
	s, err := Parse("story.txt", story)
	if err != nil {
		t.Fatal(err)
	}
	if err := NewRunner(desk.URL, Demo).Run(t.Context(), s); err != nil || kept != "a\x00b" {
		t.Errorf("%v, kept %q", err, kept)
	}
	for story, want := range map[string]string{
		"upload x":   "no answer said yet where to upload to",
		"download":   "no answer yet to download from",
		`upload "x`:  "not a quoted text",
		"download x": "no statement",
	} {
		s, err := Parse("story.txt", story)
		if err == nil {
			err = NewRunner(desk.URL, Demo).Run(t.Context(), s)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", story, err)
		}
	}
}
