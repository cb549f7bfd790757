package rest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// An Error says which request failed and why. Its text holds no secret.
type Error struct {
	Instance   string
	Method     string
	Route      string        // path without query
	Query      string        // what was asked for, without a cursor; "" for nothing
	Status     int           // 0 when there was no answer
	Message    string        // the provider's own, shortened and redacted; "" when it gave none
	RetryAfter time.Duration // what a 429 or 503 asked for; 0 for nothing
	Err        error         // cause when Status is 0 or the body was at fault

	prospect prospect // what asking once more may bring
	fresh    bool     // what is asked for next is another request: its time begins anew
}

// A prospect says what asking once more may bring.
type prospect uint8

const (
	final    prospect = iota // the same again
	doubtful                 // perhaps something else: a few tries tell
	passing                  // something else, in time
)

// Error gives "instance: METHOD route?query: status: message".
func (e *Error) Error() string {
	request := e.Method + " " + e.Route
	if e.Query != "" {
		request += "?" + e.Query
	}
	parts := []string{e.Instance, request}
	if e.Status != 0 {
		parts = append(parts, strings.TrimSpace(strconv.Itoa(e.Status)+" "+http.StatusText(e.Status)))
	}
	if e.Message != "" {
		parts = append(parts, e.Message)
	}
	if e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	return strings.Join(parts, ": ")
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Status returns the HTTP status of the *Error in err's chain, or 0.
func Status(err error) int {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Status
	}
	return 0
}

// Absent reports whether err is the provider's word that it has no such record: a 404 to a GET. The page of a web
// server is no such word, and neither is a 404 of the token endpoint, which can come in between. A route that the
// provider does not know may be answered in the same way: only a record that is known to be there tells the two apart.
func Absent(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Method == http.MethodGet && e.Status == http.StatusNotFound && !errors.Is(e.Err, ErrHTML)
}

// Lasting reports whether the answer will be the same in the next run: a refusal, or a fault of the provider that is no
// matter of how busy it is. Credentials that are refused altogether do not count.
func (e *Error) Lasting() bool {
	switch {
	case e.Method != http.MethodGet, e.Status == 0, e.Status == http.StatusUnauthorized:
		return false
	case e.Status == http.StatusInternalServerError, errors.Is(e.Err, errEmpty):
		return true
	}
	return e.prospect != passing
}

// Cure returns what people can do about an error of this kind.
func (e *Error) Cure() string {
	_, slow := errors.AsType[slowError](e.Err)
	dns, unknownHost := errors.AsType[*net.DNSError](e.Err)
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](e.Err)
	switch {
	case e.Status == http.StatusTooManyRequests, errors.Is(e.Err, ErrThrottled):
		return "run again later, and not at the same time as other programs that use these credentials"
	case errors.Is(e.Err, ErrHTML), e.Status == http.StatusNotFound, e.Status == http.StatusMethodNotAllowed,
		errors.Is(e.Err, errRedirect):
		return "check the address in the settings: it must be the one that the browser shows in the product's console"
	case e.Status == http.StatusUnauthorized:
		return "check the credentials in the settings: they are wrong, revoked or expired"
	case e.Status == http.StatusForbidden:
		return "give the account whose credentials these are the right to read this"
	case e.Status == http.StatusGatewayTimeout, slow:
		return "the provider is slow: run again later, or give it more time with --request-timeout"
	case e.Status >= http.StatusInternalServerError:
		return "the provider has a fault: run again later, and look at its status page"
	case unknownHost && dns.IsNotFound:
		return "there is no such host: check the spelling of the address in the settings"
	case untrusted:
		return "the certificate is not trusted: check the address; if a proxy inspects TLS here, name its CA certificate in SSL_CERT_FILE"
	case e.Status == 0 && e.prospect == passing:
		return "the host can't be reached from here: check the address in the settings, the network, firewall and proxy"
	}
	return "see the provider's guide in docs/providers"
}

// A slowError ends a request by its own time limit. It is no context.DeadlineExceeded: that is the end of the run.
type slowError time.Duration

// Error gives the limit.
func (e slowError) Error() string {
	return fmt.Sprintf("no complete answer within %v", time.Duration(e))
}

// withLimit gives one request its time.
func withLimit(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, limit, slowError(limit))
}

// transportError makes an *Error of what net/http says, without the address, whose query holds cursors and tokens.
// ctx is that of withLimit.
func transportError(ctx context.Context, err error) *Error {
	if slow, ok := errors.AsType[slowError](context.Cause(ctx)); ok {
		return &Error{Err: slow, prospect: passing}
	}
	if ctx.Err() != nil {
		return &Error{Err: ctx.Err()}
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	if strings.Contains(err.Error(), "parse Location header") { // net/http quotes the target, in parts
		err = fmt.Errorf("%w: its target is no address", errRedirect)
	}
	e := &Error{Err: err, prospect: passing}
	if hopeless(err) {
		e.prospect = final
	}
	return e
}

// hopeless reports whether a connection fails for a reason that the next try meets again.
func hopeless(err error) bool {
	if errors.Is(err, errRedirect) || errors.Is(err, http.ErrSchemeMismatch) {
		return true
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	e, ok := errors.AsType[*net.DNSError](err)
	return ok && e.IsNotFound
}
