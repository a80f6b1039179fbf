package stories

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/tidwall/gjson"
)

// linkTo is the newest link that the emulator would have mailed to an address.
func (w *whole) linkTo(t *testing.T, kind, email string) string {
	t.Helper()
	res, err := http.Get("http://" + w.Suite.Auth + "/emulator/v1/projects/" + w.Suite.Project + "/oobCodes")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var said json.RawMessage
	if err := json.NewDecoder(res.Body).Decode(&said); err != nil {
		t.Fatal(err)
	}
	link := ""
	for _, code := range gjson.GetBytes(said, "oobCodes").Array() {
		if code.Get("email").String() == email && code.Get("requestType").String() == kind {
			link = code.Get("oobLink").String()
		}
	}
	return link
}

func TestWhoRegistersActsOnceTheAddressIsShownToBeTheirs(t *testing.T) {
	w := start(t)
	const email, password = "pat-registers@demo.example", "a-good-password"
	signIn := func() string {
		return w.must(t, "otto", "POST", "/api/token/", object{"email": email, "password": password}).text("access")
	}
	me := func(token string) answer {
		return w.ask(t, "otto", "GET", "/api/users/me/", nil, "Authorization", "Bearer "+token)
	}
	w.must(t, "otto", "POST", "/api/register/", object{"name": "Pat", "email": email, "password": password})
	token := signIn()
	if a := me(token); a.status != http.StatusForbidden || a.text("code") != "email_unverified" {
		t.Fatalf("before: %d %s", a.status, a.body.Raw)
	}
	w.must(t, "otto", "POST", "/api/register/resend/", object{"access": token})
	res, err := http.Get(w.linkTo(t, "VERIFY_EMAIL", email))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	token = signIn()
	a := me(token)
	if a.status != http.StatusOK || a.text("role") != "user" || a.text("name") != "Pat" {
		t.Fatalf("after: %d %s", a.status, a.body.Raw)
	}
	made := w.ask(t, "otto", "POST", "/api/tickets/", object{"title": "A printer", "description": "It smells."}, "Authorization", "Bearer "+token)
	if made.status != http.StatusCreated {
		t.Errorf("a ticket: %d %s", made.status, made.body.Raw)
	}

	// The account follows another name, and the address stays shown.
	w.must(t, "ada", "PATCH", "/api/users/"+a.text("id")+"/", object{"name": "Pat P"})
	eventually(t, "the new name is there", func() bool { return me(signIn()).text("name") == "Pat P" })

	// Whoever registers with it now is answered alike, and the owner is mailed a link.
	w.must(t, "otto", "POST", "/api/register/", object{"name": "Spy", "email": email, "password": "another-password"})
	if w.linkTo(t, "PASSWORD_RESET", email) == "" {
		t.Error("the owner heard nothing of it")
	}
}
