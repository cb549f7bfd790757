package rest

import (
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// maxMessage is how many bytes of a provider's message are kept.
const maxMessage = 500

var (
	urlUser  = regexp.MustCompile(`//[^/\s@]*@`)
	urlQuery = regexp.MustCompile(`\?[^\s"']*=[^\s"']*`)
	escape   = regexp.MustCompile(`%[0-9A-F]{2}`)
)

// A redactedError has a text without secrets and the chain of the error that it stands for.
type redactedError struct {
	text string
	err  error
}

// Error gives the text without secrets.
func (e redactedError) Error() string { return e.text }

// Unwrap returns the error that it stands for, for errors.Is alone.
func (e redactedError) Unwrap() error { return e.err }

// newRedactor returns what replaces secrets, in each form in which an answer may spell them, by ***.
func newRedactor(secrets ...string) *strings.Replacer {
	var forms []string
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		quoted, _ := json.Marshal(secret)
		query, path := url.QueryEscape(secret), url.PathEscape(secret)
		forms = append(forms, secret, strings.Trim(string(quoted), `"`), query, path,
			escape.ReplaceAllStringFunc(query, strings.ToLower), escape.ReplaceAllStringFunc(path, strings.ToLower))
	}
	slices.SortFunc(forms, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
	})
	var pairs []string
	for _, form := range slices.Compact(forms) {
		pairs = append(pairs, form, "***")
	}
	return strings.NewReplacer(pairs...)
}

// redactor replaces the configured secrets and the credentials of r.
func (c *Client) redactor(r *request) *strings.Replacer {
	return newRedactor(append(slices.Clone(c.config.Secrets), credentials(r.sent)...)...)
}

// credentials returns the values of the headers, and those without the scheme word.
func credentials(h http.Header) []string {
	var found []string
	for _, values := range h {
		for _, value := range values {
			found = append(found, value)
			if _, bare, ok := strings.Cut(value, " "); ok {
				found = append(found, bare)
			}
		}
	}
	return found
}

// failure completes err as the error of r: an *Error with the names filled in and without secrets. An *Error of the
// authorizer, which names a request of its own, stays as it is.
func (c *Client) failure(r *request, err error) error {
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*Error](err)
	if !ok {
		e = &Error{Err: err}
	}
	if e.Method != "" {
		return err
	}
	redactor := c.redactor(r)
	full := *e
	full.Instance, full.Method, full.Route = c.config.Instance, r.method, redactor.Replace(r.name())
	full.Query = shorten(redactor.Replace(shown(r.query)))
	full.Message, full.Err = shorten(redactor.Replace(e.Message)), redactError(redactor, e.Err)
	return &full
}

// shown is a query for people, decoded and in alphabetical order. A cursor means nothing to them.
func shown(query url.Values) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(query)) {
		for _, value := range query[name] {
			if name != "cursor" {
				parts = append(parts, name+"="+value)
			}
		}
	}
	return strings.Join(parts, "&")
}

// redactError returns err with a text without secrets, without user names and queries of addresses.
func redactError(redactor *strings.Replacer, err error) error {
	if err == nil {
		return nil
	}
	text := redactor.Replace(err.Error())
	text = urlUser.ReplaceAllString(text, "//")
	text = shorten(urlQuery.ReplaceAllString(text, ""))
	if text == err.Error() {
		return err
	}
	return redactedError{text: text, err: err}
}

// shorten makes one line of text and cuts it.
func shorten(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > maxMessage {
		text = strings.ToValidUTF8(text[:maxMessage], "") + "…"
	}
	return text
}
