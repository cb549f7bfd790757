package sentinelone

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"
	"assetgraph/collectors/internal/rest"
)

// Routes of sign-in; see docs/providers/sentinelone-api.md, "Health" and "Token expiry".
const (
	infoRoute   = "/system/info"             // needs a valid token and no permission
	statusRoute = "/system/status"           // needs nothing
	tokenRoute  = "/users/api-token-details" // a POST that reads
)

const (
	expiryNotice  = 14 * 24 * time.Hour // how long before its end a token is warned of
	expiryTimeout = 10 * time.Second    // for a nicety that must not hold up a run
)

// SignIn proves that the host is a console and that the token is valid there, and warns of a token that is about to
// expire. Session.Account and Session.User stay "": nothing that a token may read without permissions names them.
func (c *Collector) SignIn(ctx context.Context) (collectors.Session, error) {
	session := collectors.Session{Reader: c.reader(), Filter: c.config.Options.Filter}
	if _, err := c.client.Get(ctx, infoRoute, nil); err != nil && !c.readsSites(ctx, err) {
		return session, c.signInError(ctx, err)
	}
	if w := c.expiryWarning(ctx); w != "" {
		session.Warnings = append(session.Warnings, w)
	}
	return session, nil
}

// reader tells the token from others.
func (c *Collector) reader() string {
	sum := sha256.Sum256([]byte(c.token))
	return hex.EncodeToString(sum[:8])
}

// readsSites reports whether the only fault is that the console has no such route: lists answer.
func (c *Collector) readsSites(ctx context.Context, err error) bool {
	if rest.Status(err) != http.StatusNotFound {
		return false
	}
	_, err = c.count(ctx, c.siteList())
	return err == nil
}

// codeUnauthorized is how the API's own codes of a 401 begin.
const codeUnauthorized = "4010"

// signInError tells a wrong host from a wrong token: a console says 401 in words of its own, and its health route
// answers without any token.
func (c *Collector) signInError(ctx context.Context, err error) error {
	status := rest.Status(err)
	if ctx.Err() != nil || status == http.StatusTooManyRequests || status >= http.StatusInternalServerError {
		return err
	}
	if status == 0 {
		return collectors.Advise(err, "check the URL: it must be the address of the console")
	}
	e, _ := errors.AsType[*rest.Error](err)
	if status == http.StatusUnauthorized && strings.HasPrefix(e.Message, codeUnauthorized) {
		return collectors.Advise(err, renewToken)
	}
	if !c.healthy(ctx) {
		return collectors.Advise(err, "check the URL: "+c.host+" does not answer as a SentinelOne console does")
	}
	switch status {
	case http.StatusUnauthorized:
		return collectors.Advise(err, renewToken)
	case http.StatusForbidden:
		return collectors.Advise(err,
			"the console answers, but refuses this token: check its user's role and the console's IP restrictions")
	}
	return collectors.Advise(err, "the console answers, but not as expected: check that the URL is the console's alone")
}

func (c *Collector) healthy(ctx context.Context) bool {
	body, err := c.client.Get(ctx, statusRoute, nil)
	if err != nil {
		return false
	}
	var health rawjson.Text
	told, err := rawjson.Get(body, &health, "data", "health")
	return told && err == nil
}

// expiryWarning returns "" when the token lasts, and when the console does not say how long.
func (c *Collector) expiryWarning(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, expiryTimeout)
	defer cancel()
	body, err := c.client.Post(ctx, tokenRoute, tokenQuestion{Data: tokenData{APIToken: c.token}})
	if err != nil {
		return ""
	}
	var expires rawjson.Time
	if told, err := rawjson.Get(body, &expires, "data", "expiresAt"); err != nil || !told || expires.IsZero() {
		return ""
	}
	left := time.Until(expires.Time)
	if left >= expiryNotice {
		return ""
	}
	days := int(math.Max(0, math.Floor(left.Hours()/24)))
	return fmt.Sprintf("the API token expires on %s, in %d days; make a new one before that",
		expires.Format(time.DateOnly), days)
}

type tokenQuestion struct {
	Data tokenData `json:"data"`
}

type tokenData struct {
	APIToken string `json:"apiToken"`
}
