package console

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"time"

	"ticketsystem.example/internal/stack"
	"ticketsystem.example/shared/event"
)

//go:embed templates
var templates embed.FS

//go:embed style.css
var css []byte

func style(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = w.Write(css) // an error here means that nobody listens any more
}

// page is one page: a title, a template and the data that it shows.
type page struct {
	Path  string
	Title string
	file  string
	data  func(console, *http.Request) (any, error)
}

// menu lists the pages in the order they are shown.
var menu = []page{
	{"/_dev/{$}", "Functions", "functions.html", console.functionsPage},
	{"/_dev/events", "Events", "events.html", console.eventsPage},
	{"/_dev/facts", "Facts", "facts.html", console.factsPage},
	{"/_dev/mail", "Mail", "mail.html", console.mailPage},
	{"/_dev/dead-letters", "Dead letters", "dead.html", console.deadPage},
}

// pages holds the parsed templates by path.
var pages = parse()

type parsed struct {
	page
	*template.Template
}

func parse() map[string]parsed {
	tools := template.FuncMap{
		"mib":   func(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) },
		"ms":    func(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) },
		"clock": func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000") },
		"href":  href,
	}
	out := map[string]parsed{}
	for _, p := range menu {
		t := template.New("layout.html").Funcs(tools)
		out[p.Path] = parsed{p, template.Must(t.ParseFS(templates, "templates/layout.html", "templates/"+p.file))}
	}
	return out
}

// href is a page's address.
func href(p page) string { return string(bytes.TrimSuffix([]byte(p.Path), []byte("{$}"))) }

// page answers with a page. ?refresh=N makes it reload itself every N seconds.
func (c console) page(p parsed) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		data, err := p.data(c, r)
		view := map[string]any{"Page": p.page, "Menu": menu, "URL": c.stack.URL, "Data": data, "Refresh": 0, "Wrong": ""}
		if n, bad := strconv.Atoi(r.URL.Query().Get("refresh")); bad == nil && n > 0 {
			view["Refresh"] = n
		}
		status := http.StatusOK
		if err != nil {
			view["Wrong"], status = err.Error(), http.StatusServiceUnavailable
		}
		var out bytes.Buffer
		if err := p.Execute(&out, view); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(status)
		_, _ = w.Write(out.Bytes()) // an error here means that nobody listens any more
	}
}

func (c console) functionsPage(*http.Request) (any, error) {
	clock, err := c.clock()
	return struct {
		Functions []stack.Function
		Clock     Clock
	}{c.stack.Functions(), clock}, err
}

func (c console) eventsPage(*http.Request) (any, error) {
	return struct {
		Topics        []string
		Subscriptions []stack.Subscription
		Deliveries    []stack.Delivery
	}{c.stack.Topics(), c.stack.Subscriptions(), c.stack.Deliveries()}, nil
}

func (c console) factsPage(r *http.Request) (any, error) {
	facts, err := c.facts(r)
	waiting := slices.DeleteFunc(slices.Clone(facts), func(f Fact) bool { return !f.Waiting })
	return struct {
		Facts   []Fact
		Waiting int
	}{facts, len(waiting)}, err
}

func (c console) deadPage(r *http.Request) (any, error) {
	letters, err := c.deadLetters(r)
	dead := slices.DeleteFunc(c.stack.Subscriptions(), func(s stack.Subscription) bool { return s.Dead != "" })
	return struct {
		Letters       []event.DeadLetter
		Subscriptions []stack.Subscription
	}{letters, dead}, err
}
