package presets

import (
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/preset"
)

// Preset is one in a list.
type Preset struct {
	ID         string    `json:"id" example:"h2v9x2m4p8q1w7z5t6rb"`
	Name       string    `json:"name" example:"Known outage"`
	Department *string   `json:"department" doc:"It is for this department and those below it; null for all." example:"network"`
	Everyone   bool      `json:"everyone" doc:"A template that users are offered too."`
	Languages  []string  `json:"languages" doc:"In which there is a text to send." example:"en"`
	Version    int64     `json:"version" doc:"The ETag is made of it." example:"1"`
	UpdatedAt  time.Time `json:"updated_at"`
}

func showEntry(e preset.Entry) Preset {
	return Preset{e.ID, e.Name, scope(e.Department), e.Everyone, e.Languages, e.Version, e.UpdatedAt}
}

// scope is nil for all.
func scope(d desk.DepartmentID) *string {
	if d == "" {
		return nil
	}
	s := string(d)
	return &s
}

// Stored is what the desk says of every preset.
type Stored struct {
	ID        string    `json:"id" example:"h2v9x2m4p8q1w7z5t6rb"`
	By        string    `json:"by" doc:"Id of the person who made it." example:"priya"`
	Version   int64     `json:"version" doc:"The ETag is made of it." example:"1"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

func stored(p preset.Preset) Stored {
	return Stored{p.ID, string(p.By), p.Version, p.CreatedAt, p.UpdatedAt}
}

// Text is a text in several languages.
type Text struct {
	Language string            `json:"language" minLength:"2" maxLength:"16" doc:"The language whose text stands in for others, BCP 47." example:"en"`
	Texts    map[string]string `json:"texts" minProperties:"1" maxProperties:"20" doc:"Markdown by language, up to 20,000 characters each." example:"{\"en\": \"Dear {{requester.first_name}}, we know of it.\", \"de\": \"Guten Tag {{requester.name}}, wir wissen davon.\"}"`
}

func (t *Text) words() preset.Words {
	if t == nil {
		return preset.Words{}
	}
	return preset.Words{Language: t.Language, Texts: t.Texts}
}

func showText(w preset.Words) *Text {
	if len(w.Texts) == 0 {
		return nil
	}
	return &Text{w.Language, w.Texts}
}

// NewCannedReply is what a canned reply shall be.
type NewCannedReply struct {
	Name       string `json:"name" minLength:"1" maxLength:"80" example:"Known outage"`
	Department string `json:"department,omitempty" maxLength:"128" doc:"For this department and those below it; leave it out for all." example:"network"`
	Text
}

func (in NewCannedReply) draft() preset.Draft {
	return preset.Draft{Name: in.Name, Department: desk.DepartmentID(in.Department), Reply: in.words()}
}

// CannedReply is a canned reply as clients see it.
type CannedReply struct {
	Stored
	Name       string  `json:"name" example:"Known outage"`
	Department *string `json:"department" doc:"It is for this department and those below it; null for all." example:"network"`
	Text
}

func showCannedReply(p preset.Preset) CannedReply {
	return CannedReply{stored(p), p.Draft.Name, scope(p.Draft.Department), *showText(p.Draft.Reply)}
}

// NewMacro is what a macro shall be.
type NewMacro struct {
	Name       string         `json:"name" minLength:"1" maxLength:"80" example:"Known outage"`
	Department string         `json:"department,omitempty" maxLength:"128" doc:"For this department and those below it; leave it out for all." example:"network"`
	Changes    preset.Changes `json:"changes,omitzero"`
	Reply      *Text          `json:"reply,omitempty" doc:"What it says to the requester."`
	Note       *Text          `json:"note,omitempty" doc:"What it says to staff."`
}

func (in NewMacro) draft() preset.Draft {
	return preset.Draft{Name: in.Name, Department: desk.DepartmentID(in.Department), Changes: in.Changes, Reply: in.Reply.words(), Note: in.Note.words()}
}

// Macro is a macro as clients see it.
type Macro struct {
	Stored
	Name       string         `json:"name" example:"Known outage"`
	Department *string        `json:"department" doc:"It is for this department and those below it; null for all." example:"network"`
	Changes    preset.Changes `json:"changes"`
	Reply      *Text          `json:"reply,omitempty" doc:"What it says to the requester."`
	Note       *Text          `json:"note,omitempty" doc:"What it says to staff."`
}

func showMacro(p preset.Preset) Macro {
	d := p.Draft
	return Macro{stored(p), d.Name, scope(d.Department), d.Changes, showText(d.Reply), showText(d.Note)}
}

// NewTemplate is what a template shall be.
type NewTemplate struct {
	Name       string         `json:"name" minLength:"1" maxLength:"80" example:"New colleague"`
	Department string         `json:"department,omitempty" maxLength:"128" doc:"For the staff of this department and those below it; leave it out for all."`
	Everyone   bool           `json:"everyone,omitempty" doc:"Offer it to users too."`
	Ticket     preset.Opening `json:"ticket" doc:"What it fills in."`
}

func (in NewTemplate) draft() preset.Draft {
	return preset.Draft{Name: in.Name, Department: desk.DepartmentID(in.Department), Everyone: in.Everyone, Ticket: in.Ticket}
}

// Template is a template as clients see it.
type Template struct {
	Stored
	Name       string         `json:"name" example:"New colleague"`
	Department *string        `json:"department" doc:"It is for the staff of this department and those below it; null for all."`
	Everyone   bool           `json:"everyone" doc:"Users are offered it too."`
	Ticket     preset.Opening `json:"ticket" doc:"What it fills in."`
}

func showTemplate(p preset.Preset) Template {
	return Template{stored(p), p.Draft.Name, scope(p.Draft.Department), p.Draft.Everyone, p.Draft.Ticket}
}
