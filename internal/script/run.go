package script

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// run is one story under way.
type run struct {
	ctx    context.Context
	runner *Runner
	person string // whose token requests carry; "" or "nobody" for none
	values map[string]string
	last   *answer
	place  string   // where an upload goes: the latest answer's that said so
	get    *request // the latest request if it can be repeated without harm
}

// request is a request as it is written, its variables not yet filled in.
type request struct {
	method, path, body string
	headers            [][2]string
}

// answer is what came back, and what was asked.
type answer struct {
	asked  string
	status int
	header http.Header
	body   string
}

// Run tells the story. It returns nil, or the *Failure where it went wrong.
func (r *Runner) Run(ctx context.Context, s *Script) error {
	u := &run{ctx: ctx, runner: r, values: map[string]string{"run": strings.ToLower(rand.Text()[:12])}}
	err := u.steps(s.steps)
	var f *Failure
	if errors.As(err, &f) {
		f.Name = s.Name
	}
	return err
}

// steps runs statements until one fails, and notes which.
func (u *run) steps(steps []step) error {
	for _, s := range steps {
		err := s.do(u)
		if err == nil {
			continue
		}
		if f := (*Failure)(nil); errors.As(err, &f) {
			return f // of a statement inside a repeat
		}
		return &Failure{Line: s.line, Reason: err.Error(), Exchange: u.last.String()}
	}
	return nil
}

func (u *run) repeat(n int, steps []step) error {
	for i := range n {
		u.values["i"] = strconv.Itoa(i + 1)
		if err := u.steps(steps); err != nil {
			return err
		}
	}
	return nil
}

// send makes a request and keeps the answer.
func (u *run) send(q *request) error {
	u.get, u.last = nil, nil
	if q.method == http.MethodGet {
		u.get = q
	}
	path, err := u.expand(q.path)
	if err != nil {
		return err
	}
	body, err := u.expand(q.body)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(u.ctx, requestTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, q.method, u.runner.URL+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	if err := u.dress(req, q, body); err != nil {
		return err
	}
	if err := u.exchange(req, fmt.Sprintf("%s %s %s", q.method, path, short(body))); err != nil {
		return err
	}
	if place := gjson.Get(u.last.body, "upload"); place.IsObject() {
		u.place = place.Raw
	}
	return nil
}

// exchange sends a request and keeps the answer.
func (u *run) exchange(req *http.Request, asked string) error {
	res, err := u.runner.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	said, err := io.ReadAll(res.Body)
	if err != nil {
		return fmt.Errorf("the answer broke off: %w", err)
	}
	u.last = &answer{asked: asked, status: res.StatusCode, header: res.Header, body: string(said)}
	return nil
}

// upload sends a content to where an answer said.
func (u *run) upload(content string) error {
	if u.place == "" {
		return errors.New("no answer said yet where to upload to")
	}
	to := gjson.Parse(u.place)
	return u.away(to.Get("method").String(), to.Get("url").String(), content, to.Get("headers"))
}

// download gets what the answer's link leads to.
func (u *run) download() error {
	if u.last == nil {
		return errors.New("there is no answer yet to download from")
	}
	return u.away(http.MethodGet, gjson.Get(u.last.body, "url").String(), "", gjson.Result{})
}

// away makes a request to another place than the front door, without a token.
func (u *run) away(method, address, body string, headers gjson.Result) error {
	ctx, cancel := context.WithTimeout(u.ctx, requestTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return err
	}
	headers.ForEach(func(name, value gjson.Result) bool { req.Header.Set(name.String(), value.String()); return true })
	u.get = nil
	return u.exchange(req, fmt.Sprintf("%s %s %q", method, address, short(body)))
}

// requestTimeout is longer than any function may take.
const requestTimeout = 60 * time.Second

// dress sets a request's headers: the person's token, the type, what the story adds.
func (u *run) dress(req *http.Request, q *request, body string) error {
	if u.person != "" && u.person != "nobody" {
		token, err := u.runner.Token(u.ctx, u.person)
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, h := range q.headers {
		value, err := u.expand(h[1])
		if err != nil {
			return err
		}
		if req.Header.Set(h[0], value); value == "" {
			req.Header.Del(h[0])
		}
	}
	return nil
}

func (u *run) save(name string, s subject) error {
	if u.last == nil {
		return errors.New("there is no answer yet to save from")
	}
	v, err := s.of(u)
	if err != nil {
		return err
	}
	if !v.Exists() {
		return fmt.Errorf("save %s: the answer has no such value", name)
	}
	u.values[name] = plain(v)
	return nil
}

var placeholders = regexp.MustCompile(`\$(?:\$|([a-z][a-z0-9_]*)|\{(\d{1,7}) ([^}]+)\})`)

// expand fills in the variables.
func (u *run) expand(text string) (string, error) {
	var unknown error
	out := placeholders.ReplaceAllStringFunc(text, func(found string) string {
		m := placeholders.FindStringSubmatch(found)
		switch {
		case m[1] != "":
			v, ok := u.values[m[1]]
			if !ok {
				unknown = fmt.Errorf("nothing was saved as $%s", m[1])
			}
			return v
		case m[2] != "":
			n, _ := strconv.Atoi(m[2]) // up to seven digits always fit
			return strings.Repeat(m[3], n)
		}
		return "$"
	})
	return out, unknown
}

// String shows the exchange for a failure. It leaves out the token.
func (a *answer) String() string {
	if a == nil {
		return ""
	}
	return fmt.Sprintf("%s\n-> %d %s\n%s", a.asked, a.status, http.StatusText(a.status), short(a.body))
}

// short is the beginning of a long text.
func short(s string) string {
	const enough = 2000
	if len(s) <= enough {
		return s
	}
	return fmt.Sprintf("%s… (%d bytes)", s[:enough], len(s))
}
