package identity

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"ticketsystem.example/shared/config"
)

const project = "demo-desk"

// google plays Google's key, account and token servers on 127.0.0.1, in their own
// protocols: what a production function speaks with.
type google struct {
	t    testing.TB
	host string // host:port

	mu        sync.Mutex
	published []string // kids of the keys on offer
	maxAge    int      // seconds that the keys may be kept
	people    map[string]person
	broken    int    // status of every answer, 0 = all is well
	refusal   string // what sign-in and refresh are refused with
	requests  int
	lookups   int
	updates   []claims // what accounts were asked to become
}

type person struct {
	Email      string `json:"email"`
	Disabled   bool   `json:"disabled"`
	ValidSince int64  `json:"validSince,string"`
}

// newGoogle starts a stand-in that publishes key-1 and knows uma.
func newGoogle(t testing.TB) *google {
	t.Helper()
	g := &google{
		t: t, published: []string{"key-1"}, maxAge: 3600,
		people: map[string]person{"uma": {Email: "uma@demo.example", ValidSince: time.Now().Add(-24 * time.Hour).Unix()}},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET www.googleapis.com/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com", g.keys)
	mux.HandleFunc("POST identitytoolkit.googleapis.com/v1/projects/"+project+"/{method}", g.accounts)
	mux.HandleFunc("POST identitytoolkit.googleapis.com/v1/{method}", g.signIn)
	mux.HandleFunc("POST securetoken.googleapis.com/v1/token", g.refresh)
	g.host = serve(t, g.breakable(mux))
	return g
}

// serve listens on 127.0.0.1 until the test ends. Closing an httptest.Server reads
// http.DefaultTransport, which another test's client may be replacing.
func serve(t testing.TB, handler http.Handler) (host string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: handler}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return listener.Addr().String()
}

// client returns a client on the production path, with the stand-in for Google.
func (g *google) client() *Client {
	return Open(config.Config{Project: project, APIKey: "web-key", GoogleHost: g.host})
}

// set changes the stand-in's state.
func (g *google) set(change func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	change()
}

func (g *google) breakable(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.requests++
		if g.broken != 0 {
			w.Header().Set("Location", "http://elsewhere.example/") // for 3xx
			w.WriteHeader(g.broken)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (g *google) keys(w http.ResponseWriter, _ *http.Request) {
	certificates := map[string]string{}
	for _, kid := range g.published {
		certificates[kid] = certificate(g.t, signingKey(kid))
	}
	w.Header().Set("Cache-Control", fmt.Sprintf("public, max-age=%d, must-revalidate, no-transform", g.maxAge))
	g.answer(w, certificates)
}

// accounts answers accounts:lookup and accounts:update.
func (g *google) accounts(w http.ResponseWriter, r *http.Request) {
	var body claims
	switch method := r.PathValue("method"); {
	case json.NewDecoder(r.Body).Decode(&body) != nil, !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer "):
		g.refuse(w, "INVALID_REQUEST")
	case method == "accounts:lookup":
		g.lookups++
		g.answer(w, map[string]any{"users": g.known(body["localId"].([]any))})
	case method == "accounts:update" && g.refusal == "":
		g.updates = append(g.updates, body)
		g.answer(w, map[string]any{"localId": body["localId"]})
	default:
		g.refuse(w, g.refusal)
	}
}

func (g *google) known(uids []any) (users []any) {
	for _, uid := range uids {
		if p, ok := g.people[uid.(string)]; ok {
			users = append(users, struct {
				LocalID any `json:"localId"`
				person
			}{uid, p})
		}
	}
	return users
}

func (g *google) signIn(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Email, Password   string
		ReturnSecureToken bool
	}
	if r.PathValue("method") != "accounts:signInWithPassword" || r.URL.Query().Get("key") != "web-key" ||
		json.NewDecoder(r.Body).Decode(&body) != nil || !body.ReturnSecureToken {
		g.refuse(w, "INVALID_REQUEST")
		return
	}
	if g.refusal != "" {
		g.refuse(w, g.refusal)
		return
	}
	g.answer(w, map[string]any{
		"localId": "uma", "email": body.Email, "registered": true,
		"idToken": g.good(), "refreshToken": "refresh-1", "expiresIn": "3600",
	})
}

func (g *google) refresh(w http.ResponseWriter, r *http.Request) {
	if r.PostFormValue("grant_type") != "refresh_token" || r.PostFormValue("refresh_token") != "refresh-1" ||
		r.URL.Query().Get("key") != "web-key" {
		g.refuse(w, "INVALID_REFRESH_TOKEN")
		return
	}
	if g.refusal != "" {
		g.refuse(w, g.refusal)
		return
	}
	token := g.good()
	g.answer(w, map[string]any{
		"user_id": "uma", "id_token": token, "access_token": token, "refresh_token": "refresh-2",
		"expires_in": "3600", "token_type": "Bearer", "project_id": "1234",
	})
}

func (g *google) answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(body); err != nil {
		g.t.Errorf("stand-in: %v", err)
	}
}

func (g *google) refuse(w http.ResponseWriter, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	g.answer(w, map[string]any{"error": map[string]any{"code": http.StatusBadRequest, "message": message}})
}

// signingKeys are made once for all tests, since making one takes a tenth of a second.
var (
	signingKeysMu sync.Mutex
	signingKeys   = map[string]*rsa.PrivateKey{}
)

func signingKey(kid string) *rsa.PrivateKey {
	signingKeysMu.Lock()
	defer signingKeysMu.Unlock()
	if signingKeys[kid] == nil {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		signingKeys[kid] = key
	}
	return signingKeys[kid]
}

func certificate(t testing.TB, key *rsa.PrivateKey) string {
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Errorf("stand-in: %v", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// secondsAgo is a claim's time.
func secondsAgo(seconds int) int64 { return time.Now().Unix() - int64(seconds) }
