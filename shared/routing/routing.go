// Package routing decides where a new ticket belongs and who takes it, and says why.
//
// Ideas: ordered rules come first and the first that matches decides; then a model that
// learned from tickets which people settled; a ticket about which that isn't sure
// stays in triage with the likeliest departments, and people decide. Among the people of the
// department, the present one with the fewest open tickets and room for another
// gets it. A ticket that names no language gets the one it is written in. A person's own decision always wins over a rule. Deciding is pure (Match);
// Handle is the use case around it, safe to repeat.
//
// Train makes models. A new one is better than the current one on tickets held back from
// both, beyond chance, or it is rejected; then it is a shadow until it has proven better
// on the tickets that came since; then it routes, and can be taken back.
//
// It stores models (learned.go); the decision, its reason, the words that spoke for it
// and the likeliest departments are on the ticket.
package routing

import (
	"context"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/language"
	"ticketsystem.example/shared/search"
)

// Consumer is this package's name in markers of handled events.
const Consumer = "route"

// Kinds are the types of facts that Handle acts on.
var Kinds = []string{desk.TicketCreated}

// version names the way of deciding, for the record.
const version = "rules-1"

// Case is what a rule looks at.
type Case struct {
	Title                string
	Description          string
	Category             string
	Language             string
	RequesterDepartments []desk.DepartmentID
}

// Match returns the first rule whose conditions all hold, and the condition that
// spoke for it in words.
func Match(rules []desk.Rule, c Case) (desk.Rule, string, bool) {
	text := search.NewText(c.Title, c.Description)
	for _, r := range rules {
		if why, ok := matches(r, c, text); ok {
			return r, why, true
		}
	}
	return desk.Rule{}, "", false
}

func matches(r desk.Rule, c Case, text search.Text) (string, bool) {
	why := ""
	if len(r.Words) > 0 {
		i := slices.IndexFunc(r.Words, text.Has)
		if i < 0 {
			return "", false
		}
		why = fmt.Sprintf("it says “%s”", r.Words[i])
	}
	for _, cond := range []struct{ want, have, say string }{
		{r.Category, c.Category, "the category is " + r.Category},
		{r.Language, c.Language, "the language is " + r.Language},
	} {
		if cond.want == "" {
			continue
		}
		if cond.want != cond.have {
			return "", false
		}
		why = join(why, cond.say)
	}
	if d := r.RequesterDepartment; d != "" {
		if !slices.Contains(c.RequesterDepartments, d) {
			return "", false
		}
		why = join(why, fmt.Sprintf("the requester is in %s", d))
	}
	return why, why != "" // a rule without a condition matches nothing
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + " and " + b
}

// Handle is a new Router's: it keeps no model from one call to the next.
func Handle(ctx context.Context, d *desk.Desk, e event.Event) error {
	return new(Router).Handle(ctx, d, e)
}

// Handle routes the ticket of a ticket.created event. Delivered again, it does
// nothing; the marker is written with the decision.
func (r *Router) Handle(ctx context.Context, d *desk.Desk, e event.Event) error {
	var fact desk.Fact
	if err := json.Unmarshal(e.Data, &fact); err != nil {
		return fault.Wrap(err, fault.Permanent, "unreadable_event", "the fact can't be read")
	}
	requester, err := d.Person(ctx, fact.Requester)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	model, err := r.current(ctx, d)
	if err != nil {
		return err
	}
	robot := desk.Robot(Consumer, e.ID, e.Depth)
	_, err = event.Once(ctx, d.DB, Consumer, e, d.Now(), func(tx *docdb.Tx) error {
		err := d.RouteIn(ctx, tx, robot, desk.TicketID(e.Subject), func(org *desk.Organisation, t desk.Ticket) (desk.Decision, error) {
			return decide(ctx, tx, t, place(org, t, fact, requester, model))
		})
		if fault.Is(err, fault.NotFound) {
			return nil // deleted before it was routed: nothing to do
		}
		return err
	})
	return err
}

// decide adds the person to a decision on the department.
func decide(ctx context.Context, tx *docdb.Tx, t desk.Ticket, made desk.Decision) (desk.Decision, error) {
	if t.Assignee != "" || t.Status != desk.StatusNew {
		made.Why.Assigned = "somebody has taken it already"
		return made, nil
	}
	department := t.Department
	if made.Department != "" {
		department = made.Department
	}
	agent, ok, err := desk.LeastLoaded(ctx, tx, department)
	if err != nil {
		return made, err
	}
	if !ok {
		made.Why.Assigned = fmt.Sprintf("nobody in %s is present with room for another ticket", department)
		return made, nil
	}
	made.Agent = &agent
	made.Why.Assigned = fmt.Sprintf("present, and the fewest open tickets in %s (%d)", department, agent.Open)
	return made, nil
}

// place decides department, category and priority: what the person gave stays, then
// the rules, then what was learned, then triage.
func place(org *desk.Organisation, t desk.Ticket, fact desk.Fact, requester desk.Person, model *learned) desk.Decision {
	made := desk.Decision{Why: desk.Routing{Version: version, Score: 1}}
	spoken := t.Language
	if spoken == "" {
		made.Language = language.Detect(t.Title + "\n" + t.Description)
		spoken = made.Language
	}
	given := func(field string) bool { return slices.Contains(fact.Given, field) }
	moved := t.Department != fact.Department
	rule, why, ok := Match(org.Rules, Case{
		Title: t.Title, Description: t.Description, Category: t.Category,
		Language: spoken, RequesterDepartments: requester.Departments,
	})
	if ok && !given("priority") && t.Priority == fact.Priority {
		made.Priority = rule.Then.Priority
	}
	switch {
	case given("department") || moved:
		made.Why.By, made.Why.Reason = "person", "A person chose the department."
	case ok:
		made.Department, made.Category = rule.Then.Department, rule.Then.Category
		made.Why.By, made.Why.Reason = "rule:"+rule.ID, fmt.Sprintf("Rule “%s”: %s.", rule.Name, why)
	case t.Category != "":
		made.Department, _ = org.Owner(t.Category)
		made.Why.By, made.Why.Reason = "category", fmt.Sprintf("The category %s belongs there.", t.Category)
	default:
		made.Why.By, made.Why.Score, made.Why.Reason = "triage", 0, "No rule matches; a person decides."
		model.advise(&made, org, t.Title, t.Description, spoken)
	}
	return made
}
