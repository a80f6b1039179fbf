package desk

import (
	"strings"
	"time"
)

// Role is what a person is in the organisation.
type Role string

// The roles of the contract. RoleRobot is for our own functions; no person has it.
const (
	RoleAdmin Role = "admin"
	RoleStaff Role = "staff"
	RoleUser  Role = "user"
	RoleRobot Role = "robot"
)

// Roles lists the roles that a person can have.
var Roles = []Role{RoleAdmin, RoleStaff, RoleUser}

// Person is somebody who may sign in. The document is the truth about their rights;
// the claims in a token are a copy for clients that listen to Firestore.
type Person struct {
	ID          PersonID       `json:"id"`
	Name        string         `json:"name"`
	Email       string         `json:"email"`
	Role        Role           `json:"role"`
	Departments []DepartmentID `json:"departments"` // staff work there; for users they give no rights
	Locale      string         `json:"locale"`      // BCP 47, e.g. "tr"
	Zone        string         `json:"zone"`        // IANA, e.g. "Europe/Istanbul"
	Present     bool           `json:"present"`     // new tickets may be assigned
	Capacity    int            `json:"capacity"`    // open tickets at once; 0 takes none
	Skills      []string       `json:"skills"`      // short words, e.g. "vpn"
	Disabled    bool           `json:"disabled"`
	Registered  bool           `json:"registered,omitzero"` // by themselves: acts only with a verified address
	NameKey     string         `json:"name_key"`            // the name folded, to be found by how it begins
	Version     int64          `json:"version"`             // counts the changes; see Revision
	CreatedAt   time.Time      `json:"created_at"`
	UpdatedAt   time.Time      `json:"updated_at"`
}

// Agent is how much a member of staff has to do. It is apart from Person because it
// changes with every assignment.
type Agent struct {
	Person      PersonID       `json:"person"`
	Departments []DepartmentID `json:"departments"`
	Present     bool           `json:"present"`
	Capacity    int            `json:"capacity"`
	Skills      []string       `json:"skills"`
	Open        int            `json:"open"` // open tickets assigned
}

// Actor is a person, or one of our functions, doing something.
type Actor struct {
	ID          PersonID
	Name        string
	Role        Role
	Departments []DepartmentID
	Cause       Cause // for robots: the event that made them act
}

// Cause is the event that a robot reacts to.
type Cause struct {
	Event string
	Depth int
}

// Actor is the person, acting.
func (p Person) Actor() Actor {
	return Actor{ID: p.ID, Name: p.Name, Role: p.Role, Departments: p.Departments}
}

// Robot is one of our functions acting on an event of the given depth.
func Robot(function, cause string, depth int) Actor {
	return Actor{ID: PersonID("robot:" + function), Name: function, Role: RoleRobot, Cause: Cause{Event: cause, Depth: depth}}
}

// IsRobot reports whether an id is one of our functions'. A robot's answer never
// counts as a response.
func IsRobot(id PersonID) bool { return strings.HasPrefix(string(id), "robot:") }

// Principals are the names under which the actor is in a ticket's audience.
func (a Actor) Principals() []string {
	switch a.Role {
	case RoleAdmin, RoleRobot:
		return []string{everyAdmin}
	case RoleStaff:
		out := []string{personPrincipal(a.ID)}
		for _, d := range a.Departments {
			out = append(out, departmentPrincipal(d))
		}
		return out
	}
	return []string{personPrincipal(a.ID)}
}

// everyAdmin is in the audience of each ticket that isn't deleted.
const everyAdmin = "role:admin"

func personPrincipal(id PersonID) string         { return "person:" + string(id) }
func departmentPrincipal(id DepartmentID) string { return "dept:" + string(id) }
