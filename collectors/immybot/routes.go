package immybot

import (
	"net/http"
	"strconv"
	"strings"
)

// asked lists all routes that are ever asked, beside that of the token; {id} stands for a number. Some of the
// provider's routes act when they are read, such as that which cancels a maintenance session, so that a method says
// nothing (docs/providers/immybot-api.md, "Routes that act").
func asked() []string {
	return []string{
		routeAuth,
		routeTenants, routeTenants + "/{id}", routeCounts,
		routeLinks, routeLinks + "/{id}", routeLinks + "/{id}/clients", routeTypes,
		routeAgents,
		routeComputers, routeComputer + "{id}",
		routePersons, routePersons + "/{id}", routeUsers,
		routeSessions, routeActions,
	}
}

// may reports whether a request may be sent.
func may(method, route string) bool {
	if method != http.MethodGet {
		return false
	}
	for _, pattern := range asked() {
		if fits(route, pattern) {
			return true
		}
	}
	return false
}

// fits reports whether a route is of the pattern, part by part.
func fits(route, pattern string) bool {
	for {
		part, rest, more := strings.Cut(route, "/")
		want, wanted, too := strings.Cut(pattern, "/")
		if want == "{id}" {
			if _, err := strconv.ParseUint(part, 10, 63); err != nil {
				return false
			}
		} else if part != want {
			return false
		}
		if !more || !too {
			return more == too
		}
		route, pattern = rest, wanted
	}
}
