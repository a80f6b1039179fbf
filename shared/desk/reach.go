package desk

// Below are the department and all under it, in the order of the tree's list.
func (o *Organisation) Below(id DepartmentID) []DepartmentID {
	var out []DepartmentID
	for _, d := range o.Departments {
		if contains(o.Path(d.ID), id) {
			out = append(out, d.ID)
		}
	}
	return out
}

// Reach are the departments whose tickets the actor sees by role rather than by name:
// all for an admin, for staff their own and those below, none for a user. It says in
// departments what an audience says in principals, so it needs no change of tickets
// when a branch moves.
func (o *Organisation) Reach(a Actor) []DepartmentID {
	var out []DepartmentID
	for _, d := range o.Departments {
		if o.reaches(a, d.ID) {
			out = append(out, d.ID)
		}
	}
	return out
}

func (o *Organisation) reaches(a Actor, id DepartmentID) bool {
	switch a.Role {
	case RoleAdmin, RoleRobot:
		return true
	case RoleStaff:
		for _, above := range o.Path(id) {
			if contains(a.Departments, above) {
				return true
			}
		}
	}
	return false
}
