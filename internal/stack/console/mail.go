package console

import (
	"net/http"
	"slices"
	"strings"

	"ticketsystem.example/internal/mailbox"
)

// mail lists what the system has sent, newest first: ?to= an address, and with ?about= in
// the subject.
func (c console) mail(r *http.Request) ([]mailbox.Mail, error) {
	to, about := r.URL.Query().Get("to"), r.URL.Query().Get("about")
	all := slices.DeleteFunc(c.stack.Mails(), func(m mailbox.Mail) bool {
		return to != "" && !slices.Contains(m.To, to) || !strings.Contains(m.Subject, about)
	})
	slices.Reverse(all)
	return all, nil
}

func (c console) mailPage(r *http.Request) (any, error) { return c.mail(r) }
