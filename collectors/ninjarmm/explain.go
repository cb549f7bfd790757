package ninjarmm

import (
	"bytes"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// failure is the union of the error shapes that occur; see docs/providers/ninjarmm-api.md, "Errors".
type failure struct {
	ResultCode       jsontext.Value `json:"resultCode"`   // application errors
	ErrorMessage     jsontext.Value `json:"errorMessage"` // text, or an object with code and params
	Error            jsontext.Value `json:"error"`        // authorization errors
	ErrorDescription jsontext.Value `json:"error_description"`
	ErrorCode        jsontext.Value `json:"errorCode"` // billing, with message
	Message          jsontext.Value `json:"message"`
}

// What the server calls a client id that it does not know, and what that means nearly always
// (docs/providers/ninjarmm-api.md, "Tokens").
const (
	unknownClient = "Client app not exist"
	regionAdvice  = "this host does not know the client id: the URL is that of another region, or the client id is wrong"
)

const (
	userNeeded       = "user_context_required"
	userNeededAdvice = "user_context_required: the server gives this only to a client that acts for a user, that is with a refresh token"
)

// explain returns the provider's own message in a body, "" when the body is no error.
func explain(body []byte) string {
	body = bytes.TrimSpace(body)
	if len(body) == 0 || body[0] != '{' {
		return ""
	}
	var f failure
	if err := json.Unmarshal(body, &f, jsontext.AllowDuplicateNames(true),
		jsontext.AllowInvalidUTF8(true)); err != nil {
		return ""
	}
	return f.message()
}

func (f *failure) message() string {
	result, message, code := scalarText(f.ResultCode), messageOf(f.ErrorMessage), scalarText(f.Error)
	switch {
	case result == unknownClient:
		return regionAdvice
	case code == userNeeded || message == userNeeded || result == userNeeded:
		return userNeededAdvice
	case result != "" && !strings.EqualFold(result, "SUCCESS"):
		return join(result, message)
	case code != "":
		return join(code, scalarText(f.ErrorDescription))
	case scalarText(f.ErrorCode) != "":
		return join(scalarText(f.ErrorCode), scalarText(f.Message))
	}
	return message
}

// messageOf returns the text of an errorMessage, or the code of one that is an object. Its params may hold anything.
func messageOf(v jsontext.Value) string {
	if v.Kind() != '{' {
		return scalarText(v)
	}
	var object struct {
		Code jsontext.Value `json:"code"`
	}
	if err := json.Unmarshal(v, &object); err != nil {
		return ""
	}
	return scalarText(object.Code)
}

// scalarText returns a string or number as scalarText, "" for everything else.
func scalarText(v jsontext.Value) string {
	switch v.Kind() {
	case '"':
		var s string
		if err := json.Unmarshal(v, &s, jsontext.AllowInvalidUTF8(true)); err != nil {
			return ""
		}
		return s
	case '0':
		return string(v)
	}
	return ""
}

func join(code, message string) string {
	if message == "" {
		return code
	}
	return code + ": " + message
}
