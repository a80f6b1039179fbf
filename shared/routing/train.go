package routing

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strings"
	"time"

	"ticketsystem.example/shared/classify"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// Limits of training.
const (
	newest     = 10_000 // tickets that are read
	leastKnown = 100    // examples to learn from
	leastLive  = 50     // tickets that a shadow must have seen
	mostLive   = 1000   // after which a shadow that is not better is given up
	confident  = 1.645  // standard deviations: 95 % one-sided
)

// lesson is a ticket whose department people have settled.
type lesson struct {
	classify.Example
	at        time.Time
	corrected bool // put there by a person, or moved there
	held      bool // never learned from
}

// Train lets the shadow become current if it has proven better on the tickets that came
// since it was trained, and gives it up if it hasn't. Without a shadow it trains a new
// one from the newest settled tickets, which must be better than the current one on
// tickets that neither has learned from. It says what it did. Done again at once it
// changes nothing.
func Train(ctx context.Context, d *desk.Desk) (string, error) {
	s, err := stand(ctx, d)
	if err != nil {
		return "", err
	}
	lessons, language, err := gather(ctx, d)
	if err != nil {
		return "", err
	}
	now, err := standingModel(ctx, d, s.Current)
	if err != nil {
		return "", err
	}
	if s.Shadow != "" {
		return watch(ctx, d, s, now, lessons)
	}
	return learn(ctx, d, s, now, lessons, language)
}

func standingModel(ctx context.Context, d *desk.Desk, name string) (*learned, error) {
	if name == "" {
		return nil, nil
	}
	return load(ctx, d, name)
}

// gather reads the newest tickets and keeps those that teach something: settled ones, in
// the language that most of them are written in.
func gather(ctx context.Context, d *desk.Desk) ([]lesson, string, error) {
	var all []lesson
	var spoken []string
	count := map[string]int{}
	page := desk.Page{Limit: desk.MaxLimit}
	for read := 0; read < newest; read += page.Limit {
		tickets, next, err := d.List(ctx, desk.Robot("train", "", 0), desk.Filter{ByCreation: true}, page)
		if err != nil {
			return nil, "", err
		}
		for i := range tickets {
			if l, ok := lessonOf(&tickets[i]); ok {
				all, spoken = append(all, l), append(spoken, tickets[i].Language)
				count[tickets[i].Language]++
			}
		}
		if page.Cursor = next; next == "" {
			break
		}
	}
	delete(count, "")
	language := ""
	for l, n := range count {
		if n > count[language] || n == count[language] && l < language {
			language = l
		}
	}
	var out []lesson
	for i, l := range all {
		if spoken[i] == language {
			out = append(out, l)
		}
	}
	slices.SortStableFunc(out, func(a, b lesson) int { return cmp.Or(a.at.Compare(b.at), strings.Compare(a.Text, b.Text)) })
	return out, language, nil
}

// lessonOf is what a ticket teaches. Where a person put it is where it belongs; where a
// rule or a model put it, only if it was solved there.
func lessonOf(t *desk.Ticket) (lesson, bool) {
	if t.Routing == nil || t.Status == desk.StatusMerged {
		return lesson{}, false
	}
	corrected := t.Routing.By == "person" || t.Department != t.Routing.Department
	if !corrected && t.Status != desk.StatusResolved && t.Status != desk.StatusClosed {
		return lesson{}, false
	}
	text := words(t.Title, t.Description)
	h := fnv.New32a()
	h.Write([]byte(strings.Join(strings.Fields(strings.ToLower(text)), " ")))
	return lesson{classify.Example{Text: text, Label: string(t.Department)}, t.CreatedAt, corrected, h.Sum32()%5 == 0}, true
}

// learn trains a candidate and makes it the shadow if it deserves that.
func learn(ctx context.Context, d *desk.Desk, s standing, now *learned, lessons []lesson, language string) (string, error) {
	var known []classify.Example
	var held, old []lesson
	corrected := map[desk.DepartmentID]int{}
	for _, l := range lessons {
		if l.corrected {
			corrected[desk.DepartmentID(l.Label)]++
		}
		if !l.held {
			known = append(known, l.Example)
			continue
		}
		held = append(held, l)
		if now != nil && l.at.Before(now.CreatedAt) {
			old = append(old, l)
		}
	}
	if len(known) < leastKnown {
		return fmt.Sprintf("%d settled tickets are too few to learn from; it takes %d.", len(known), leastKnown), nil
	}
	if len(lessons) == s.Examples {
		return "No ticket was settled since the last training.", nil
	}
	m, err := classify.Train(known)
	if err != nil {
		return err.Error(), nil // one department only: nothing to learn, and no failure
	}
	v := Version{Language: language, Examples: len(known), Corrected: corrected, CreatedAt: d.Now()}
	var better, worse bool
	v.Held, better, worse = compare(m, now, held)
	_, _, forgets := compare(m, now, old)
	switch {
	case better && !forgets:
		v.State, v.Verdict = Shadow, "Better on tickets held back from training; now it is watched."
	case forgets:
		v.State, v.Verdict = Rejected, "Worse than the current one on the tickets that were known when that was trained."
	case worse:
		v.State, v.Verdict = Rejected, "Worse than what is there on tickets held back from training."
	default:
		v.State, v.Verdict = Rejected, "Not clearly better than what is there on tickets held back from training."
	}
	err = d.DB.Run(ctx, func(tx *docdb.Tx) error {
		s, err := standIn(ctx, tx)
		if err != nil {
			return err
		}
		if s.Shadow != "" {
			return nil // somebody else trained meanwhile
		}
		s.Last++
		s.Examples = len(lessons)
		v.Name = fmt.Sprintf("r%06d", s.Last)
		if v.State == Shadow {
			s.Shadow = v.Name
			err = keep(tx, &v, m)
		} else {
			err = tx.Create(versionKey(v.Name), v)
		}
		if err != nil {
			return err
		}
		return tx.Put(standingKey, s)
	})
	return v.Name + ": " + v.Verdict, err
}

func standIn(ctx context.Context, r docdb.Reader) (standing, error) {
	s, err := docdb.Get[standing](ctx, r, standingKey)
	if fault.Is(err, fault.NotFound) {
		return standing{}, nil
	}
	return s, err
}

// watch judges the shadow on tickets that came after it.
func watch(ctx context.Context, d *desk.Desk, s standing, now *learned, lessons []lesson) (string, error) {
	shadow, err := load(ctx, d, s.Shadow)
	if err != nil {
		return "", err
	}
	var since []lesson
	for _, l := range lessons {
		if l.at.After(shadow.CreatedAt) {
			since = append(since, l)
		}
	}
	if len(since) < leastLive {
		return fmt.Sprintf("%s is watched: %d of %d tickets are settled.", shadow.Name, len(since), leastLive), nil
	}
	score, better, worse := compare(shadow.model, now, since)
	switch {
	case better:
		return shadow.Name + " routes from now on.", promote(ctx, d, shadow.Name, "Better on the tickets that came since it was trained.", score)
	case worse || len(since) >= mostLive:
		return shadow.Name + " is given up.", reject(ctx, d, shadow.Name, "Not better on the tickets that came since it was trained.", score)
	}
	return fmt.Sprintf("%s is watched: not clearly better after %d tickets.", shadow.Name, len(since)), nil
}

// compare asks a model and the current one, or whoever names the commonest department if
// there is none, and says whether the first is better or worse beyond chance (McNemar's
// test on the tickets where only one of them is right).
func compare(m *classify.Model, now *learned, about []lesson) (s Score, better, worse bool) {
	count := map[string]int{}
	common := ""
	for _, l := range about {
		if count[l.Label]++; count[l.Label] > count[common] {
			common = l.Label
		}
	}
	only, other := 0, 0
	said := 0.0
	for _, l := range about {
		guess := m.Predict(l.Text)
		right := guess.Guesses[0].Label == l.Label
		theirs := common == l.Label
		if now != nil {
			theirs = now.model.Predict(l.Text).Guesses[0].Label == l.Label
		}
		said += guess.Guesses[0].Probability
		s.Tickets++
		s.Right += one(right)
		s.Against += one(theirs)
		s.Sure += one(guess.Sure)
		s.RightSure += one(guess.Sure && right)
		only += one(right && !theirs)
		other += one(theirs && !right)
	}
	if s.Tickets > 0 {
		s.Off = math.Abs(said-float64(s.Right)) / float64(s.Tickets)
	}
	chance := confident * math.Sqrt(float64(only+other))
	return s, float64(only-other) > chance, float64(other-only) > chance
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
