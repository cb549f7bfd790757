package simulator

import "net/http"

// A Refusal is how a product answers for a list that the role or the licence does not give.
type Refusal uint8

// The refusals.
const (
	Granted      Refusal = iota
	NotPermitted         // 403
	NotThere             // 404
	NoRows               // an empty list, and no error
)

// Refuse has SentinelOne or NinjaRMM answer so for a route from now on, such as "/threats".
func (s *Simulator) Refuse(route string, how Refusal) { s.refusals.Store(route, how) }

// refusal is how the route answers.
func (s *Simulator) refusal(route string) Refusal {
	how, _ := s.refusals.Load(route)
	r, _ := how.(Refusal)
	return r
}

// refuses answers for a route that is not given, and reports whether it did.
func (e *sentinelOne) refuses(c *call, route string) bool {
	switch e.s.refusal(route) {
	case NotPermitted:
		e.fail(c, http.StatusForbidden, 4030010, "Insufficient permissions", "")
	case NotThere:
		e.fail(c, http.StatusNotFound, 4040010, "Requested resource was not found", "")
	case NoRows:
		c.json(http.StatusOK, `{"data":[],"pagination":{"nextCursor":null,"totalItems":0}}`)
	case Granted:
		return false
	}
	return true
}
