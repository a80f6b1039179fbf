package simulate

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"ticketsystem.example/internal/generate"
	"ticketsystem.example/shared/analytics"
	"ticketsystem.example/shared/bulk"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/notification"
	"ticketsystem.example/shared/routing"
	"ticketsystem.example/shared/serve"
	"ticketsystem.example/shared/start"
	"ticketsystem.example/shared/view"
)

// Absent are the functions of the catalogue that are not simulated, and why.
var Absent = map[string]string{
	"tokens":      "accounts in Firebase Auth",
	"admit":       "accounts in Firebase Auth",
	"attachments": "links that are signed for a while of real time",
	"scan":        "uploads",
	"sweep":       "uploads",
	"web":         "pages alone",
	"register":    "accounts in Firebase Auth",
	"deliver":     "mail and push, which have servers of their own in tests",
	"resend":      "mail and push, which have servers of their own in tests",
	"receive":     "mail, whose whole corpus is tested",
	"unpack":      "mail, whose whole corpus is tested",
	"reconcile":   "it mends what here must not break",
	"train":       "a model that is trained apart",
	"automate":    "rules that people write",
}

// consumers are the functions that act on facts, as their folders register them.
var consumers = map[string]struct {
	name   string
	kinds  []string
	handle func(context.Context, *desk.Desk, event.Event) error
	makes  bool // facts
}{
	"route":      {routing.Consumer, routing.Kinds, routing.Handle, true},
	"notify":     {notification.Consumer, notification.Kinds, notification.Handle, false},
	"measure":    {analytics.Consumer, analytics.Kinds, analytics.Handle, false},
	"count":      {view.Consumer, view.Kinds, view.Handle, true},
	"reorganise": {desk.Mover, desk.Moves, desk.Reorganise, true},
	"bulk": {bulk.Consumer, bulk.Kinds, func(ctx context.Context, d *desk.Desk, e event.Event) error {
		return bulk.Handle(bulk.OneByOne(ctx), d, e)
	}, true},
}

// served are the public functions that people use here.
var served = []string{"tickets", "people", "inbox", "views", "settings", "jobs", "presets", "reports"}

// function is one function with its instances, each with a memory of its own.
type function struct {
	world     *world
	name      string
	instances []*instance
	born      int
}

// instance is one process of a function.
type instance struct {
	world      *world
	name       string
	desk       *desk.Desk
	handler    http.Handler
	busy, dead bool
	skew       time.Duration // of its clock
	people     map[desk.PersonID]known
	lent       *shell
}

// known is a person as an instance remembers them.
type known struct {
	person desk.Person
	at     time.Time
}

// remembers is how long an instance believes what it has read of a person, as in
// start/api, and maxSkew by how much its clock may be wrong.
const (
	remembers = 20 * time.Second
	maxSkew   = 5 * time.Second
)

func (w *world) function(name string) *function { return w.functions[name] }

// hire lets the functions be there, without an instance yet.
func (w *world) hire() {
	names := append([]string{"relay", "alarm", "bury"}, served...)
	for name := range consumers {
		names = append(names, name)
	}
	for _, name := range names {
		w.functions[name] = &function{world: w, name: name}
	}
}

// instance finds an idle instance for a request, or starts one. Now and then an idle one
// is ended, or another one started though there is no need.
func (f *function) instance(request string) *instance {
	luck := f.world.chance("instance for " + request)
	var idle []*instance
	alive := f.instances[:0]
	for _, in := range f.instances {
		if in.dead && !in.busy {
			giveBack(in)
		}
		if in.dead {
			continue
		}
		alive = append(alive, in)
		if !in.busy {
			idle = append(idle, in)
		}
	}
	f.instances = alive
	if len(idle) > 0 && luck.IntN(12) == 0 {
		idle[0].dead = true // scaled in
		f.world.note(idle[0].name, "ends")
		idle = idle[1:]
	}
	if len(idle) > 0 && luck.IntN(12) > 0 {
		return idle[luck.IntN(len(idle))]
	}
	return f.begin(time.Duration(luck.Int64N(int64(2*maxSkew))) - maxSkew)
}

// begin starts an instance.
func (f *function) begin(skew time.Duration) *instance {
	f.born++
	w := f.world
	in := &instance{world: w, name: fmt.Sprintf("%s.%d", f.name, f.born), skew: skew, people: map[desk.PersonID]known{}}
	if w.Calm {
		in.skew = 0
	}
	var store docdb.Store = shelf{w, in}
	if m := w.Mutation; m != nil && m.Store != nil {
		store = m.Store(f.name, store)
	}
	db := docdb.Open(store, indexes).Waiting(w.collided)
	if contains(served, f.name) {
		in.lent = lend(f.name)
		in.desk = in.lent.desk
		in.desk.Restart()
		in.desk.DB, in.desk.Now = db, in.now
	} else {
		in.desk = desk.New(db, in.now)
	}
	in.desk.NewID = func() string { return w.running.newID() }
	in.handler = f.handler(in)
	if m := w.Mutation; m != nil && m.Handler != nil {
		in.handler = m.Handler(f.name, in.handler)
	}
	f.instances = append(f.instances, in)
	return in
}

var indexes = start.Indexes()

func (in *instance) now() time.Time { return in.world.now.Add(in.skew) }

// handler is what the function's folder registers.
func (f *function) handler(in *instance) http.Handler {
	d, w := in.desk, f.world
	bury := func(ctx context.Context, l event.DeadLetter) error { return event.Bury(ctx, d.DB, l) }
	switch f.name {
	case "relay":
		var to event.Publisher = &w.bus
		if m := w.Mutation; m != nil && m.Publisher != nil {
			to = m.Publisher(to)
		}
		return serve.Task(func(ctx context.Context) error {
			_, err := event.Relay{DB: d.DB, To: to}.Drain(ctx)
			return err
		})
	case "alarm":
		return serve.Task(func(ctx context.Context) error {
			fired, err := d.Alarms(ctx)
			if fired > 0 {
				in.Nudge(ctx)
			}
			return err
		})
	case "bury":
		return serve.DeadLetters(bury, d.Now)
	}
	if c, ok := consumers[f.name]; ok {
		out := serve.Consumer{Name: c.name, Kinds: c.kinds, Now: d.Now, Bury: bury,
			Handle: func(ctx context.Context, e event.Event) error { return c.handle(ctx, d, e) }}
		if c.makes {
			out.Wake = in
		}
		return out
	}
	return serve.Guard{API: in.lent.api, Auth: in, Wake: in}
}

// Actor implements serve.Authenticator: a person's id is their token.
func (in *instance) Actor(ctx context.Context, token string) (desk.Actor, error) {
	id := desk.PersonID(token)
	k, ok := in.people[id]
	if age := in.now().Sub(k.at); !ok || age >= remembers {
		p, err := in.desk.Person(ctx, id)
		if err != nil {
			return desk.Actor{}, err
		}
		k = known{p, in.now()}
		in.people[id] = k
	}
	if k.person.Disabled {
		return desk.Actor{}, fault.New(fault.Unauthenticated, "account_disabled", "This account is disabled.")
	}
	return k.person.Actor(), nil
}

// Nudge implements serve.Nudger. One in ten is lost.
func (in *instance) Nudge(context.Context) {
	w := in.world
	t := w.running
	if in.dead || !w.calm && t.luck.IntN(10) == 0 {
		return
	}
	w.after(time.Duration(t.luck.Int64N(int64(50*time.Millisecond))), func() { w.task("relay", t.name+" nudge") })
}

// task runs a function that needs no input.
func (w *world) task(function, name string) {
	in := w.function(function).instance(name)
	answer := httptest.NewRecorder()
	w.start(function+" by "+name, in, func(ctx context.Context) {
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", nil)
		r.Header.Set("Traceparent", trace)
		in.handler.ServeHTTP(answer, r)
	}, func() { w.note(function+" by "+name, fmt.Sprint("answers ", answer.Code)) })
}

// shell is a public function's operations over a desk that is filled anew for each
// instance: to describe them takes much longer than a whole run.
type shell struct {
	name string
	desk *desk.Desk
	api  *serve.API
}

var shells = struct {
	sync.Mutex
	idle map[string][]*shell
}{idle: map[string][]*shell{}}

func lend(name string) *shell {
	shells.Lock()
	defer shells.Unlock()
	if n := len(shells.idle[name]); n > 0 {
		s := shells.idle[name][n-1]
		shells.idle[name] = shells.idle[name][:n-1]
		return s
	}
	s := &shell{name: name, desk: desk.New(nil, nil), api: serve.NewAPI("Simulation")}
	generate.Routes()[name](s.api, s.desk)
	return s
}

func giveBack(in *instance) {
	if in.lent == nil {
		return
	}
	shells.Lock()
	defer shells.Unlock()
	shells.idle[in.lent.name] = append(shells.idle[in.lent.name], in.lent)
	in.lent = nil
}

func contains[T comparable](list []T, x T) bool {
	for _, y := range list {
		if y == x {
			return true
		}
	}
	return false
}
