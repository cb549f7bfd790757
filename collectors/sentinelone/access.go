package sentinelone

import (
	"context"
	"net/http"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rest"
)

// What people are told to do about a token that no longer works.
const renewToken = "the API token is wrong, revoked or expired: make a new one in this console (Settings → Users → Service Users) and configure it"

// refused says what to do about a refusal of a list; other errors stay as they are. A 401 alone does not prove that the
// token is dead: some routes answer it to a valid token that lacks a right. /system/info needs no right and settles it.
func (c *Collector) refused(ctx context.Context, l list, err error) error {
	switch rest.Status(err) {
	case http.StatusForbidden:
		return collectors.Advise(err, "the role of the token's user needs the permission "+l.permission+
			", in a scope that covers what is to be read")
	case http.StatusUnauthorized:
		_, check := c.client.Get(ctx, infoRoute, nil)
		switch {
		case check == nil:
			return collectors.Advise(lackingRight{err},
				"the token itself is valid, so the role of its user needs the permission "+l.permission)
		case rest.Status(check) == http.StatusUnauthorized:
			return collectors.Advise(err, renewToken)
		}
	}
	return err
}

// lackingRight is a 401 to a token that is valid.
type lackingRight struct{ error }

// Unwrap returns the 401.
func (e lackingRight) Unwrap() error { return e.error }

// Lasting reports that it will come again.
func (lackingRight) Lasting() bool { return true }
