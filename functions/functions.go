// Package functions is the catalogue: what is deployed, at which path, on which
// events or schedule, with which rights and limits.
//
// It is one table that the Pulumi program, the local runner, the docs and the tests
// all read, so that none of them can disagree. A function's code lies in the folder
// of its name; HTTP functions are nouns, event functions are verbs.
//
// It imports nothing and does nothing.
package functions

// Right is something a function's own service account may do. Nothing else is granted.
type Right string

// The rights there are; each stands for one narrow role in production.
const (
	ReadWriteData Right = "data"       // Firestore documents of this project
	VerifyPeople  Right = "people"     // look up accounts in Firebase Auth
	SignPeopleIn  Right = "sign-in"    // exchange passwords for tokens, with the web API key
	ManagePeople  Right = "accounts"   // create, change and sign out accounts in Firebase Auth, and have it mail them
	PublishFacts  Right = "publish"    // publish to the facts topic
	NudgeRelay    Right = "nudge"      // invoke the relay function
	SignFiles     Right = "sign-files" // sign links that put into quarantine and read what is clean
	KeepFiles     Right = "keep-files" // read, move and remove files in both buckets
	TieMail       Right = "tie-mail"   // read the keys that tie e-mail to its ticket
	KeepMail      Right = "keep-mail"  // keep mails as they came, and read them
	SendMail      Right = "send-mail"  // read the account at the mail server
)

// Function is one independently deployable function.
type Function struct {
	Name    string // folder, archive and service name
	Entry   string // the name it registers under; FUNCTION_TARGET
	Purpose string // one line for people

	Paths    []string // front-door paths; one that ends in a slash covers what is below it, * is any one part
	Events   []string // types of facts that are pushed to it
	Buries   bool     // it takes what other functions' dead-letter topics hold
	Uploads  bool     // it is told of each object that arrives in quarantine
	Schedule string   // cron line, UTC; "" for none

	MemoryMiB    int
	TimeoutSec   int
	Concurrency  int // requests that one instance answers at once
	MaxInstances int
	Rights       []Right
}

// Settings are the names of the environment variables that the function gets (see
// shared/config): what its rights let it use, and nothing else.
func (f Function) Settings() []string {
	out := []string{"GOOGLE_CLOUD_PROJECT"}
	api := f.Public() && (f.Has(VerifyPeople) || f.Has(SignPeopleIn))
	for _, s := range []struct {
		name   string
		wanted bool
	}{
		{"FIRESTORE_DATABASE", f.Has(ReadWriteData)},
		{"FACTS_TOPIC", f.Has(PublishFacts)},
		{"RELAY_URL", f.Has(NudgeRelay)},
		{"FIREBASE_API_KEY", f.Has(SignPeopleIn) || f.Has(ManagePeople)},
		{"QUARANTINE_BUCKET", f.Has(SignFiles) || f.Has(KeepFiles)},
		{"CLEAN_BUCKET", f.Has(SignFiles) || f.Has(KeepFiles)},
		{"FILE_TYPES", f.Has(SignFiles)},
		{"CLAMD_ADDRESS", f.Uploads},
		{"MAIL_DOMAIN", f.Has(TieMail)},
		{"MAIL_KEYS", f.Has(TieMail)},
		{"SELF_REGISTRATION", f.Public() && f.Has(ManagePeople)},
		{"MAIL_BUCKET", f.Has(KeepMail)},
		{"MAIL_SECRETS", f.Has(KeepMail) && f.Public()},
		{"MAIL_PUSH", f.Has(KeepMail) && f.Public()},
		{"MAIL_CHECKER", f.Has(KeepMail) && f.Has(TieMail)},
		{"MAIL_STRANGERS", f.Has(KeepMail) && f.Has(TieMail)},
		{"MAIL_MACHINES", f.Has(KeepMail) && f.Has(TieMail)},
		{"MAIL_FROM", f.Has(SendMail)},
		{"SMTP_ADDRESS", f.Has(SendMail)},
		{"SMTP_USER", f.Has(SendMail)},
		{"SMTP_PASSWORD", f.Has(SendMail)},
		{"SITE_URL", f.Has(SendMail)},
		{"FORWARDED_HOPS", f.Public()},
		{"ALLOWED_ORIGINS", api},
		{"RATE_PER_PERSON", api},
		{"RATE_PER_ADDRESS", api},
	} {
		if s.wanted {
			out = append(out, s.name)
		}
	}
	return out
}

// Secrets are the settings that are secrets. In production each is the latest version of a
// secret of its name, in lower case with hyphens, which an operator fills in; nobody writes
// its value anywhere else.
var Secrets = []string{"MAIL_KEYS", "MAIL_SECRETS", "SMTP_PASSWORD"}

// CPUs is how many CPUs an instance has, and GOMAXPROCS of its process. Go by itself
// reckons with at least two, and what it then spends on keeping both busy was a fifth
// of a function's CPU.
const CPUs = 1

// GCPercent is GOGC of a function's process. Its heap is a few MiB, a small part of
// the instance's memory, so collecting half as often costs nothing that is short.
const GCPercent = 200

// Topic is where all facts are published.
const Topic = "facts"

// UploadsTopic is where Cloud Storage tells of each object that arrives in quarantine.
const UploadsTopic = "uploads"

// Bucket is a place for files. No person reads or writes it but by a signed link.
type Bucket struct {
	Name    string // as in the setting NAME_BUCKET, where its full name is
	Notify  string // topic that is told of each new object; "" for none
	Days    int    // after which an object is removed by itself, whatever happened; 0 for never
	Browser bool   // pages of the allowed origins may send to it and read from it
}

// Buckets are all there are. What is in quarantine longer than a file may wait there was
// forgotten by everybody.
var Buckets = []Bucket{
	{Name: "quarantine", Notify: UploadsTopic, Days: 9, Browser: true},
	{Name: "clean", Browser: true},
	{Name: "mail", Days: 400}, // a month longer than a Message-ID is known
}

// Delivery of facts to a function.
const (
	AckDeadlineSec = 60  // longer than any handler may run
	MinBackoffSec  = 1   // between deliveries of a fact that failed
	MaxBackoffSec  = 600 // and at most
	MaxAttempts    = 10  // then it goes to the dead-letter topic
)

// Topic is where what is pushed to the function comes from, "" if nothing is. What goes to
// the one that buries comes from the others' dead-letter topics.
func (f Function) Topic() string {
	switch {
	case len(f.Events) > 0:
		return Topic
	case f.Uploads:
		return UploadsTopic
	}
	return ""
}

// Subscription is the name of the subscription that pushes to the function.
func (f Function) Subscription() string { return f.Topic() + "-" + f.Name }

// DeadLetters is the topic that takes what the function could not handle.
func (f Function) DeadLetters() string { return f.Subscription() + "-dead" }

// Public reports whether the function is reachable through the front door.
func (f Function) Public() bool { return len(f.Paths) > 0 }

// Takes reports whether facts of the type are pushed to the function.
func (f Function) Takes(eventType string) bool {
	for _, t := range f.Events {
		if t == eventType {
			return true
		}
	}
	return false
}

// Filter is the subscription's filter in Pub/Sub's language.
func (f Function) Filter() string {
	out := ""
	for i, t := range f.Events {
		if i > 0 {
			out += " OR "
		}
		out += `attributes.type = "` + t + `"`
	}
	return out
}

// Has reports whether the function holds the right.
func (f Function) Has(r Right) bool {
	for _, x := range f.Rights {
		if x == r {
			return true
		}
	}
	return false
}

// Catalogue is every function, HTTP ones first.
var Catalogue = []Function{
	{
		Name: "tickets", Entry: "Tickets", Purpose: "Tickets, their comments and their history.",
		Paths:     []string{"/api/tickets/"},
		MemoryMiB: 256, TimeoutSec: 30, Concurrency: 80, MaxInstances: 50,
		Rights: []Right{ReadWriteData, VerifyPeople, NudgeRelay},
	},
	{
		Name: "people", Entry: "People", Purpose: "People, departments and categories.",
		Paths:     []string{"/api/users/", "/api/departments/", "/api/categories/"},
		MemoryMiB: 256, TimeoutSec: 30, Concurrency: 80, MaxInstances: 20,
		Rights: []Right{ReadWriteData, VerifyPeople, NudgeRelay},
	},
	{
		Name: "tokens", Entry: "Tokens", Purpose: "Sign-in: tokens for e-mail and password, their renewal, and links to choose a password.",
		Paths:     []string{"/api/token/"},
		MemoryMiB: 256, TimeoutSec: 15, Concurrency: 40, MaxInstances: 10,
		Rights: []Right{ReadWriteData, VerifyPeople, SignPeopleIn},
	},
	{
		Name: "register", Entry: "Register", Purpose: "People make accounts for themselves, where the stack allows it.",
		Paths:     []string{"/api/register/"},
		MemoryMiB: 256, TimeoutSec: 30, Concurrency: 40, MaxInstances: 2,
		Rights: []Right{ReadWriteData, VerifyPeople, SignPeopleIn, ManagePeople, NudgeRelay},
	},
	{
		Name: "inbox", Entry: "Inbox", Purpose: "A person's notifications.",
		Paths:     []string{"/api/notifications/"},
		MemoryMiB: 256, TimeoutSec: 15, Concurrency: 80, MaxInstances: 20,
		Rights: []Right{ReadWriteData, VerifyPeople},
	},
	{
		Name: "reports", Entry: "Reports", Purpose: "Numbers of departments and of one's own tickets, and tickets as CSV.",
		Paths:     []string{"/api/analytics/"},
		MemoryMiB: 256, TimeoutSec: 1800, Concurrency: 40, MaxInstances: 10,
		Rights: []Right{ReadWriteData, VerifyPeople},
	},
	{
		Name: "views", Entry: "Views", Purpose: "Saved views, and how many tickets each has.",
		Paths:     []string{"/api/views/"},
		MemoryMiB: 256, TimeoutSec: 30, Concurrency: 80, MaxInstances: 20,
		Rights: []Right{ReadWriteData, VerifyPeople, NudgeRelay},
	},
	{
		Name: "presets", Entry: "Presets", Purpose: "Canned replies, macros and templates of tickets.",
		Paths:     []string{"/api/canned-replies/", "/api/macros/", "/api/templates/"},
		MemoryMiB: 256, TimeoutSec: 30, Concurrency: 80, MaxInstances: 20,
		Rights: []Right{ReadWriteData, VerifyPeople},
	},
	{
		Name: "settings", Entry: "Settings", Purpose: "What administrators see and set of the desk itself.",
		Paths:     []string{"/api/admin/"},
		MemoryMiB: 256, TimeoutSec: 30, Concurrency: 80, MaxInstances: 5,
		Rights: []Right{ReadWriteData, VerifyPeople, NudgeRelay},
	},
	{
		Name: "jobs", Entry: "Jobs", Purpose: "Changes of many tickets at once: begin, watch, cancel, take back.",
		Paths:     []string{"/api/bulk/", "/api/tickets/bulk/"},
		MemoryMiB: 256, TimeoutSec: 30, Concurrency: 20, MaxInstances: 10,
		Rights: []Right{ReadWriteData, VerifyPeople, NudgeRelay},
	},
	{
		Name: "attachments", Entry: "Attachments", Purpose: "Files of tickets: links to send and to get them, never the files themselves.",
		Paths:     []string{"/api/attachments/", "/api/tickets/*/attachments/"},
		MemoryMiB: 256, TimeoutSec: 30, Concurrency: 80, MaxInstances: 20,
		Rights: []Right{ReadWriteData, VerifyPeople, NudgeRelay, SignFiles},
	},
	{
		Name: "receive", Entry: "Receive", Purpose: "Takes mails that a mail server or provider pushes, and keeps each as it came.",
		Paths:     []string{"/api/mail/"},
		MemoryMiB: 512, TimeoutSec: 50, Concurrency: 4, MaxInstances: 10,
		Rights: []Right{ReadWriteData, NudgeRelay, KeepMail},
	},
	{
		Name: "web", Entry: "Web", Purpose: "The API's description and its reader.",
		Paths:     []string{"/api/openapi.json", "/api/docs", "/"},
		MemoryMiB: 128, TimeoutSec: 15, Concurrency: 80, MaxInstances: 10,
	},
	{
		Name: "relay", Entry: "Relay", Purpose: "Publishes the facts that wait in the outbox.",
		Schedule:  "* * * * *",
		MemoryMiB: 256, TimeoutSec: 50, Concurrency: 8, MaxInstances: 2,
		Rights: []Right{ReadWriteData, PublishFacts},
	},
	{
		Name: "alarm", Entry: "Alarm", Purpose: "Lets things happen at their time: warnings, breaches, ends of holds, closing.",
		Schedule:  "* * * * *",
		MemoryMiB: 256, TimeoutSec: 50, Concurrency: 1, MaxInstances: 1,
		Rights: []Right{ReadWriteData, NudgeRelay},
	},
	{
		Name: "route", Entry: "Route", Purpose: "Finds the department and the person for a new ticket.",
		Events:    []string{"ticket.created"},
		MemoryMiB: 256, TimeoutSec: 50, Concurrency: 20, MaxInstances: 10,
		Rights: []Right{ReadWriteData, NudgeRelay},
	},
	{
		Name: "notify", Entry: "Notify", Purpose: "Tells the people whom a fact concerns, and those who look on.",
		Events: []string{
			"ticket.created", "ticket.routed", "ticket.updated", "ticket.replied", "ticket.noted", "ticket.comment_edited", "ticket.escalated", "ticket.alarm",
			"ticket.linked", "ticket.merged", "ticket.unmerged", "ticket.absorbed", "ticket.released", "ticket.split", "ticket.rated", "ticket.deleted",
		},
		MemoryMiB: 256, TimeoutSec: 50, Concurrency: 20, MaxInstances: 10,
		Rights: []Right{ReadWriteData, NudgeRelay},
	},
	{
		Name: "deliver", Entry: "Deliver", Purpose: "Sends people by e-mail what they are to be told.",
		Events:    []string{"notice.addressed"},
		MemoryMiB: 256, TimeoutSec: 50, Concurrency: 10, MaxInstances: 10,
		Rights: []Right{ReadWriteData, TieMail, SendMail},
	},
	{
		Name: "resend", Entry: "Resend", Purpose: "Sends what had to wait: for the end of quiet hours, or for a mail server.",
		Schedule:  "* * * * *",
		MemoryMiB: 256, TimeoutSec: 50, Concurrency: 1, MaxInstances: 1,
		Rights: []Right{ReadWriteData, TieMail, SendMail},
	},
	{
		Name: "measure", Entry: "Measure", Purpose: "Counts facts by day, department, category and agent.",
		Events: []string{
			"ticket.created", "ticket.updated", "ticket.routed", "ticket.replied", "ticket.escalated", "ticket.alarm",
			"ticket.merged", "ticket.unmerged", "ticket.absorbed", "ticket.released", "ticket.rated", "ticket.deleted",
		},
		MemoryMiB: 256, TimeoutSec: 50, Concurrency: 20, MaxInstances: 5,
		Rights: []Right{ReadWriteData},
	},
	{
		Name: "count", Entry: "Count", Purpose: "Keeps the counts of saved views.",
		Events: []string{
			"ticket.created", "ticket.updated", "ticket.routed", "ticket.replied", "ticket.escalated", "ticket.alarm",
			"ticket.merged", "ticket.unmerged", "ticket.absorbed", "ticket.released", "ticket.deleted", "filter.added",
		},
		MemoryMiB: 256, TimeoutSec: 50, Concurrency: 20, MaxInstances: 5,
		Rights: []Right{ReadWriteData, NudgeRelay},
	},
	{
		Name: "reorganise", Entry: "Reorganise", Purpose: "Brings the rights to its tickets after a department that moved, and the open tickets out of one that is closed.",
		Events:    []string{"branch.moved", "department.closed"},
		MemoryMiB: 256, TimeoutSec: 50, Concurrency: 4, MaxInstances: 2,
		Rights: []Right{ReadWriteData, NudgeRelay},
	},
	{
		Name: "bulk", Entry: "Bulk", Purpose: "Does the parts of changes of many tickets.",
		Events:    []string{"bulk.step"},
		MemoryMiB: 256, TimeoutSec: 50, Concurrency: 4, MaxInstances: 10,
		Rights: []Right{ReadWriteData, NudgeRelay},
	},
	{
		Name: "scan", Entry: "Scan", Purpose: "Checks each file that was uploaded, and lets it through or rejects it.",
		Uploads:   true,
		MemoryMiB: 512, TimeoutSec: 55, Concurrency: 2, MaxInstances: 10,
		Rights: []Right{ReadWriteData, NudgeRelay, KeepFiles},
	},
	{
		Name: "unpack", Entry: "Unpack", Purpose: "Makes of each mail what it is: a reply, a ticket, or a placeholder for what can't be read.",
		Events:    []string{"mail.received"},
		MemoryMiB: 512, TimeoutSec: 50, Concurrency: 2, MaxInstances: 10,
		Rights: []Right{ReadWriteData, NudgeRelay, KeepFiles, TieMail, KeepMail},
	},
	{
		Name: "automate", Entry: "Automate", Purpose: "Does what administrators want to happen by itself.",
		Events:    []string{"ticket.created", "ticket.routed", "ticket.updated", "ticket.replied", "ticket.noted", "ticket.escalated", "ticket.alarm", "ticket.rated"},
		MemoryMiB: 256, TimeoutSec: 50, Concurrency: 20, MaxInstances: 10,
		Rights: []Right{ReadWriteData, NudgeRelay},
	},
	{
		Name: "sweep", Entry: "Sweep", Purpose: "Removes files that nobody waits for: uploads that never came, what was rejected or removed.",
		Schedule:  "17 * * * *",
		MemoryMiB: 256, TimeoutSec: 50, Concurrency: 1, MaxInstances: 1,
		Rights: []Right{ReadWriteData, KeepFiles},
	},
	{
		Name: "admit", Entry: "Admit", Purpose: "Brings accounts after the people whom administrators add and change.",
		Events:    []string{"person.changed"},
		MemoryMiB: 256, TimeoutSec: 50, Concurrency: 10, MaxInstances: 2,
		Rights: []Right{ReadWriteData, ManagePeople},
	},
	{
		Name: "reconcile", Entry: "Reconcile", Purpose: "Compares facts with their effects, and sends again what had none; seals each day's history.",
		Schedule:  "*/10 * * * *",
		MemoryMiB: 256, TimeoutSec: 50, Concurrency: 1, MaxInstances: 1,
		Rights: []Right{ReadWriteData, NudgeRelay},
	},
	{
		Name: "train", Entry: "Train", Purpose: "Lets routing learn from the tickets that people settled, and judges what it learned.",
		Schedule:  "40 2 * * *",
		MemoryMiB: 1024, TimeoutSec: 540, Concurrency: 1, MaxInstances: 1,
		Rights: []Right{ReadWriteData},
	},
	{
		Name: "bury", Entry: "Bury", Purpose: "Keeps dead letters where people can see and redrive them.",
		Buries:    true,
		MemoryMiB: 256, TimeoutSec: 50, Concurrency: 10, MaxInstances: 2,
		Rights: []Right{ReadWriteData},
	},
}

// Named returns the catalogue's row for a function.
func Named(name string) (Function, bool) {
	for _, f := range Catalogue {
		if f.Name == name {
			return f, true
		}
	}
	return Function{}, false
}

// Owner returns the public function that answers a path: the longest declared path
// that covers it. A path without its last slash means the same.
func Owner(path string) (Function, bool) {
	var best Function
	longest := -1
	for _, f := range Catalogue {
		for _, p := range f.Paths {
			if covers(p, path) && len(p) > longest {
				best, longest = f, len(p)
			}
		}
	}
	return best, longest >= 0
}

func covers(declared, path string) bool {
	for {
		want, declaredRest, more := cut(declared)
		got, pathRest, further := cut(path)
		switch {
		case want != got && (want != "*" || got == ""):
			return false
		case !more:
			return !further || pathRest == ""
		case declaredRest == "": // it ends in a slash, so anything may follow
			return true
		case !further:
			return false
		}
		declared, path = declaredRest, pathRest
	}
}

// cut splits a path at its first slash.
func cut(path string) (part, rest string, found bool) {
	for i := range len(path) {
		if path[i] == '/' {
			return path[:i], path[i+1:], true
		}
	}
	return path, "", false
}
