package view

import (
	"crypto/rand"
	"crypto/subtle"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
)

// tokenParameter is where the first address holds the token.
const tokenParameter = "token"

// An access decides who may read: whoever began with the one-time token, in a browser that says that it asks for the
// page itself and not for another site, under a name of this machine.
//
// A cookie goes to every port of its host. Other servers on loopback could read it, so it is worth nothing beyond this
// process and its end.
type access struct {
	hosts   []string // values of the header Host that are ours, in lower case
	cookie  string   // name of the cookie
	session string   // its value

	mu    sync.Mutex
	token string // "" once it was used
}

func newAccess(listener net.Addr) *access {
	_, port, _ := net.SplitHostPort(listener.String())
	return &access{
		hosts: hostsOf(listener), cookie: "assetgraph-view-" + port, session: rand.Text(), token: rand.Text(),
	}
}

// hostsOf returns how browsers may call a listener: by its address, and by the names that lead to this machine without
// a question to a name server that others control.
func hostsOf(listener net.Addr) []string {
	host, port, err := net.SplitHostPort(listener.String())
	if err != nil {
		return nil
	}
	names := []string{host}
	ip := net.ParseIP(host)
	switch {
	case ip == nil:
	case ip.IsLoopback():
		names = append(names, "localhost")
	case ip.IsUnspecified():
		names = append([]string{"127.0.0.1", "::1", "localhost"}, ownNames()...)
	}
	for i, name := range names {
		names[i] = strings.ToLower(net.JoinHostPort(name, port))
	}
	return names
}

// ownNames returns the name of this machine and the addresses of its interfaces.
func ownNames() (names []string) {
	if name, err := os.Hostname(); err == nil {
		names = append(names, name)
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return names
	}
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok && !n.IP.IsLoopback() {
			names = append(names, n.IP.String())
		}
	}
	return names
}

// policy lets pages load what the program itself serves and nothing else, run no script that stands in a page, and be
// shown in no frame.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func setHeaders(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// guard lets through what access allows. What it refuses learns nothing but that.
func (a *access) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		setHeaders(w.Header())
		site := r.Header.Get("Sec-Fetch-Site")
		switch {
		case !slices.Contains(a.hosts, strings.ToLower(r.Host)):
			http.Error(w, "This view does not answer to that name.", http.StatusForbidden)
		case site != "" && site != "same-origin" && site != "none":
			http.Error(w, "This view answers no requests of other sites. Type or paste its address.",
				http.StatusForbidden)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "This view is for reading alone.", http.StatusMethodNotAllowed)
		case a.begins(r):
			http.SetCookie(w, &http.Cookie{
				Name: a.cookie, Value: a.session, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode,
			})
			http.Redirect(w, r, "/", http.StatusSeeOther)
		case !a.knows(r):
			http.Error(w, "This browser has not begun with the address that the program printed, or that address was "+
				"used before.\nEnd the program and start it again for a new one.", http.StatusForbidden)
		case r.URL.Query().Has(tokenParameter):
			http.Redirect(w, r, "/", http.StatusSeeOther) // again, by who is known
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// begins uses up the token if the request has it.
func (a *access) begins(r *http.Request) bool {
	given := r.URL.Query().Get(tokenParameter)
	if given == "" || r.URL.Path != "/" || r.Method != http.MethodGet {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.token == "" || subtle.ConstantTimeCompare([]byte(given), []byte(a.token)) != 1 {
		return false
	}
	a.token = ""
	return true
}

// knows reports whether the request comes from the browser that began.
func (a *access) knows(r *http.Request) bool {
	for _, c := range r.CookiesNamed(a.cookie) {
		if subtle.ConstantTimeCompare([]byte(c.Value), []byte(a.session)) == 1 {
			return true
		}
	}
	return false
}
