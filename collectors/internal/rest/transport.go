package rest

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// errRedirect begins the text of every refused redirect.
var errRedirect = errors.New("redirect refused")

const maxRedirects = 5

// newHTTPClient returns a client that keeps to one host; transport nil stands for one of its own.
func newHTTPClient(transport http.RoundTripper, inFlight int) *http.Client {
	if transport == nil {
		transport = newTransport(inFlight)
	}
	return &http.Client{Transport: transport, CheckRedirect: checkRedirect}
}

// newTransport returns the default transport of net/http (proxy of the environment, HTTP/2) with TLS 1.2 or later.
// A pause of an HTTP/2 connection is ended by a ping rather than by the request's time limit.
func newTransport(inFlight int) *http.Transport {
	t := &http.Transport{Proxy: http.ProxyFromEnvironment}
	if d, ok := http.DefaultTransport.(*http.Transport); ok {
		t = d.Clone()
	}
	t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	t.ForceAttemptHTTP2 = true
	t.HTTP2 = &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 15 * time.Second}
	t.MaxIdleConnsPerHost = max(inFlight, http.DefaultMaxIdleConnsPerHost)
	t.IdleConnTimeout = 30 * time.Second
	t.MaxResponseHeaderBytes = 1 << 20
	return t
}

// checkRedirect follows a redirect within the same scheme and host that keeps the method; a body or credentials never
// go elsewhere.
func checkRedirect(next *http.Request, via []*http.Request) error {
	first := via[0]
	switch {
	case next.URL.Scheme != first.URL.Scheme || next.URL.Host != first.URL.Host:
		return fmt.Errorf("%w: to another host: %s://%s", errRedirect, next.URL.Scheme, next.URL.Host)
	case next.Method != first.Method:
		return fmt.Errorf("%w: it would turn %s into %s", errRedirect, first.Method, next.Method)
	case len(via) >= maxRedirects:
		return fmt.Errorf("%w: more than %d in a row", errRedirect, maxRedirects)
	}
	return nil
}
