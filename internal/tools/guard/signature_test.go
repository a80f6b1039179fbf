package guard

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"net/http"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/storage"
)

func TestASignedURLReadsItsObject(t *testing.T) {
	w := newWorld(t)
	w.put("a folder/ü+1.txt", "hello")
	status, body := w.do(http.MethodGet, w.sign("a folder/ü+1.txt", nil), "")
	if status != http.StatusOK || body != "hello" {
		t.Errorf("got %d %q", status, body)
	}
}

func TestASignedURLUploadsWithTheHeadersThatWereSigned(t *testing.T) {
	w := newWorld(t)
	url := w.sign("up.txt", func(o *storage.SignedURLOptions) {
		o.Method = http.MethodPut
		o.ContentType = "text/plain"
		o.Headers = []string{"x-goog-meta-name:my  file"}
	})
	if status, body := w.do(http.MethodPut, url, "hello", "Content-Type:text/plain", "x-goog-meta-name:my file"); status != http.StatusOK {
		t.Fatalf("upload: got %d %s", status, body)
	}
	attrs, err := w.client.Bucket("files").Object("up.txt").Attrs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if attrs.Size != 5 || attrs.ContentType != "text/plain" || attrs.Metadata["name"] != "my file" {
		t.Errorf("stored %d bytes, %s, %v", attrs.Size, attrs.ContentType, attrs.Metadata)
	}
}

func TestAChangedRequestIsRefused(t *testing.T) {
	w := newWorld(t)
	w.put("mine.txt", "hello")
	w.put("yours.txt", "hello")
	get := w.sign("mine.txt", func(o *storage.SignedURLOptions) {
		o.QueryParameters = map[string][]string{"response-content-disposition": {"attachment"}}
	})
	put := w.sign("mine.txt", func(o *storage.SignedURLOptions) { o.Method, o.ContentType = http.MethodPut, "text/plain" })
	cases := map[string]struct {
		method, url string
		headers     []string
	}{
		"other method":        {http.MethodDelete, get, nil},
		"other object":        {http.MethodGet, strings.Replace(get, "mine.txt", "yours.txt", 1), nil},
		"longer life":         {http.MethodGet, strings.Replace(get, "X-Goog-Expires=59", "X-Goog-Expires=600", 1), nil},
		"query changed":       {http.MethodGet, strings.Replace(get, "=attachment", "=inline", 1), nil},
		"query added":         {http.MethodGet, get + "&generation=1", nil},
		"other content type":  {http.MethodPut, put, []string{"Content-Type:text/html"}},
		"unsigned extension":  {http.MethodPut, put, []string{"Content-Type:text/plain", "x-goog-meta-evil:1"}},
		"signature shortened": {http.MethodGet, strings.TrimSuffix(get, get[len(get)-2:]), nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if c.url == get && c.method == http.MethodGet {
				t.Fatal("the case changes nothing")
			}
			status, body := w.do(c.method, c.url, "x", c.headers...)
			w.refused(status, body, http.StatusForbidden, "SignatureDoesNotMatch")
		})
	}
}

func TestAnotherKeyOrAccountIsRefused(t *testing.T) {
	w := newWorld(t)
	w.put("mine.txt", "hello")
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(stranger)
	if err != nil {
		t.Fatal(err)
	}
	status, body := w.do(http.MethodGet, w.sign("mine.txt", func(o *storage.SignedURLOptions) { o.PrivateKey = der }), "")
	w.refused(status, body, http.StatusForbidden, "SignatureDoesNotMatch")
	status, body = w.do(http.MethodGet, w.sign("mine.txt", func(o *storage.SignedURLOptions) { o.GoogleAccessID = "x@y.example" }), "")
	w.refused(status, body, http.StatusForbidden, "SignatureDoesNotMatch")
}

func TestASignedURLEndsWhenItsTimeIsUp(t *testing.T) {
	w := newWorld(t)
	w.put("mine.txt", "hello")
	url := w.sign("mine.txt", nil)
	w.guard.Now = func() time.Time { return time.Now().Add(2 * time.Minute) }
	status, body := w.do(http.MethodGet, url, "")
	w.refused(status, body, http.StatusBadRequest, "ExpiredToken")
	w.guard.Now = func() time.Time { return time.Now().Add(-time.Hour) }
	status, body = w.do(http.MethodGet, url, "")
	w.refused(status, body, http.StatusForbidden, "AccessDenied")
}

func TestWhatTheEmulatorCannotVerifyIsRefused(t *testing.T) {
	w := newWorld(t)
	w.put("mine.txt", "hello")
	status, body := w.do(http.MethodGet, "http://"+w.addr+"/files/mine.txt?GoogleAccessId=a&Expires=9999999999&Signature=AAAA", "")
	w.refused(status, body, http.StatusForbidden, "SignatureDoesNotMatch")
	status, body = w.do(http.MethodGet, w.sign("mine.txt", nil)+"&X-Goog-Algorithm=none", "")
	w.refused(status, body, http.StatusForbidden, "SignatureDoesNotMatch")
	post := w.sign("mine.txt", func(o *storage.SignedURLOptions) {
		o.Method, o.Headers = http.MethodPost, []string{"x-goog-resumable:start"}
	})
	status, body = w.do(http.MethodPost, post, "", "x-goog-resumable:start")
	w.refused(status, body, http.StatusNotImplemented, "NotImplemented")
}
