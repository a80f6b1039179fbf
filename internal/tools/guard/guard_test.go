package guard

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/storage"
	"github.com/fsouza/fake-gcs-server/fakestorage"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"
)

const account = "signer@demo-test.iam.gserviceaccount.com"

// world is a guarded emulator with one bucket, "files", Google's client for it
// and a key whose signatures are good.
type world struct {
	t      *testing.T
	addr   string
	client *storage.Client
	key    []byte
	guard  *Guard
}

func newWorld(t *testing.T) *world {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := listener.Addr().String()
	fake, err := fakestorage.NewServerWithOptions(fakestorage.Options{
		NoListener: true, Scheme: "http", ExternalURL: "http://" + addr, PublicHost: addr,
	})
	if err != nil {
		t.Fatal(err)
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	g := &Guard{Next: fake.HTTPHandler(), Host: addr, Signer: Signer{Account: account, Key: &key.PublicKey}}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: g}}
	server.Start()
	t.Cleanup(server.Close)
	t.Setenv("STORAGE_EMULATOR_HOST", addr)
	client, err := storage.NewClient(context.Background(), option.WithoutAuthentication())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	if err := client.Bucket("files").Create(context.Background(), "demo-test", nil); err != nil {
		t.Fatal(err)
	}
	return &world{t: t, addr: addr, client: client, key: der, guard: g}
}

// sign makes a URL with Google's own code, as the product does.
func (w *world) sign(object string, change func(*storage.SignedURLOptions)) string {
	w.t.Helper()
	options := &storage.SignedURLOptions{
		GoogleAccessID: account,
		PrivateKey:     w.key,
		Method:         http.MethodGet,
		Expires:        time.Now().Add(time.Minute),
		Scheme:         storage.SigningSchemeV4,
		Insecure:       true,
	}
	if change != nil {
		change(options)
	}
	url, err := storage.SignedURL("files", object, options)
	if err != nil {
		w.t.Fatal(err)
	}
	return url
}

// do sends a request with headers in "name:value" form and returns the status
// and the body.
func (w *world) do(method, url, body string, headers ...string) (int, string) {
	w.t.Helper()
	status, content, err := try(method, url, strings.NewReader(body), headers...)
	if err != nil {
		w.t.Fatal(err)
	}
	return status, content
}

// try is do for other goroutines than the test's own.
func try(method, url string, body io.Reader, headers ...string) (int, string, error) {
	r, err := http.NewRequest(method, url, body)
	if err != nil {
		return 0, "", err
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ":")
		r.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(content), err
}

// put stores an object through Google's client and returns its generation.
func (w *world) put(object, content string) int64 {
	w.t.Helper()
	out := w.client.Bucket("files").Object(object).NewWriter(context.Background())
	if _, err := out.Write([]byte(content)); err != nil {
		w.t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		w.t.Fatal(err)
	}
	return out.Attrs().Generation
}

// refused fails the test unless the answer is the given refusal.
func (w *world) refused(status int, body string, wantStatus int, wantCode string) {
	w.t.Helper()
	if status != wantStatus || !strings.Contains(body, "<Code>"+wantCode+"</Code>") {
		w.t.Errorf("got %d %s, want %d %s", status, body, wantStatus, wantCode)
	}
}

func isPreconditionFailed(err error) bool {
	var failed *googleapi.Error
	return errors.As(err, &failed) && failed.Code == http.StatusPreconditionFailed
}

func TestGooglesClientReadsWhatItWrote(t *testing.T) {
	w := newWorld(t)
	w.put("a folder/ü+1.txt", "hello")
	in, err := w.client.Bucket("files").Object("a folder/ü+1.txt").NewReader(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	content, err := io.ReadAll(in)
	if err != nil || !bytes.Equal(content, []byte("hello")) {
		t.Errorf("read %q, %v", content, err)
	}
}

func TestAStrangerWithoutSignatureIsRefused(t *testing.T) {
	w := newWorld(t)
	w.put("secret.txt", "hello")
	status, body := w.do(http.MethodGet, "http://"+w.addr+"/files/secret.txt", "")
	w.refused(status, body, http.StatusForbidden, "AccessDenied")
	status, body = w.do(http.MethodGet, "http://"+w.addr+"/storage/v1/b/files/o/secret.txt?alt=media", "")
	if status != http.StatusForbidden || !strings.Contains(body, "Anonymous caller") {
		t.Errorf("got %d %s", status, body)
	}
	status, body = w.do(http.MethodGet, "http://"+w.addr+"/files/secret.txt", "", "Authorization:Bearer owner")
	if status != http.StatusOK || body != "hello" {
		t.Errorf("with credentials: got %d %s", status, body)
	}
}

func TestTheHealthCheckAndPreflightsNeedNoCredentials(t *testing.T) {
	w := newWorld(t)
	if status, body := w.do(http.MethodGet, "http://"+w.addr+"/_internal/healthcheck", ""); status != http.StatusOK {
		t.Errorf("health check: got %d %s", status, body)
	}
	status, body := w.do(http.MethodOptions, "http://"+w.addr+"/files/x", "",
		"Origin:http://127.0.0.1:8080", "Access-Control-Request-Method:PUT")
	if status != http.StatusOK {
		t.Errorf("preflight: got %d %s", status, body)
	}
}
