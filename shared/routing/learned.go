package routing

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"time"

	"ticketsystem.example/shared/classify"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// The collections of this package: which model routes, one document; what is known of each
// model; its file, in parts that a document can hold.
const (
	standings = "router"
	routers   = "routers"
	files     = "router_files"
)

var standingKey = docdb.Key{Collection: standings, ID: "current"}

func versionKey(name string) docdb.Key { return docdb.Key{Collection: routers, ID: name} }
func fileKey(name string, part int) docdb.Key {
	return docdb.Key{Collection: files, ID: fmt.Sprintf("%s-%d", name, part)}
}

// filePart is how many characters of a file one document holds.
const filePart = 900_000

// standing says which model routes, which one is watched, and which one routed before.
type standing struct {
	Current  string `json:"current"`
	Shadow   string `json:"shadow"`
	Previous string `json:"previous"`
	Last     int64  `json:"last"`     // number of the newest version
	Examples int    `json:"examples"` // of the last training, so that nothing new is nothing to do
}

// State is what became of a model.
type State string

// The states of a model.
const (
	Shadow   State = "shadow"   // watched: it is asked about tickets, and doesn't route
	Current  State = "current"  // routes
	Retired  State = "retired"  // routed once, and can again
	Rejected State = "rejected" // was not better than what was there
)

// Version is what is known of a model that was trained.
type Version struct {
	Name      string                    `json:"name"`
	State     State                     `json:"state"`
	CreatedAt time.Time                 `json:"created_at"`
	Language  string                    `json:"language"`  // that its tickets are written in; "" if no one knows
	Examples  int                       `json:"examples"`  // that it learned from
	Corrected map[desk.DepartmentID]int `json:"corrected"` // tickets that people put there themselves
	Held      Score                     `json:"held"`      // on tickets held back from training
	Live      Score                     `json:"live"`      // on tickets that came after it was trained
	Verdict   string                    `json:"verdict"`   // why it has its state
	Parts     int                       `json:"parts"`     // of its file
}

// Score is how a model did on tickets whose department is known, beside another.
type Score struct {
	Tickets   int     `json:"tickets"`
	Right     int     `json:"right"`
	Against   int     `json:"against"`    // how many the other had right
	Sure      int     `json:"sure"`       // it would have decided without a person
	RightSure int     `json:"right_sure"` // and was right
	Off       float64 `json:"off"`        // mean difference of said and real certainty
}

// learned is a model that was loaded.
type learned struct {
	Version
	model *classify.Model
}

// Router routes by rules and by what was learned; it keeps the model that it loaded. The
// zero value is ready.
type Router struct {
	mu     sync.Mutex
	asked  time.Time
	router *learned // nil if there is none
}

// fresh is how long a router takes the current model for current.
const fresh = 20 * time.Second

// current loads the model that routes now, if there is one and it isn't here already.
func (r *Router) current(ctx context.Context, d *desk.Desk) (*learned, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := d.Now()
	if !r.asked.IsZero() && now.Sub(r.asked) < fresh {
		return r.router, nil
	}
	s, err := stand(ctx, d)
	if err != nil {
		return nil, err
	}
	if s.Current == "" {
		r.router = nil
	} else if r.router == nil || r.router.Name != s.Current {
		if r.router, err = load(ctx, d, s.Current); err != nil {
			return nil, err
		}
	}
	r.asked = now
	return r.router, nil
}

func stand(ctx context.Context, r *desk.Desk) (standing, error) {
	s, err := docdb.Get[standing](ctx, r.DB, standingKey)
	if fault.Is(err, fault.NotFound) {
		return standing{}, nil
	}
	return s, err
}

type part struct {
	Text string `json:"text"`
}

// load reads a model. One whose file is damaged is none.
func load(ctx context.Context, d *desk.Desk, name string) (*learned, error) {
	v, err := docdb.Get[Version](ctx, d.DB, versionKey(name))
	if err != nil {
		return nil, err
	}
	var text strings.Builder
	for i := range v.Parts {
		p, err := docdb.Get[part](ctx, d.DB, fileKey(name, i))
		if err != nil {
			return nil, err
		}
		text.WriteString(p.Text)
	}
	file, err := base64.StdEncoding.DecodeString(text.String())
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", name, err)
	}
	m, err := classify.Decode(file)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", name, err)
	}
	return &learned{v, m}, nil
}

// keep writes a model's file and what is known of it.
func keep(tx *docdb.Tx, v *Version, m *classify.Model) error {
	text := base64.StdEncoding.EncodeToString(m.Encode())
	for v.Parts = 0; text != ""; v.Parts++ {
		n := min(len(text), filePart)
		if err := tx.Create(fileKey(v.Name, v.Parts), part{text[:n]}); err != nil {
			return err
		}
		text = text[n:]
	}
	return tx.Create(versionKey(v.Name), v)
}

// enough is how many tickets people must have put into a department themselves before a
// model puts some there alone.
const enough = 50

// advise asks the model about a ticket that no rule knows. It decides only if it is sure,
// the ticket is in its language, and people have shown often enough what belongs there.
func (l *learned) advise(made *desk.Decision, org *desk.Organisation, title, text, spoken string) {
	if l == nil || spoken != "" && spoken != l.Language {
		return
	}
	said := l.model.Predict(words(title, text))
	why := &made.Why
	for _, g := range said.Guesses {
		if d, ok := org.Department(desk.DepartmentID(g.Label)); ok && d.Active {
			why.Suggestions = append(why.Suggestions, desk.Suggestion{Department: d.ID, Score: g.Probability})
		}
	}
	if len(why.Suggestions) == 0 {
		return
	}
	best := why.Suggestions[0]
	why.Version, why.Score, why.Words = l.Name, best.Score, said.Reasons
	if string(best.Department) != said.Guesses[0].Label || !said.Sure || spoken == "" || l.Corrected[best.Department] < enough {
		why.Reason = fmt.Sprintf("No rule matches, and it is not clear enough that this belongs to %s; a person decides.", best.Department)
		return
	}
	made.Department = best.Department
	why.By = "model"
	why.Reason = fmt.Sprintf("It reads like what people sent to %s: “%s”.", best.Department, strings.Join(said.Reasons, "”, “"))
}

// words are what a model reads of a ticket.
func words(title, text string) string { return title + "\n" + text }
