package simulator

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
)

// immy is an ImmyBot instance, as docs/providers/immybot-api.md describes one.
type immy struct {
	s        *Simulator
	unsorted atomic.Int64 // requests for lists without a stable order
}

func newImmy(s *Simulator) *immy { return &immy{s: s} }

// spa is what the web application answers to every path that the backend does not know: with status 200.
const spa = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>ImmyBot</title></head><body><div id="app"></div></body></html>`

func (m *immy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	route, id := immyRoute(strings.ToLower(r.URL.Path))
	c := newCall(m.s, w, r, "immybot", route)
	switch {
	case route == "unknown route":
		c.mistake("no such route: %s", r.URL.Path)
		c.text(http.StatusOK, "text/html", spa)
	case !m.admit(c):
	case !c.readOnly():
		c.w.WriteHeader(http.StatusMethodNotAllowed)
	case r.URL.ForceQuery || strings.HasSuffix(r.URL.RawQuery, "&"): // recorded as a mistake already
		c.w.WriteHeader(http.StatusNotFound)
	default:
		m.answer(c, route, id)
	}
}

// immyRoute names a path and takes the id out of it.
func immyRoute(path string) (route string, id int) {
	route, ok := strings.CutPrefix(path, "/api/v1")
	if !ok {
		return "unknown route", 0
	}
	switch route {
	case "/auth", "/tenants", "/tenants/computer-counts", "/computers", "/computers/paged", "/provider-types",
		"/provider-links",
		"/provider-agents/pending", "/persons", "/users", "/tags", sessionsRoute,
		actionsRoute:
		return route, 0
	}
	parts := strings.Split(route, "/")
	if len(parts) >= 3 {
		if id, err := strconv.Atoi(parts[2]); err == nil {
			parts[2] = "{id}"
			switch named := strings.Join(parts, "/"); named {
			case "/computers/{id}", "/tenants/{id}", "/persons/{id}", "/provider-links/{id}",
				"/provider-links/{id}/clients", "/maintenance-sessions/{id}/cancel":
				return named, id
			}
		}
	}
	return "unknown route", 0
}

// admit checks the access token. What it does not admit is answered.
func (m *immy) admit(c *call) bool {
	scheme, token, _ := strings.Cut(c.r.Header.Get("Authorization"), " ")
	good, again := false, false
	if strings.EqualFold(scheme, "Bearer") && token != "" {
		good, again = m.s.tokens.use(token, int(m.s.hosts[immyHost].inFlight.Load())-1)
	} else {
		c.mistake("Authorization header of another scheme than Bearer")
	}
	if again {
		c.mistake("request after a refused token")
	}
	if !good {
		c.w.Header().Set("WWW-Authenticate", "Bearer")
		c.w.WriteHeader(http.StatusUnauthorized)
	}
	return good
}

// answer serves an admitted request.
func (m *immy) answer(c *call, route string, id int) {
	switch route {
	case "/auth":
		c.knows()
		c.json(http.StatusOK, `{"userId":7,"tenantId":1,"tenantName":"Example Managed Services","isAdmin":false,"isMSP":true,"currentReleaseVersion":"0.74.1","isInstanceUpdating":false,"isInstanceRestarting":false,"instanceUpdateHasFailed":false,"maximumTrackableComputers":100000,"claims":[]}`)
	case "/tenants":
		m.sieve(c, m.tenantRows(c), amended(c.f.renderTenant, c.f.tenantFields))
	case "/tenants/computer-counts":
		c.knows()
		c.stream("[", m.tenantRows(c), c.f.renderComputerCount, "]")
	case "/computers":
		m.shortList(c)
	case "/computers/paged":
		m.paged(c)
	case "/computers/{id}":
		m.computer(c, id)
	case "/tenants/{id}":
		m.single(c, m.tenantRows(c), c.f.tenantRowID, id, amended(c.f.renderTenant, c.f.tenantFields))
	case "/persons/{id}":
		m.single(c, m.personRows(c), c.f.personRowID, id, amended(c.f.renderPerson, c.f.personFields))
	case "/provider-agents/pending":
		m.pending(c)
	case sessionsRoute:
		m.sessionList(c)
	case actionsRoute:
		m.actionList(c)
	case "/maintenance-sessions/{id}/cancel":
		c.mistake("a session was cancelled by reading a route that acts")
		c.w.WriteHeader(http.StatusNoContent)
	case "/persons":
		m.sieve(c, m.personRows(c), amended(c.f.renderPerson, c.f.personFields))
	case "/users":
		m.sieve(c, numbers(technicians+1+len(c.f.planted.users)), amended(c.f.renderImmyUser, c.f.userFields))
	case "/tags":
		c.knows("name", "orderByUpdatedDate", "pageSize")
		c.json(http.StatusOK, "[]")
	default:
		m.providers(c, route, id)
	}
}

// sieve answers a list of the Sieve dialect: an array without total, whole unless PageSize is given.
func (m *immy) sieve(c *call, rows []uint32, render func(*jsonWriter, int)) {
	c.knows("Filters", "Sorts", "Page", "PageSize")
	if filters := c.query.Get("Filters"); strings.HasSuffix(filters, "==") {
		c.mistake("Filters without a value")
		c.w.WriteHeader(http.StatusInternalServerError)
		return
	} else if filters != "" {
		c.mistake("Filters is not simulated: %s", filters)
	}
	page, detail := c.bounded("Page", 1, 1, 1<<30)
	size, detail2 := c.bounded("PageSize", max(len(rows), 1), 1, 1<<30)
	if detail+detail2 != "" {
		c.json(http.StatusBadRequest, fmt.Sprintf(`{"type":"https://tools.ietf.org/html/rfc9110#section-15.5.1","title":"One or more validation errors occurred.","status":400,"errors":{"Page":[%q]}}`, detail+detail2))
		return
	}
	rows = rows[min((page-1)*size, len(rows)):]
	c.stream("[", rows[:min(size, len(rows))], render, "]")
}

// single answers with the one of the rows that has the id.
func (m *immy) single(c *call, rows []uint32, idOf func(row int) int, id int, render func(*jsonWriter, int)) {
	c.knows()
	for _, row := range rows {
		if idOf(int(row)) == id {
			c.stream("", []uint32{row}, render, "")
			return
		}
	}
	c.json(http.StatusNotFound,
		`{"type":"https://tools.ietf.org/html/rfc9110#section-15.5.5","title":"Not Found","status":404}`)
}

// offset answers a list of the plain dialect: {"count", "results"} by skip and take. Only an order by the named columns
// is stable; any other shifts from request to request, so that rows at page borders come twice or never.
func (m *immy) offset(c *call, rows []uint32, render func(*jsonWriter, int), columns ...string) {
	skip, detail := c.bounded("skip", 0, 0, 1<<30)
	take, detail2 := c.bounded("take", 50, 0, 1<<30)
	if detail+detail2 != "" {
		c.json(http.StatusBadRequest, `{"title":"One or more validation errors occurred.","status":400}`)
		return
	}
	count := len(rows)
	rows = m.ordered(c, rows, columns)
	rows = rows[min(skip, len(rows)):]
	c.stream(fmt.Sprintf(`{"count":%d,"results":[`, count), rows[:min(take, len(rows))], render, "]}")
}

// ordered puts rows in the order asked for.
func (m *immy) ordered(c *call, rows []uint32, columns []string) []uint32 {
	by := c.query.Get("sort")
	stable := false
	for _, column := range columns {
		stable = stable || strings.EqualFold(by, column)
	}
	if !stable {
		c.mistake("walk without a stable order")
		return rotated(rows, int(m.unsorted.Add(1)))
	}
	if c.query.Get("sortDesc") != "false" {
		c.mistake("walk in descending order, which new rows shift")
		return reversed(rows)
	}
	return rows
}

// rotated moves every row some places on.
func rotated(rows []uint32, by int) []uint32 {
	if len(rows) == 0 {
		return rows
	}
	by %= len(rows)
	return append(append([]uint32(nil), rows[by:]...), rows[:by]...)
}

func reversed(rows []uint32) []uint32 {
	result := make([]uint32, len(rows))
	for n, row := range rows {
		result[len(rows)-1-n] = row
	}
	return result
}
