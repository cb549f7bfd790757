package sentinelone

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestExplainRecordedErrors(t *testing.T) {
	want := map[string]string{
		"bad or revoked token":                      "4010010 Authentication Failed",
		"401 with data and pagination nulls (mock)": "4010010 Authentication Failed",
		"503 (mock)":                      "5030010 Service Unavailable",
		"site-scoped token on /accounts":  "4030010: Action is not allowed to site users",
		"token spanning several accounts": "4030010 Insufficient permissions: This page doesn't support multi-scopes users yet",
		"missing role permission":         "4030010 Insufficient permissions: User does not have required permissions.",
		"unknown object":                  "4040010 Requested resource was not found",
		"not supported on this console":   "5010010 Not supported",
		"bad cursor":                      "4000010 Validation Error: Invalid cursor value received",
		"database error leaking":          `400 ERROR #22P02 invalid input syntax for type bigint: ""`,
		"microservice shape":              "Internal Server Error",
		"rate limit page":                 "429 Too Many Requests",
		"gateway":                         "Bad Gateway",
		"unrouted path":                   "404 page not found",
		"403 with null detail":            "4030010 Insufficient permissions",
		"401 on a VALID token without the right for that route": "4010010 Authentication Failed",
		"non-list errors on a Go service":                       "missing scope information: require scope_level and scope_id",
	}
	var recorded []struct {
		Case string          `json:"case"`
		Body json.RawMessage `json:"body"`
	}
	require.NoError(t, json.Unmarshal(fixture(t, "errors.json"), &recorded))
	require.Len(t, recorded, len(want))
	for _, r := range recorded {
		body := []byte(r.Body)
		var text string
		if json.Unmarshal(r.Body, &text) == nil {
			body = []byte(text)
		}
		require.Equal(t, want[r.Case], explain(body), r.Case)
	}
}

func TestExplainShapes(t *testing.T) {
	for name, c := range map[string]struct{ body, want string }{
		"nothing":            {"", ""},
		"success":            {`{"data":[{"id":"1"}],"pagination":{"nextCursor":null}}`, ""},
		"errors null":        {`{"data":[],"errors":null}`, ""},
		"errors empty":       {`{"errors":[],"data":[]}`, ""},
		"errors in a record": {`{"data":[{"id":"1","errors":[{"code":1}]}]}`, ""},
		"success with errors at the end": {
			`{"data":[{"id":"1"}],"errors":[{"code":5000010,"title":"Partial"}]}`, "5000010 Partial",
		},
		"error without text":              {`{"errors":[{}]}`, "an error without any text"},
		"errors as texts":                 {`{"errors":["one","two"]}`, "one; two"},
		"errors as one text":              {`{"errors":"broken"}`, "broken"},
		"errors as an object":             {`{"errors":{"limit":["too large"]}}`, `{"limit":["too large"]}`},
		"code as text, message for title": {`{"errors":[{"code":"4000010","message":"Bad"}]}`, "4000010 Bad"},
		"detail as a list":                {`{"errors":[{"code":1,"title":"T","detail":["a"]}]}`, `1 T: ["a"]`},
		"more than three":                 {`{"errors":["1","2","3","4"]}`, "1; 2; 3"},
		"wrapped in error": {
			`{"error":{"errors":[{"code":4000010,"title":"Validation Error"}]}}`, "4000010 Validation Error",
		},
		"error as an object":              {`{"error":{"code":7,"message":"no"}}`, "7 no"},
		"error and message":               {`{"error":"Bad Request","message":"why"}`, "Bad Request: why"},
		"JSON followed by a page":         {`{"errors":[{"code":1,"title":"T"}]}<html><title>x</title></html>`, "1 T"},
		"JSON cut off after the error":    {`{"error":"broken","data":[`, "broken"},
		"page without title":              {"<html><body>x</body></html>", ""},
		"page with entities in its title": {"<!DOCTYPE html><TITLE>\n A &amp; B </TITLE>", "A & B"},
		"text of several lines":           {"first\nsecond", "first"},
		"long text":                       {strings.Repeat("é", 150), strings.Repeat("é", 100)},
		"list":                            {`[1]`, ""},
	} {
		require.Equal(t, c.want, explain([]byte(c.body)), name)
	}
}
