package simulator

import (
	"fmt"
	"net/http"
	"strings"
)

// Ids of roles and policies follow the list of node classes.
const (
	roleBase   = 20
	policyBase = 50
)

func (f *fleet) renderOrganization(w *jsonWriter, c int) {
	w.begin('{')
	w.str("name", f.customers[c].org)
	if c%4 == 3 {
		w.str("description", "managed since "+fmt.Sprint(2015+c%10))
	}
	w.str("nodeApprovalMode", [...]string{"AUTOMATIC", "MANUAL"}[digit(c%6 == 5)])
	w.num("id", orgID(c))
	w.end('}')
}

// renderDetailedOrganization adds locations, policies and the settings, which hold credentials.
func (f *fleet) renderDetailedOrganization(secret string) func(*jsonWriter, int) {
	return func(w *jsonWriter, c int) {
		f.renderOrganization(w, c)
		w.b = w.b[:len(w.b)-1]
		w.open("locations", '[')
		for l := range f.customers[c].locations {
			w.begin('{')
			w.str("name", f.words.places[l])
			w.num("id", locationID(c, l))
			w.end('}')
		}
		w.end(']')
		w.raw("policies", "[]")
		w.raw("settings", fmt.Sprintf(`{"splashtop":{"product":"SPLASHTOP","enabled":true,"targets":[],"options":{"deployCode":%q}}}`, secret))
		w.end('}')
	}
}

// locationList lists customer and location as one number.
func (f *fleet) locationList() []uint32 {
	var rows []uint32
	for _, c := range f.organizations() {
		for l := range f.customers[c].locations {
			rows = append(rows, c*4+uint32(l))
		}
	}
	return rows
}

func flatLocationID(row int) int { return locationID(row/4, row%4) }

func (f *fleet) renderLocation(w *jsonWriter, row int) {
	c, l := row/4, row%4
	w.begin('{')
	w.str("name", f.words.places[l])
	if l == 0 {
		w.str("address", fmt.Sprintf("%d Example Street", c+1))
		w.str("description", "")
	}
	w.num("id", locationID(c, l))
	w.num("organizationId", orgID(c))
	w.end('}')
}

// title turns a class into words.
func title(class string) string {
	return strings.ToUpper(class[:1]) + strings.ToLower(strings.ReplaceAll(class[1:], "_", " "))
}

func (f *fleet) renderRole(w *jsonWriter, n int) {
	class := nodeClasses()[n]
	w.begin('{')
	w.num("id", roleBase+n)
	w.str("name", title(class))
	w.str("nodeClass", class)
	w.flag("custom", false)
	w.str("chassisType", "UNKNOWN")
	w.epoch("created", f.start.AddDate(-8, 0, 0))
	w.end('}')
}

func (f *fleet) renderPolicy(w *jsonWriter, n int) {
	class := nodeClasses()[n]
	w.begin('{')
	w.num("id", policyBase+n)
	w.str("name", title(class)+" policy")
	w.str("description", "")
	w.str("nodeClass", class)
	w.epoch("updated", f.start.AddDate(-1, 0, n))
	w.flag("nodeClassDefault", true)
	w.end('}')
}

// users is GET /v2/users: technicians, then end users, in one array.
func (n *ninja) users(c *call) {
	c.knows("userType", "includeRoles")
	kind := c.query.Get("userType")
	if kind != "" && kind != "TECHNICIAN" && kind != "END_USER" {
		n.fail(c, http.StatusBadRequest, "HTTP 400 Bad Request")
		return
	}
	var rows []uint32
	if kind != "END_USER" {
		rows = numbers(technicians)
	}
	if kind != "TECHNICIAN" {
		c.read(func() {
			for _, i := range c.f.endUsers() {
				rows = append(rows, technicians+i)
			}
		})
	}
	c.stream("[", rows, c.f.renderNinjaUser, "]")
}

// ninjaUserID is the id of a technician (below technicians) or of the end user who came with a machine.
func ninjaUserID(row int) int { return 30 + row }

// ninjaUserUID is the uid of the same, as devices name their owner.
func (f *fleet) ninjaUserUID(row int) string { return f.guid(-1000-row, topicBoard) }

func (f *fleet) renderNinjaUser(w *jsonWriter, row int) {
	staff := row < technicians
	h := human{}
	if staff {
		h = f.technician(row)
	} else {
		h = f.person(row - technicians)
	}
	w.begin('{')
	w.num("id", ninjaUserID(row))
	w.str("uid", f.ninjaUserUID(row))
	w.str("firstName", h.first)
	w.str("lastName", h.last)
	w.str("email", h.capitals())
	if staff {
		w.str("phone", fmt.Sprintf("+1555010%04d", row))
	}
	w.flag("enabled", ninjaUserOn(row))
	w.flag("administrator", row == 0)
	w.flag("permitAllClients", staff)
	w.flag("notifyAllClients", false)
	w.flag("mustChangePw", false)
	w.flag("mfaConfigured", ninjaUserMFA(row))
	w.str("userType", [...]string{"END_USER", "TECHNICIAN"}[digit(staff)])
	w.str("invitationStatus", "REGISTERED")
	if staff {
		w.nulls("organizationId")
	} else {
		w.num("organizationId", orgID(int(f.states[row-technicians].customer)))
	}
	w.nulls("tags", "fields")
	w.end('}')
}
