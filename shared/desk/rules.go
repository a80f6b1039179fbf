package desk

import (
	"fmt"
	"time"

	"golang.org/x/text/language"

	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/sla"
)

// Target is how long tickets of a priority may wait, in minutes of working time. It takes
// the place of the default.
type Target struct {
	Priority      Priority `json:"priority"`
	FirstResponse int      `json:"first_response"`
	Resolution    int      `json:"resolution"`
}

// Limits of what the organisation works by.
const (
	MaxCalendars = 100
	MaxHolidays  = 500 // of a calendar
	MaxRules     = 200
	MaxRuleWords = 50 // words or phrases of a rule
	MaxRuleWord  = 100
	MaxTarget    = 366 * 24 * 60 // minutes
)

// Target is the one of a priority: what the organisation says, or the default.
func (o *Organisation) Target(p Priority) Target {
	for _, t := range o.Targets {
		if t.Priority == p {
			return t
		}
	}
	d := sla.For(string(p))
	return Target{p, int(d.FirstResponse / time.Minute), int(d.Resolution / time.Minute)}
}

// targets are those of a priority for the clocks.
func (o *Organisation) targets(p Priority) sla.Targets {
	t := o.Target(p)
	return sla.Targets{FirstResponse: time.Duration(t.FirstResponse) * time.Minute, Resolution: time.Duration(t.Resolution) * time.Minute}
}

// checkWork refuses calendars, targets and rules that nobody can work by.
func (o *Organisation) checkWork() error {
	errs := []error{
		check(len(o.Calendars) <= MaxCalendars, "calendars", "There can be %d calendars at most.", MaxCalendars),
		check(len(o.Rules) <= MaxRules, "rules", "There can be %d rules at most.", MaxRules),
	}
	if d, ok := o.Department(o.Triage); ok {
		errs = append(errs, check(d.Active, "triage", "%s is not active. What nobody else takes needs a department that is.", d.Name))
	}
	calendars, rules, targets := map[string]bool{}, map[string]bool{}, map[Priority]bool{}
	for _, c := range o.Calendars {
		_, badName := Text("name", c.Name, 1, MaxName, false)
		errs = append(errs, badName,
			check(ValidID(c.ID) && !calendars[c.ID], "calendars", "The id %q is repeated or not an id.", c.ID),
			check(len(c.Holidays) <= MaxHolidays, "holidays", "A calendar has %d holidays at most.", MaxHolidays))
		calendars[c.ID] = true
	}
	for _, t := range o.Targets {
		errs = append(errs,
			check(contains(Priorities, t.Priority) && !targets[t.Priority], "targets", "The priority %q is repeated or not known.", t.Priority),
			check(t.FirstResponse >= 1 && t.FirstResponse <= t.Resolution && t.Resolution <= MaxTarget, "targets",
				"A first response comes within 1 minute at least, and not after the resolution, which comes within %d minutes at most.", MaxTarget))
		targets[t.Priority] = true
	}
	for i, r := range o.Rules {
		if err := fault.Join(check(ValidID(r.ID) && !rules[r.ID], "id", "The id %q is repeated or not an id.", r.ID), o.checkRule(r)); err != nil {
			return within(fmt.Sprintf("rules.%d.", i), err)
		}
		rules[r.ID] = true
	}
	return fault.Join(errs...)
}

// checkRule refuses a rule that can't hold, or names what isn't there.
func (o *Organisation) checkRule(r Rule) error {
	_, badName := Text("name", r.Name, 1, MaxName, false)
	_, badLanguage := language.Parse(r.Language)
	_, known := o.Department(r.RequesterDepartment)
	errs := []error{badName,
		check(len(r.Words) > 0 || r.Category != "" || r.Language != "" || r.RequesterDepartment != "", "words", "A rule needs a condition: words, a category, a language or the requester's department."),
		check(len(r.Words) <= MaxRuleWords, "words", "A rule has %d words or phrases at most.", MaxRuleWords),
		check(r.Language == "" || badLanguage == nil, "language", "This is not a language as in BCP 47, like \"de\"."),
		check(r.RequesterDepartment == "" || known, "requester_department", "There is no department %q.", r.RequesterDepartment),
		check(r.Category == "" || o.hasCategory(r.Category), "category", "No department has a category %q.", r.Category),
		check(r.Then.Priority == "" || contains(Priorities, r.Then.Priority), "then.priority", "%q is not a priority.", r.Then.Priority),
		check(r.Then.Department != "", "then.department", "A rule says which department a ticket goes to."),
	}
	for _, w := range r.Words {
		_, err := Text("words", w, 1, MaxRuleWord, false)
		errs = append(errs, err)
	}
	return fault.Join(errs...)
}

// hasCategory reports whether some department has a category.
func (o *Organisation) hasCategory(id string) bool {
	for _, d := range o.Departments {
		for _, c := range d.Categories {
			if c.ID == id {
				return true
			}
		}
	}
	return false
}

// within says where the wrong values are.
func within(prefix string, err error) error {
	f, ok := err.(*fault.Error)
	if !ok {
		return err
	}
	for i := range f.Fields {
		f.Fields[i].Name = prefix + f.Fields[i].Name
	}
	return f
}
