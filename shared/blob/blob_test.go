package blob_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"ticketsystem.example/shared/blob"
	"ticketsystem.example/shared/blob/blobtest"
)

func TestMemoryConforms(t *testing.T) {
	var m *blob.Memory
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { m.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	m = blob.NewMemory(server.URL, time.Now)
	blobtest.Run(t, func(*testing.T) blob.Store { return m })
}

func TestADispositionHoldsTheNameAndNothingElse(t *testing.T) {
	for name, want := range map[string]string{
		"report.pdf":          `attachment; filename="report.pdf"`,
		"my report (1).pdf":   `attachment; filename="my report (1).pdf"`,
		"résumé.pdf":          `attachment; filename="r_sum_.pdf"; filename*=UTF-8''r%C3%A9sum%C3%A9.pdf`,
		`a"; x="b.txt`:        `attachment; filename="a__ x=_b.txt"; filename*=UTF-8''a%22%3B%20x%3D%22b.txt`,
		"a\r\nSet-Cookie: b":  `attachment; filename="a__Set-Cookie: b"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20b`,
		`..\..\x.txt`:         `attachment; filename=".._.._x.txt"; filename*=UTF-8''..%5C..%5Cx.txt`,
		"100%25.txt":          `attachment; filename="100_25.txt"; filename*=UTF-8''100%2525.txt`,
		"日本.txt":              `attachment; filename="__.txt"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.txt`,
		"\u202etxt.exe":       `attachment; filename="_txt.exe"; filename*=UTF-8''%E2%80%AEtxt.exe`,
		"it's, (a) [b]*c.txt": `attachment; filename="it's, (a) [b]*c.txt"`,
	} {
		if got := blob.Attachment(name); got != want {
			t.Errorf("%q:\n got %s\nwant %s", name, got, want)
		}
	}
}

func TestATypeIsReadWithoutItsParameters(t *testing.T) {
	for s, want := range map[string]string{
		"text/plain": "text/plain", "Text/Plain; charset=utf-8": "text/plain", "": "", "text": "", "a/b/c": "", "text/html\n": "text/html", "*/*;": "*/*",
	} {
		if got := blob.ParseType(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}
