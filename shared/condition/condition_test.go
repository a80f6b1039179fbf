package condition_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"ticketsystem.example/shared/condition"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/fault"
)

var now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// fire is a ticket that was opened two hours ago and answered by its requester.
var fire = condition.Of(desk.Ticket{
	Title: "Printer on fire", Department: "it", Requester: "uma", Status: desk.StatusNew, Priority: desk.PriorityCritical, Source: "email", Tags: []string{"vip"},
	Replies: 3, CreatedAt: now.Add(-2 * time.Hour),
}, condition.Event{Type: "ticket.replied", Actor: "uma", Changed: []string{"status"}}, now)

func TestAConditionAnswersYesOrNo(t *testing.T) {
	for text, want := range map[string]bool{
		``:                                   true,
		`ticket.priority == "critical"`:      true,
		`ticket.priority in ["low", "high"]`: false,
		`"vip" in ticket.tags && ticket.replies > 2`:                       true,
		`ticket.title.matches("(?i)FIRE") && ticket.source == "email"`:     true,
		`ticket.age > duration("90m") && ticket.open`:                      true,
		`now - ticket.created_at < duration("1h")`:                         false,
		`event.by_requester && "status" in event.changed && !event.note`:   true,
		`event.type == "ticket.alarm" && event.alarm.startsWith("breach")`: false,
		`ticket.tags.exists(t, t.startsWith("v"))`:                         true,
		`ticket.assignee == "" ? ticket.department == "it" : false`:        true,
	} {
		c, err := condition.Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, err := c.Holds(fire); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
}

func TestWhatCouldNeverWorkIsRefusedWhenItIsSaved(t *testing.T) {
	for text, says := range map[string]string{
		`ticket.nothing == 1`:           "ticket.nothing",
		`person.name == "x"`:            "person",
		`ticket.title == 3`:             "overload",
		`ticket.title`:                  "yes or no",
		`ticket.title ==`:               "Syntax",
		strings.Repeat("(", 200):        "no condition",
		strings.Repeat("a", 2001):       "characters",
		"ticket.open\x00":               "character",
		`ticket.title.delete()`:         "undeclared",
		`ticket.tags.map(t, t) == ["a"`: "Syntax",
	} {
		_, err := condition.Parse(text)
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Invalid || len(f.Fields) != 1 || !strings.Contains(f.Fields[0].Message, says) {
			t.Errorf("%.40s: %v, which should speak of %s", text, f, says)
		}
	}
}

func TestAConditionThatCostsTooMuchGivesNoAnswer(t *testing.T) {
	list := "[" + strings.Repeat("1,", 200) + "1]"
	c, err := condition.Parse(list + `.all(x, ` + list + `.all(y, x + y > 0))`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Holds(fire); err == nil {
		t.Error("forty thousand steps were made")
	}
}

func TestEachVariableHasAValueOfItsKind(t *testing.T) {
	for _, v := range condition.Variables {
		c, err := condition.Parse(`string(type(` + v.Name + `)) != "" || true`)
		if err != nil {
			c, err = condition.Parse(v.Name + ` == ` + v.Name)
		}
		if err != nil {
			t.Errorf("%s: %v", v.Name, err)
			continue
		}
		if yes, err := c.Holds(condition.Of(desk.Ticket{}, condition.Event{}, now)); err != nil || !yes {
			t.Errorf("%s: %v, %v", v.Name, yes, err)
		}
	}
}
