package rest

import (
	"context"
	"errors"
	"net/http"
)

// An Authorizer puts the credentials on a request. It may be called from any goroutine.
type Authorizer interface {
	// Authorize sets the header. renew means that the credentials of the last call were refused with a 401:
	// fresh ones are to be fetched, or an error returned when there are none. The refused header is then still on r,
	// which tells whether another call has renewed them since.
	Authorize(ctx context.Context, r *http.Request, renew bool) error
}

// errFixed says that there is nothing to renew.
var errFixed = errors.New("the credentials are fixed")

// Header returns an Authorizer that sets one header to a fixed value and has nothing to renew.
func Header(name, value string) Authorizer { return header{name: name, value: value} }

type header struct{ name, value string }

// Authorize implements Authorizer.
func (h header) Authorize(_ context.Context, r *http.Request, renew bool) error {
	if renew {
		return errFixed
	}
	r.Header.Set(h.name, h.value)
	return nil
}
