package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
)

var (
	errEmpty  = errors.New("the answer is empty")
	errCutOff = errors.New("the answer is cut off")
	errLarge  = errors.New("the answer is too large")
	errNoJSON = errors.New("the answer is not JSON")
)

// errorBody is how much of an answer without success is read.
const errorBody = 64 << 10

// read reads the body of a response within the limits of size and, by ctx, of time.
func (c *Client) read(ctx context.Context, r *request, response *http.Response) ([]byte, error) {
	if response.StatusCode/100 != 2 {
		// An error of reading is dropped: the status tells more than what befell its body.
		body, _ := io.ReadAll(io.LimitReader(response.Body, errorBody))
		return body, nil
	}
	limit := c.config.MaxBody
	body, err := c.bodies.read(response.Body, r.route, response.ContentLength, limit)
	if int64(len(body)) > limit {
		return nil, &Error{Status: response.StatusCode, Err: fmt.Errorf("%w: more than %d bytes", errLarge, limit)}
	}
	if err != nil {
		e := transportError(ctx, err)
		e.Status = response.StatusCode
		return nil, e
	}
	return bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))), nil
}

// check returns an error for everything that is not a JSON answer of success.
func (c *Client) check(r *request, response *http.Response, body []byte) error {
	status := response.StatusCode
	if status/100 != 2 || status == http.StatusPartialContent {
		e := &Error{
			Status:     status,
			Message:    c.message(r, response, body),
			RetryAfter: retryAfter(response.Header),
			prospect:   prospectOf(status),
		}
		if status == http.StatusNotFound && isHTML(response.Header.Get("Content-Type"), body) {
			e.Err = fmt.Errorf("%w: unknown route or wrong URL", ErrHTML)
		}
		return e
	}
	if err := checkJSON(response.Header.Get("Content-Type"), body); err != nil {
		return c.noJSON(r, response, body, err)
	}
	c.routes.answered(r.route)
	if c.config.Explain != nil && c.config.Explain(body) != "" {
		return &Error{Status: status, Message: c.message(r, response, body)}
	}
	return nil
}

// prospectOf says whether a status may be another one the next time.
func prospectOf(status int) prospect {
	if status == http.StatusTooManyRequests || status >= 500 && status != http.StatusNotImplemented {
		return passing
	}
	return final
}

// message returns what the provider says in a body. The body is redacted before Explain may cut a secret in two.
func (c *Client) message(r *request, response *http.Response, body []byte) string {
	redacted := c.redactor(r).Replace(string(body))
	if c.config.Explain != nil {
		if message := c.config.Explain([]byte(redacted)); message != "" {
			return message
		}
	}
	if media, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")); media == "text/plain" {
		return redacted
	}
	return ""
}

// checkJSON tells JSON by content type and by how body begins and ends. Another content type than JSON's is believed
// only when it is HTML's: not every product sends the right one with every object or list. It does not read what is
// between: a page is many megabytes, and its decoder does.
func checkJSON(contentType string, body []byte) error {
	if len(body) == 0 || string(body) == "null" {
		return errEmpty
	}
	media, _, err := mime.ParseMediaType(contentType)
	if contentType != "" && err != nil {
		media = "unknown"
	}
	list := body[0] == '{' || body[0] == '['
	switch {
	case isHTML(contentType, body):
		return ErrHTML
	case media != "" && media != "application/json" && media != "text/json" && !strings.HasSuffix(media, "+json") &&
		!list:
		return fmt.Errorf("%w but %s", errNoJSON, media)
	}
	last := body[len(body)-1]
	switch body[0] {
	case '{':
		if last != '}' {
			return errCutOff
		}
	case '[':
		if last != ']' {
			return errCutOff
		}
	default:
		if !json.Valid(body) {
			return errNoJSON
		}
	}
	return nil
}

// isHTML reports whether an answer is a web page, by its content type or by how it begins.
func isHTML(contentType string, body []byte) bool {
	media, _, _ := mime.ParseMediaType(contentType)
	return media == "text/html" || media == "application/xhtml+xml" ||
		bytes.HasPrefix(bytes.TrimSpace(body), []byte("<"))
}
