package serve

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"ticketsystem.example/shared/fault"
)

// Intake is the side of a function to which mail servers and providers push whole mails:
// as the body, or as a field of a form, as some providers do.
type Intake struct {
	Take    func(ctx context.Context, raw []byte) (id string, err error) // safe to repeat
	Most    int                                                          // bytes of a mail
	Secrets []string                                                     // any of them will do; with none nobody is let in
	Signed  bool                                                         // the secret is to be shown by a signature, never itself
	Wake    Nudger
	Now     func() time.Time
}

// Headers of a signed push: when it was sent, in seconds since 1970, and the HMAC-SHA-256,
// in hexadecimal, over that, a full stop and the body.
const (
	pushedAt   = "X-Mail-Timestamp"
	pushedSign = "X-Mail-Signature"
)

// pushAge is how old a signed push may be, so that one that was overheard is worth little.
const pushAge = 5 * time.Minute

// ServeHTTP takes one mail. 202 says that it is kept; after anything else the sender's
// server has to try again, but for what is too large.
func (i Intake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	logged(w, r, func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), uploadPatience)
		defer cancel()
		id, err := i.take(ctx, r)
		if err != nil {
			WriteProblem(w, r, err)
			return
		}
		if i.Wake != nil {
			i.Wake.Nudge(context.WithoutCancel(ctx))
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusAccepted)
		_ = json.MarshalWrite(w, map[string]string{"id": id}) // whoever hung up sends it again
	})
}

func (i Intake) take(ctx context.Context, r *http.Request) (string, error) {
	if trimSlash(r.URL.Path) != "/api/mail" {
		return "", fault.New(fault.NotFound, "not_found", "There is nothing at this address.")
	}
	if r.Method != http.MethodPost {
		return "", newProblem(http.StatusMethodNotAllowed, "method_not_allowed", "Mails are sent by POST.")
	}
	if !i.Signed && !i.shown(r) { // before anything is read
		return "", i.refused()
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, int64(i.Most)+(1<<20))) // a form adds a little
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return "", i.tooLarge()
	}
	if err != nil {
		return "", newProblem(http.StatusBadRequest, "malformed", "The body ended before it was complete.")
	}
	if i.Signed && !i.signed(r, body) {
		return "", i.refused()
	}
	raw, err := whole(r.Header.Get("Content-Type"), body)
	if err != nil {
		return "", err
	}
	if len(raw) > i.Most {
		return "", i.tooLarge()
	}
	return i.Take(ctx, raw)
}

func (i Intake) refused() error {
	return fault.New(fault.Unauthenticated, "push_refused", "This takes mails only from who knows the secret.")
}

func (i Intake) tooLarge() error {
	return newProblem(http.StatusRequestEntityTooLarge, "too_large", "A mail has at most "+strconv.Itoa(i.Most>>20)+" MB here.")
}

// shown reports whether the request carries one of the secrets, as a bearer token or as the
// password that providers put into an address.
func (i Intake) shown(r *http.Request) bool {
	got, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		_, got, ok = r.BasicAuth()
	}
	good := false
	for _, s := range i.Secrets {
		good = subtle.ConstantTimeCompare([]byte(s), []byte(got)) == 1 || good
	}
	return ok && good
}

// signed reports whether the request was signed with one of the secrets, not long ago.
func (i Intake) signed(r *http.Request, body []byte) bool {
	at, err := strconv.ParseInt(r.Header.Get(pushedAt), 10, 64)
	if age := i.Now().Sub(time.Unix(at, 0)).Abs(); err != nil || age > pushAge {
		return false
	}
	got, err := hex.DecodeString(r.Header.Get(pushedSign))
	good := false
	for _, s := range i.Secrets {
		mac := hmac.New(sha256.New, []byte(s))
		mac.Write([]byte(r.Header.Get(pushedAt) + "."))
		mac.Write(body)
		good = hmac.Equal(mac.Sum(nil), got) || good
	}
	return err == nil && good
}

// fields are what providers call the whole mail in their forms.
var fields = []string{"email", "body-mime", "message"}

// whole is the mail in a body: all of it, or a field of a form.
func whole(contentType string, body []byte) ([]byte, error) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "multipart/form-data" {
		return body, nil
	}
	form, err := multipart.NewReader(bytes.NewReader(body), params["boundary"]).ReadForm(int64(len(body)))
	if err != nil {
		return nil, newProblem(http.StatusBadRequest, "malformed", "This is not a complete form.")
	}
	defer func() { _ = form.RemoveAll() }() // everything is in memory
	for _, name := range fields {
		if v := form.Value[name]; len(v) > 0 {
			return []byte(v[0]), nil
		}
		if f := form.File[name]; len(f) > 0 {
			return content(f[0])
		}
	}
	return nil, fault.Bad("email", "The form has no field with the whole mail; it is called email or body-mime.")
}

func content(h *multipart.FileHeader) ([]byte, error) {
	f, err := h.Open()
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(f)
	return data, errors.Join(err, f.Close())
}
