package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"ticketsystem.example/functions"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/serve"
)

// maxEnvelope is more than a pushed message can be: 10 MB in base64.
const maxEnvelope = 16 << 20

// envelope is the part of a push that is looked at on the way through.
type envelope struct {
	Message struct {
		ID         string            `json:"messageId"`
		Attributes map[string]string `json:"attributes"`
	} `json:"message"`
	Attempt int `json:"deliveryAttempt"`
}

// pushes is the internal door that Pub/Sub pushes to. It does what the emulator
// leaves out, the subscriptions' filters, and remembers what was delivered.
type pushes struct {
	routes map[string]route // by subscription
	client *http.Client
	seen   ring
}

// route is where a subscription's messages go.
type route struct {
	to     functions.Function
	url    string // of the function's process, with the topic's path as in production
	filter bool   // only the types of facts that the function takes
}

func newPushes(subs []Subscription, urls map[string]string, project string) *pushes {
	p := &pushes{routes: map[string]route{}, client: &http.Client{Transport: patient(pushWaits)}}
	for _, s := range subs {
		p.routes[s.Name] = route{
			to:     s.function,
			url:    urls[s.Function] + "/projects/" + project + "/topics/" + s.Topic,
			filter: s.Filter != "",
		}
	}
	return p
}

// handler serves POST /push/{subscription}.
func (p *pushes) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /push/{subscription}", p.take)
	return mux
}

// take passes one push on and answers what the function answers, so that Pub/Sub
// acknowledges or repeats accordingly.
func (p *pushes) take(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("subscription")
	to, ok := p.routes[name]
	if !ok {
		serve.WriteProblem(w, r, fault.Missing("subscription"))
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxEnvelope))
	var e envelope
	if err == nil {
		err = json.Unmarshal(body, &e)
	}
	if err != nil {
		serve.WriteProblem(w, r, fault.Wrap(err, fault.Invalid, "malformed", "This is not a push request of Pub/Sub."))
		return
	}
	kind := e.Message.Attributes["type"]
	if to.filter && !to.to.Takes(kind) {
		p.seen.skip(name)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	d := Delivery{
		At: time.Now().UTC(), Subscription: name, Function: to.to.Name, Message: e.Message.ID,
		Type: kind, Subject: e.Message.Attributes["ticket"], Attempt: e.Attempt,
	}
	if d.Attempt == 0 { // the emulator does not say
		d.Attempt = p.seen.count(name, d.Message) + 1
	}
	d.Status = p.forward(r, to, body)
	d.Took = time.Since(d.At)
	p.seen.add(d)
	w.WriteHeader(d.Status)
}

// forward hands the envelope to the function and returns its status, or 503 when it
// gives no answer in its time.
func (p *pushes) forward(r *http.Request, to route, body []byte) int {
	ctx, cancel := context.WithTimeout(r.Context(), time.Duration(to.to.TimeoutSec)*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.url, bytes.NewReader(body))
	if err != nil {
		return http.StatusServiceUnavailable
	}
	req.Header = r.Header.Clone()
	res, err := p.client.Do(req)
	if err != nil {
		return http.StatusServiceUnavailable
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}
