package serve_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"ticketsystem.example/shared/serve"
)

const (
	pushSecret = "a secret of sixteen or more"
	pushed     = "From: uma@demo.example\r\n\r\nHello\r\n"
)

var pushTime = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// intake takes mails of a hundred bytes and remembers the last one.
func intake(signed bool) (serve.Intake, *string) {
	kept := new(string)
	return serve.Intake{
		Take: func(_ context.Context, raw []byte) (string, error) { *kept = string(raw); return "id1", nil },
		Most: 100, Secrets: []string{"another secret of ours", pushSecret}, Signed: signed, Now: func() time.Time { return pushTime },
	}, kept
}

func push(i serve.Intake, path, body string, head ...string) (int, string) {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	for n := 0; n+1 < len(head); n += 2 {
		r.Header.Set(head[n], head[n+1])
	}
	w := httptest.NewRecorder()
	i.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func signature(at int64, body, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(strconv.FormatInt(at, 10) + "." + body))
	return hex.EncodeToString(mac.Sum(nil))
}

func TestAMailIsTakenFromWhoKnowsTheSecret(t *testing.T) {
	basic := httptest.NewRequest(http.MethodPost, "/", nil)
	basic.SetBasicAuth("mail", pushSecret)
	for _, auth := range []string{"Bearer " + pushSecret, basic.Header.Get("Authorization")} {
		i, kept := intake(false)
		if status, body := push(i, "/api/mail/", pushed, "Authorization", auth); status != 202 || *kept != pushed || !strings.Contains(body, "id1") {
			t.Errorf("%d %s, %q", status, body, *kept)
		}
	}
}

func TestNobodyElseMayPushAMail(t *testing.T) {
	for _, auth := range []string{"", "Bearer", "Bearer ", "Bearer wrong", "Basic eDp5", pushSecret, "Bearer " + pushSecret + "x"} {
		i, kept := intake(false)
		if status, _ := push(i, "/api/mail", pushed, "Authorization", auth); status != 401 || *kept != "" {
			t.Errorf("%q: %d, %q", auth, status, *kept)
		}
	}
	closed, _ := intake(false)
	closed.Secrets = nil
	if status, _ := push(closed, "/api/mail", pushed, "Authorization", "Bearer "); status != 401 {
		t.Errorf("without a secret anybody may: %d", status)
	}
}

func TestASignedMailIsTakenForAFewMinutes(t *testing.T) {
	now := pushTime.Unix()
	for _, c := range []struct {
		at         int64
		secret     string
		body, auth string
		status     int
	}{
		{now, pushSecret, pushed, "", 202},
		{now - 200, pushSecret, pushed, "", 202},
		{now - 400, pushSecret, pushed, "", 401},
		{now + 400, pushSecret, pushed, "", 401},
		{now, "wrong", pushed, "", 401},
		{now, pushSecret, pushed + "more", "", 401},
		{now, "wrong", pushed, "Bearer " + pushSecret, 401}, // the secret itself is never to be sent
	} {
		i, _ := intake(true)
		status, _ := push(i, "/api/mail", c.body, "X-Mail-Timestamp", strconv.FormatInt(c.at, 10), "X-Mail-Signature", signature(c.at, pushed, c.secret), "Authorization", c.auth)
		if status != c.status {
			t.Errorf("%+v: %d", c, status)
		}
	}
}

func TestAFormCarriesTheWholeMail(t *testing.T) {
	for _, name := range []string{"email", "body-mime"} {
		var b bytes.Buffer
		form := multipart.NewWriter(&b)
		_ = form.WriteField("subject", "Hello")
		_ = form.WriteField(name, pushed)
		_ = form.Close()
		i, kept := intake(false)
		if status, _ := push(i, "/api/mail", b.String(), "Authorization", "Bearer "+pushSecret, "Content-Type", form.FormDataContentType()); status != 202 || *kept != pushed {
			t.Errorf("%s: %d, %q", name, status, *kept)
		}
	}
	i, _ := intake(false)
	if status, _ := push(i, "/api/mail", "--x--", "Authorization", "Bearer "+pushSecret, "Content-Type", "multipart/form-data; boundary=x"); status != 400 && status != 422 {
		t.Errorf("an empty form: %d", status)
	}
}

func TestAMailThatIsTooLargeIsRefusedForGood(t *testing.T) {
	i, _ := intake(false)
	for _, size := range []int{101, 3 << 20} {
		if status, _ := push(i, "/api/mail", strings.Repeat("x", size), "Authorization", "Bearer "+pushSecret); status != 413 {
			t.Errorf("%d bytes: %d", size, status)
		}
	}
}

func TestMailsArePushedToOneAddressByPost(t *testing.T) {
	i, _ := intake(false)
	if status, _ := push(i, "/api/mail/x", pushed, "Authorization", "Bearer "+pushSecret); status != 404 {
		t.Error(status)
	}
	w := httptest.NewRecorder()
	i.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/mail", nil))
	if w.Code != 405 {
		t.Error(w.Code)
	}
}
