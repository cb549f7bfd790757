package sentinelone

import (
	"errors"
	"net/url"
	"strings"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rest"
)

// Config is one SentinelOne console and the token that reads it.
type Config struct {
	Instance string // configured name, part of every key
	URL      string // of the console, as people paste it
	APIToken string
	Options  collectors.Options
}

// basePath is what all routes share.
const basePath = "/web/api/v2.1"

// scheme is the word before the token in the Authorization header
// (docs/providers/sentinelone-api.md, "Address and header").
const scheme = "ApiToken"

var (
	errNoToken      = errors.New("is empty; an API token is needed (console: Settings → Users → Service Users)")
	errTokenSpace   = errors.New("holds white space; a token is one word, copy it again as a whole")
	errTokenUnclean = errors.New("holds a character that no token has, such as a quotation mark; copy it again")
	errTokenScheme  = errors.New("begins with another scheme than ApiToken; give the token alone")
)

// base returns the address that all routes lie below.
func (c Config) base() (*url.URL, error) {
	u, err := rest.BaseURL(c.URL, basePath)
	if err != nil {
		return nil, &collectors.SettingError{Setting: "URL", Err: err}
	}
	return u, nil
}

// token returns the token alone: without surrounding white space and without the scheme that documentation shows
// before it. Its errors never hold the token.
func (c Config) token() (string, error) {
	token := strings.TrimSpace(c.APIToken)
	if before, after, ok := strings.Cut(token, " "); ok && strings.EqualFold(before, scheme) {
		token = strings.TrimSpace(after)
	}
	if err := checkToken(token); err != nil {
		return "", &collectors.SettingError{Setting: "APIToken", Err: err}
	}
	return token, nil
}

// checkToken refuses what can't be a token. Length and form are the console's business: both changed over the years
// (docs/providers/sentinelone-api.md, "Tokens").
func checkToken(token string) error {
	if token == "" || strings.EqualFold(token, scheme) {
		return errNoToken
	}
	if before, _, ok := strings.Cut(token, " "); ok && strings.EqualFold(before, "Bearer") {
		return errTokenScheme
	}
	if strings.ContainsAny(token, " \t\r\n\v\f") {
		return errTokenSpace
	}
	if strings.ContainsFunc(token,
		func(r rune) bool { return r < '!' || r > '~' || strings.ContainsRune("\"'`<>\\", r) }) {
		return errTokenUnclean
	}
	return nil
}
