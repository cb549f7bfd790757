package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Options say what fleet is made up and how the servers behave. The zero value gives the demo's fleet.
type Options struct {
	Machines  int       // 0 = 500
	Customers int       // 0 = 20
	Seed      uint64    // another seed, another fleet
	Habits    []string  // habits of real fleets to plant on top, by the names that Habits lists; nil = none
	Foreign   int       // machines to plant on top, each with two or three habits drawn at random
	Docked    int       // laptops of one customer to plant on top, each of which shares docks with its neighbours
	Now       time.Time // what time it is in the fleet, moved by Advance alone; zero = 2026-11-01T12:00:00Z

	Latency           time.Duration // added to each answer
	PageCap           int           // NinjaRMM's silent maximum of rows in a page; 0 = 1000
	TokenLifetime     time.Duration // of NinjaRMM's and Entra's access tokens, on the wall clock; 0 = about an hour
	TokenUses         int           // refuse an unexpired access token after so many requests; 0 = never
	RefreshToken      bool          // NinjaRMM wants the refresh token that Env has; each works once
	BareReports       bool          // NinjaRMM's antivirus-status is an array without cursor, as some servers give it
	AccountsForbidden bool          // the SentinelOne token is one of a site: /accounts answers 403
	Unlimited         bool          // no limit of requests a second or in flight
	Gzip              bool          // compress answers to clients that accept it
	FirstPort         int           // listen on this port of 127.0.0.1 and the next three; 0 = any free ones

	// Intercept, when set, gets every request instead of the product's own handler, which is next.
	Intercept func(w http.ResponseWriter, r *http.Request, next http.Handler)
}

// A Simulator serves one fleet as four servers on loopback. All methods may be called from any goroutine.
type Simulator struct {
	options Options
	fleet   *fleet
	secrets secrets
	ledger  *ledger
	hosts   []*host
	tokens  *tokens   // of Entra, which ImmyBot accepts
	buffers sync.Pool // of *jsonWriter

	accountsForbidden atomic.Bool
	refusals          sync.Map // Refusal by route
}

// A host is the server of one product.
type host struct {
	name     string
	server   *http.Server
	listener net.Listener
	inFlight atomic.Int64
	most     int64 // requests at the same time that the product is known to take: "Rate limits" in docs/providers
}

func (h *host) url() string { return "http://" + h.listener.Addr().String() }

// The servers, in the order of Simulator.hosts.
const (
	sentinelOneHost = iota
	ninjaHost
	immyHost
	entraHost
)

// Start makes up the fleet and serves it on 127.0.0.1 until Close. Every product has a port of its own.
func Start(o Options) (*Simulator, error) {
	o.Machines, o.Customers = cmp.Or(o.Machines, 500), cmp.Or(o.Customers, 20)
	o.PageCap = cmp.Or(o.PageCap, ninjaMaxPage)
	o.TokenLifetime = cmp.Or(o.TokenLifetime, time.Hour)
	if o.Now.IsZero() {
		o.Now = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	}
	const mostMachines, mostCustomers = 1 << 26, 1 << 15
	if o.Machines < 0 || o.Machines > mostMachines || o.Customers < 0 || o.Customers > mostCustomers {
		return nil, fmt.Errorf("simulator: %d machines of %d customers can't be made up", o.Machines, o.Customers)
	}
	s := &Simulator{options: o, ledger: newLedger(), fleet: newFleet(o.Seed, o.Customers, o.Machines, o.Now.UTC())}
	if err := s.fleet.plant(o.Habits, o.Foreign, o.Docked); err != nil {
		return nil, fmt.Errorf("simulator: %w", err)
	}
	s.secrets = s.fleet.newSecrets()
	s.accountsForbidden.Store(o.AccountsForbidden)
	s.tokens = newTokens(s.secrets.entraToken, o)
	if err := s.listen(); err != nil {
		return nil, errors.Join(fmt.Errorf("simulator: %w", err), s.Close())
	}
	return s, nil
}

// listen opens the four ports and serves them.
func (s *Simulator) listen() error {
	hosts := []*host{
		{name: "sentinelone", most: 2},
		{name: "ninjarmm", most: 4},
		{name: "immybot", most: 4},
		{name: "entra", most: 4},
	}
	for n, h := range hosts {
		port := 0
		if s.options.FirstPort != 0 {
			port = s.options.FirstPort + n
		}
		var err error
		if h.listener, err = net.Listen("tcp", net.JoinHostPort("127.0.0.1", fmt.Sprint(port))); err != nil {
			return err
		}
		s.hosts = append(s.hosts, h)
	}
	handlers := []http.Handler{newSentinelOne(s), newNinja(s), newImmy(s), newEntra(s)}
	for n, h := range s.hosts {
		h.server = &http.Server{
			Handler: s.serve(h, handlers[n]), ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0),
		}
		go func() { _ = h.server.Serve(h.listener) }() // ends with Close
	}
	return nil
}

// Close stops the servers and cuts the connections that are still open.
func (s *Simulator) Close() error {
	var errs []error
	for _, h := range s.hosts {
		if h.server != nil {
			errs = append(errs, h.server.Close())
		} else {
			errs = append(errs, h.listener.Close())
		}
	}
	return errors.Join(errs...)
}

// Env gives the settings under which the program finds the simulator, by the names of the environment variables.
func (s *Simulator) Env() map[string]string {
	env := map[string]string{
		"SENTINELONE_URL":        s.hosts[sentinelOneHost].url(),
		"SENTINELONE_API_TOKEN":  s.secrets.apiToken,
		"NINJARMM_URL":           s.hosts[ninjaHost].url(),
		"NINJARMM_CLIENT_ID":     s.secrets.ninjaClient,
		"NINJARMM_CLIENT_SECRET": s.secrets.ninjaSecret + trouble,
		"IMMYBOT_URL":            s.hosts[immyHost].url(),
		"IMMYBOT_TENANT_ID":      s.secrets.entraTenant,
		"IMMYBOT_CLIENT_ID":      s.secrets.entraClient,
		"IMMYBOT_CLIENT_SECRET":  s.secrets.entraSecret + trouble,
		"IMMYBOT_AUTHORITY_URL":  s.hosts[entraHost].url(),
	}
	if s.options.RefreshToken {
		env["NINJARMM_REFRESH_TOKEN"] = s.secrets.refreshToken + "-0"
	}
	return env
}

// Secrets lists texts that answers or settings hold and that must not be found in a graph, a log or an output. Of
// secrets that exist in several copies, such as access tokens, it is the part with which all begin.
func (s *Simulator) Secrets() []string { return s.secrets.list() }

// Mistakes lists what clients did that the documentation says not to do, each with the route and how often, in
// alphabetical order. It is empty for a client that keeps to the documentation.
func (s *Simulator) Mistakes() []string { return s.ledger.list() }

// Requests counts the requests by route, such as "sentinelone GET /agents". Ids in paths are written as {id}.
func (s *Simulator) Requests() map[string]int { return s.ledger.counts() }

// Bytes is the size of all answer bodies so far, before compression.
func (s *Simulator) Bytes() int64 { return s.ledger.bytes.Load() }

// Forget sets mistakes, requests and bytes back to nothing.
func (s *Simulator) Forget() { s.ledger.forget() }
