package sentinelone

import (
	"context"
	"fmt"
	"net/http"

	"assetgraph/collectors/internal/rest"
)

// What people are told to do about a token that no longer works.
const renewToken = "the API token is wrong, revoked or expired: make a new one in this console (Settings → Users → Service Users) and configure it"

// refused says what to do about a refusal of a list; other errors stay as they are. A 401 alone does not prove that the
// token is dead: some routes answer it to a valid token that lacks a right. /system/info needs no right and
// settles it (API.md §1.6).
func (c *Collector) refused(ctx context.Context, l list, err error) error {
	switch rest.Status(err) {
	case http.StatusForbidden:
		return fmt.Errorf("%w; the role of the token's user needs the permission %s, in a scope that covers what is to be read", err, l.permission)
	case http.StatusUnauthorized:
		_, check := c.client.Get(ctx, infoRoute, nil)
		switch {
		case check == nil:
			return fmt.Errorf("%w; the token itself is valid, so the role of its user needs the permission %s", err, l.permission)
		case rest.Status(check) == http.StatusUnauthorized:
			return fmt.Errorf("%w; %s", err, renewToken)
		}
	}
	return err
}
