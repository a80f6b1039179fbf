// Package condition lets people write when something is to happen, in CEL, the Common
// Expression Language: ticket.priority == "critical" && !("vip" in ticket.tags).
//
// Ideas: a condition sees a fixed list of typed values (Variables) and nothing else; it
// can't loop, call out or change anything. It is checked when it is saved: it must parse,
// name only these values, compare what can be compared, and answer yes or no. Running it
// costs a bounded number of steps, whatever it says and however long the texts are. Each
// variable is a name of its own, "ticket.title", so that a wrong one is found by name.
//
// A typical use:
//
//	c, err := condition.Parse(`ticket.source == "email"`)
//	yes, err := c.Holds(condition.Of(ticket, fact, now))
//
// It stores nothing and knows no rights: whoever asks decides what a condition may see.
package condition

import (
	"errors"
	"sync"
	"time"

	"cel.dev/cel-go/cel"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/fault"
)

// Limits of a condition.
const (
	MaxText = 2_000  // characters
	MaxCost = 20_000 // steps of one run, as CEL reckons them
)

// Event is what happened, as a condition sees it.
type Event struct {
	Type    string // of the fact, e.g. "ticket.replied"
	Actor   desk.PersonID
	Alarm   string   // of "ticket.alarm": which one
	Changed []string // names of the values that changed
	Note    bool     // only staff may know of it
}

// Values are what a condition is asked about.
type Values map[string]any

// Variable is one of the values that a condition sees.
type Variable struct {
	Name, About string
	kind        *cel.Type
	value       func(desk.Ticket, Event, time.Time) any
}

// Kind is what a variable is, for people.
func (v Variable) Kind() string { return v.kind.String() }

// Variables are all that a condition sees.
var Variables = []Variable{
	text("ticket.title", "its title", func(t desk.Ticket) string { return t.Title }),
	text("ticket.description", "what it says", func(t desk.Ticket) string { return t.Description }),
	text("ticket.department", "the id of its department", func(t desk.Ticket) string { return string(t.Department) }),
	text("ticket.category", "the id of its category", func(t desk.Ticket) string { return t.Category }),
	text("ticket.subcategory", "the id of its subcategory", func(t desk.Ticket) string { return t.Subcategory }),
	text("ticket.requester", "the id of whoever asks for help", func(t desk.Ticket) string { return string(t.Requester) }),
	text("ticket.assignee", "the id of whoever works on it, or an empty text", func(t desk.Ticket) string { return string(t.Assignee) }),
	text("ticket.status", "its status", func(t desk.Ticket) string { return string(t.Status) }),
	text("ticket.priority", "its priority", func(t desk.Ticket) string { return string(t.Priority) }),
	text("ticket.source", "how it came", func(t desk.Ticket) string { return string(t.Source) }),
	text("ticket.language", "its language, or an empty text", func(t desk.Ticket) string { return t.Language }),
	of("ticket.tags", "its tags", cel.ListType(cel.StringType), func(t desk.Ticket, _ Event, _ time.Time) any { return append([]string{}, t.Tags...) }),
	of("ticket.escalated", "whether it is escalated", cel.BoolType, func(t desk.Ticket, _ Event, _ time.Time) any { return t.Escalated }),
	of("ticket.breached", "whether a deadline was missed", cel.BoolType, func(t desk.Ticket, _ Event, _ time.Time) any { return t.Breached }),
	of("ticket.open", "whether there is still work to do", cel.BoolType, func(t desk.Ticket, _ Event, _ time.Time) any { return t.Status.Open() }),
	of("ticket.replies", "how many public replies it has", cel.IntType, func(t desk.Ticket, _ Event, _ time.Time) any { return int64(t.Replies) }),
	of("ticket.reopened", "how often it was reopened", cel.IntType, func(t desk.Ticket, _ Event, _ time.Time) any { return int64(t.Reopened) }),
	of("ticket.rating", "1 to 5, or 0 for none", cel.IntType, func(t desk.Ticket, _ Event, _ time.Time) any { return int64(t.Rating) }),
	of("ticket.created_at", "when it was opened", cel.TimestampType, func(t desk.Ticket, _ Event, _ time.Time) any { return t.CreatedAt }),
	of("ticket.age", "how long ago that is", cel.DurationType, func(t desk.Ticket, _ Event, now time.Time) any { return now.Sub(t.CreatedAt) }),
	of("event.type", "what happened, such as ticket.replied", cel.StringType, func(_ desk.Ticket, e Event, _ time.Time) any { return e.Type }),
	of("event.actor", "the id of whoever did it", cel.StringType, func(_ desk.Ticket, e Event, _ time.Time) any { return string(e.Actor) }),
	of("event.by_requester", "whether the requester did it", cel.BoolType, func(t desk.Ticket, e Event, _ time.Time) any { return e.Actor == t.Requester }),
	of("event.alarm", "which alarm rang, of a ticket.alarm", cel.StringType, func(_ desk.Ticket, e Event, _ time.Time) any { return e.Alarm }),
	of("event.changed", "names of the values that changed", cel.ListType(cel.StringType), func(_ desk.Ticket, e Event, _ time.Time) any { return append([]string{}, e.Changed...) }),
	of("event.note", "whether only staff may know of it", cel.BoolType, func(_ desk.Ticket, e Event, _ time.Time) any { return e.Note }),
	of("now", "this moment", cel.TimestampType, func(_ desk.Ticket, _ Event, now time.Time) any { return now }),
}

func of(name, about string, kind *cel.Type, value func(desk.Ticket, Event, time.Time) any) Variable {
	return Variable{name, about, kind, value}
}

func text(name, about string, value func(desk.Ticket) string) Variable {
	return of(name, about, cel.StringType, func(t desk.Ticket, _ Event, _ time.Time) any { return value(t) })
}

// Of are the values of a ticket to which something happened.
func Of(t desk.Ticket, e Event, now time.Time) Values {
	out := Values{}
	for _, v := range Variables {
		out[v.Name] = v.value(t, e, now)
	}
	return out
}

// environment is built at the first condition, since it weighs on the start.
var environment = sync.OnceValues(func() (*cel.Env, error) {
	var options []cel.EnvOption
	for _, v := range Variables {
		options = append(options, cel.Variable(v.Name, v.kind))
	}
	return cel.NewEnv(append(options, cel.ParserExpressionSizeLimit(MaxText), cel.ParserRecursionLimit(50))...)
})

// Condition is a text that was checked.
type Condition struct{ program cel.Program }

// Parse checks a condition. An empty one always holds.
func Parse(s string) (Condition, error) {
	if s == "" {
		return Condition{}, nil
	}
	s, err := desk.Text("condition", s, 1, MaxText, true)
	if err != nil {
		return Condition{}, err
	}
	env, err := environment()
	if err != nil {
		return Condition{}, err
	}
	ast, issues := env.Compile(s)
	if err := issues.Err(); err != nil {
		return Condition{}, fault.Bad("condition", "This is no condition: %v", err)
	}
	if ast.OutputType() != cel.BoolType {
		return Condition{}, fault.Bad("condition", "A condition answers yes or no; this gives a %s.", ast.OutputType())
	}
	p, err := env.Program(ast, cel.CostLimit(MaxCost), cel.InterruptCheckFrequency(100))
	return Condition{p}, err
}

// errFailed is a condition that could not be answered: it cost too much, or divided by zero.
var errFailed = errors.New("condition")

// Holds asks the condition. An error says why it gave no answer.
func (c Condition) Holds(v Values) (bool, error) {
	if c.program == nil {
		return true, nil
	}
	out, _, err := c.program.Eval(map[string]any(v))
	if err != nil {
		return false, errors.Join(errFailed, err)
	}
	yes, _ := out.Value().(bool)
	return yes, nil
}
