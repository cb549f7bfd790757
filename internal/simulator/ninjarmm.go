package simulator

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// ninjaMaxPage is the largest pageSize that the vendor's own samples name
// (docs/providers/ninjarmm-api.md, "Paging").
const ninjaMaxPage = 1000

// ninja is a NinjaOne tenant, as docs/providers/ninjarmm-api.md describes one.
type ninja struct {
	s       *Simulator
	tokens  *tokens
	refresh refreshTokens

	mu    sync.Mutex
	ends  map[string]map[int]bool // route and filter -> largest ids of the pages served
	walks map[string]*reportWalk  // by the name of their cursor
}

func newNinja(s *Simulator) *ninja {
	return &ninja{
		s: s, tokens: newTokens(s.secrets.ninjaToken, s.options),
		refresh: refreshTokens{prefix: s.secrets.refreshToken},
		ends:    map[string]map[int]bool{},
		walks:   map[string]*reportWalk{},
	}
}

func (n *ninja) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/api")
	if path == "/ws/oauth/token" {
		n.token(newCall(n.s, w, r, "ninjarmm", path))
		return
	}
	route, id := ninjaRoute(path)
	c := newCall(n.s, w, r, "ninjarmm", route)
	w.Header().Set("Date", c.clock().Format(http.TimeFormat))
	switch {
	case path == "/oauth/token" || path == "/ws/oauth/authorize":
		c.mistake("no such route on this host: %s", path)
		n.fail(c, http.StatusMethodNotAllowed, "HTTP 405 Method Not Allowed")
	case !n.admit(c):
	case !c.readOnly():
		n.fail(c, http.StatusMethodNotAllowed, "HTTP 405 Method Not Allowed")
	default:
		n.answer(c, route, id)
	}
}

// ninjaRoute names a path and takes the id out of it.
func ninjaRoute(path string) (route string, id int) {
	switch path {
	case "/v2/organizations", "/v2/organizations-detailed", "/v2/locations", "/v2/devices", "/v2/devices-detailed",
		"/v2/roles", "/v2/policies", "/v2/users", "/v2/contacts", alertsRoute:
		return path, 0
	}
	if _, is := ninjaReports()[path]; is {
		return path, 0
	}
	for _, prefix := range []string{"/v2/device/", "/v2/organization/"} {
		if text, ok := strings.CutPrefix(path, prefix); ok {
			if id, err := strconv.Atoi(text); err == nil {
				return prefix + "{id}", id
			}
		}
	}
	return "unknown route", 0
}

// admit checks the access token. What it does not admit is answered.
func (n *ninja) admit(c *call) bool {
	header := c.r.Header.Get("Authorization")
	scheme, token, _ := strings.Cut(header, " ")
	switch {
	case header == "":
		c.mistake("no Authorization header")
		c.json(http.StatusBadRequest,
			`{"error":"missing_header","error_description":"Missing required header","error_code":2}`)
		return false
	case !strings.EqualFold(scheme, "Bearer") || token == "":
		c.mistake("Authorization header of another scheme than Bearer")
		c.json(http.StatusBadRequest, `{"error":"invalid_header","error_code":1}`)
		return false
	}
	good, again := n.tokens.use(token, int(n.s.hosts[ninjaHost].inFlight.Load())-1)
	if again {
		c.mistake("request after a refused token")
	}
	if !good {
		c.json(http.StatusUnauthorized,
			`{"error":"not_authenticated","error_description":"Invalid credentials","error_code":10}`)
	}
	return good
}

// fail answers with the application's error object.
func (n *ninja) fail(c *call, status int, message string) {
	c.json(status, fmt.Sprintf(`{"resultCode":"FAILURE","errorMessage":%q,"incidentId":"WEB_MGMT_SERVICE-00000000000000000000"}`, message))
}

// answer serves an admitted request.
func (n *ninja) answer(c *call, route string, id int) {
	f := c.f
	switch route {
	case "/v2/organizations":
		n.serve(c, f.organizations(), orgID, amended(f.renderOrganization, f.organizationFields))
	case "/v2/organizations-detailed":
		n.serve(c, f.organizations(), orgID,
			amended(f.renderDetailedOrganization(n.s.secrets.settings), f.organizationFields))
	case "/v2/locations":
		n.serve(c, f.locationList(), flatLocationID, f.renderLocation)
	case "/v2/devices":
		n.serve(c, n.filtered(c), f.deviceID, f.renderPlainDevice)
	case "/v2/devices-detailed":
		n.serve(c, n.filtered(c), f.deviceID, n.detailed(f, c.expands("warranty")))
	case "/v2/device/{id}":
		n.device(c, id)
	case "/v2/organization/{id}":
		n.organization(c, id)
	case "/v2/roles":
		c.knows()
		c.stream("[", numbers(len(nodeClasses())), f.renderRole, "]")
	case "/v2/policies":
		c.knows()
		c.stream("[", numbers(len(nodeClasses())), f.renderPolicy, "]")
	case "/v2/users":
		n.users(c)
	case "/v2/contacts":
		c.json(http.StatusForbidden, `{"error":"user_context_required"}`)
	case alertsRoute:
		n.alertList(c)
	default:
		if _, is := ninjaReports()[route]; is {
			n.report(c, route)
			return
		}
		c.mistake("no such route: %s", c.r.URL.Path)
		n.fail(c, http.StatusNotFound, "HTTP 404 Not Found")
	}
}

// serve answers a list that is paged by pageSize and after. It has no total and no end mark but an empty array. Rows
// come by id except that the last two of a page change places: no order is promised, so the largest id counts, not the
// last.
func (n *ninja) serve(c *call, rows []uint32, id func(int) int, render func(*jsonWriter, int)) {
	c.knows("pageSize", "after", "df", "of", "expand")
	size, from, ok := n.page(c)
	if !ok {
		n.fail(c, http.StatusBadRequest, "HTTP 400 Bad Request")
		return
	}
	walk := c.route + "?" + c.query.Get("df")
	n.mu.Lock()
	if from != 0 && !n.ends[walk][from] {
		c.mistake("after is not the largest id of a page")
	}
	n.mu.Unlock()
	rows = after(rows, uint64(from), func(slot int) uint64 { return uint64(id(slot)) })
	rows = rows[:min(size, len(rows))]
	if last := len(rows) - 1; last >= 0 {
		n.remember(walk, id(int(rows[last])))
		if last > 0 {
			swapped := append([]uint32(nil), rows...)
			swapped[last], swapped[last-1] = swapped[last-1], swapped[last]
			rows = swapped
		}
	}
	c.stream("[", rows, render, "]")
}

func (n *ninja) remember(walk string, id int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ends[walk] == nil {
		n.ends[walk] = map[int]bool{}
	}
	n.ends[walk][id] = true
}

// page reads pageSize and after. More rows than the maximum are silently not given.
func (n *ninja) page(c *call) (size, from int, ok bool) {
	size = 1 << 30
	if !c.query.Has("pageSize") {
		c.mistake("pageSize missing")
	} else if number, err := strconv.Atoi(c.query.Get("pageSize")); err != nil || number < 1 {
		return 0, 0, false
	} else {
		if number > ninjaMaxPage {
			c.mistake("pageSize over %d", ninjaMaxPage)
		}
		size = min(number, n.s.options.PageCap)
	}
	if text := c.query.Get("after"); text != "" {
		number, err := strconv.Atoi(text)
		if err != nil || number < 0 {
			return 0, 0, false
		}
		from = number
	}
	return size, from, true
}

// detailed renders a device as in /v2/devices-detailed.
func (n *ninja) detailed(f *fleet, warranty bool) func(*jsonWriter, int) {
	return amended(f.renderDevice(n.s.secrets.note, warranty), f.cardFields(deviceSlots, deviceFields))
}

// device is GET /v2/device/{id}.
func (n *ninja) device(c *call, id int) {
	c.knows("expand")
	slot := slotOf(id, deviceBase)
	found := false
	w := jsonWriter{}
	c.read(func() {
		found = id >= deviceBase && slot/deviceSlots < len(c.f.states) && c.f.deviceID(slot) == id &&
			c.f.hasDevice(slot)
		if found {
			n.detailed(c.f, c.expands("warranty"))(&w, slot)
		}
	})
	if !found {
		n.fail(c, http.StatusNotFound, "HTTP 404 Not Found")
		return
	}
	c.json(http.StatusOK, string(w.b))
}

// organization is GET /v2/organization/{id}.
func (n *ninja) organization(c *call, id int) {
	c.knows()
	w := jsonWriter{}
	for _, customer := range c.f.organizations() {
		if orgID(int(customer)) == id {
			amended(c.f.renderDetailedOrganization(n.s.secrets.settings), c.f.organizationFields)(&w, int(customer))
		}
	}
	if len(w.b) == 0 {
		n.fail(c, http.StatusNotFound, "HTTP 404 Not Found")
		return
	}
	c.json(http.StatusOK, string(w.b))
}
