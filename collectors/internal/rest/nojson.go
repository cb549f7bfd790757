package rest

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"sync"
)

// ErrHTML is the cause of an *Error whose answer was a web page in place of JSON, under 404 or a status of success,
// while nothing shows that the route exists: some servers answer a route that they do not know with their console,
// under status 200.
var ErrHTML = errors.New("the answer is HTML, not JSON")

// ErrThrottled is the cause where JSON is known to come: providers throttle with a page under 200, and gateways say
// with one that they are busy.
var ErrThrottled = errors.New("throttled: the answer is a web page, not JSON")

// noJSON is the error of an answer of success that is no JSON, by how much asking again promises.
func (c *Client) noJSON(r *request, response *http.Response, body []byte, err error) error {
	e := &Error{Status: response.StatusCode, Err: err, Message: c.message(r, response, body), prospect: doubtful}
	exists, answers := c.routes.known(r.route)
	switch {
	case errors.Is(err, errCutOff), exists, answers && !c.config.PageForUnknownRoute:
		e.prospect = passing
	}
	switch {
	case response.StatusCode == http.StatusNoContent:
		e.prospect = doubtful // says of itself that there is nothing to come
	case !errors.Is(err, ErrHTML):
	case e.prospect == passing:
		e.Err = ErrThrottled
	case answers:
		e.Err = fmt.Errorf("%w: unknown route, or throttled", ErrHTML)
	default:
		e.Err = fmt.Errorf("%w: unknown route or wrong URL", ErrHTML)
	}
	return e
}

// A routes remembers which routes have answered with JSON.
type routes struct {
	mu   sync.Mutex
	seen map[string]struct{} // at most maxRoutes
}

func newRoutes() *routes { return &routes{seen: make(map[string]struct{})} }

// number matches a part of a path that is an id.
var number = regexp.MustCompile(`/[0-9]+(/|$)`)

// pattern is a route without the ids in it.
func pattern(route string) string { return number.ReplaceAllString(route, "/#$1") }

// answered notes that the route gave JSON.
func (s *routes) answered(route string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.seen) < maxRoutes {
		s.seen[pattern(route)] = struct{}{}
	}
}

// known reports whether this route has given JSON, and whether any has.
func (s *routes) known(route string) (this, anyOne bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, this = s.seen[pattern(route)]
	return this, len(s.seen) > 0
}
