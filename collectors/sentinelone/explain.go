package sentinelone

import (
	"bytes"
	"html"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// explain returns what an answer says of an error, "" when it says nothing. Consoles answer in several shapes: the
// API's own list of errors, that of services behind it, and the text or page of a gateway
// (docs/providers/sentinelone-api.md, "Errors"). Each error of the list begins with its code, where it has one.
func explain(body []byte) string {
	if trimmed := bytes.TrimSpace(body); len(trimmed) == 0 || trimmed[0] != '{' {
		return explainText(trimmed)
	}
	// Pages of records are large: only those that may hold an error are looked into.
	if !bytes.Contains(body, []byte(`"error`)) {
		return ""
	}
	members := rootMembers(body)
	if errs := explainErrors(members["errors"]); errs != "" {
		return errs
	}
	return explainError(members["error"], members["message"])
}

// rootMembers returns the members of the first object in body that may tell of an error, up to the first fault of
// grammar: a gateway's page may follow it.
func rootMembers(body []byte) map[string]jsontext.Value {
	members := make(map[string]jsontext.Value)
	d := jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if _, err := d.ReadToken(); err != nil {
		return members
	}
	for d.PeekKind() == jsontext.KindString {
		token, err := d.ReadToken()
		if err != nil {
			return members
		}
		switch name := token.String(); name {
		case "errors", "error", "message":
			value, err := d.ReadValue()
			if err != nil {
				return members
			}
			members[name] = value.Clone()
		default:
			if err := d.SkipValue(); err != nil {
				return members
			}
		}
	}
	return members
}

// maxErrors is how many errors of one answer are told.
const maxErrors = 3

// explainErrors reads a list of errors; null and an empty list are none.
func explainErrors(raw jsontext.Value) string {
	var list []jsontext.Value
	if json.Unmarshal(raw, &list, jsontext.AllowInvalidUTF8(true)) != nil {
		return scalarText(raw)
	}
	var told []string
	for _, item := range list[:min(len(list), maxErrors)] {
		told = append(told, explainItem(item))
	}
	return strings.Join(told, "; ")
}

// explainItem gives "code title: detail" of one error.
func explainItem(raw jsontext.Value) string {
	var item map[string]jsontext.Value
	if json.Unmarshal(raw, &item, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) != nil {
		item = map[string]jsontext.Value{"title": raw}
	}
	title := scalarText(item["title"])
	if title == "" {
		title = scalarText(item["message"])
	}
	told := strings.TrimSpace(scalarText(item["code"]) + " " + title)
	if detail := scalarText(item["detail"]); detail != "" {
		told = strings.TrimPrefix(told+": "+detail, ": ")
	}
	if told == "" {
		return "an error without any text"
	}
	return told
}

// explainError reads the single error of the services behind the console: a text, or an object that holds the list.
func explainError(raw, message jsontext.Value) string {
	if raw.Kind() == jsontext.KindBeginObject {
		if errs := explainErrors(rootMembers(raw)["errors"]); errs != "" {
			return errs
		}
		return explainItem(raw)
	}
	told := scalarText(raw)
	if m := scalarText(message); told != "" && m != "" && m != told {
		told += ": " + m
	}
	return told
}

// scalarText returns a scalar as text and anything else as it was written; null is "".
func scalarText(raw jsontext.Value) string {
	switch raw.Kind() {
	case jsontext.KindInvalid, jsontext.KindNull:
		return ""
	case jsontext.KindString:
		var s string
		_ = json.Unmarshal(raw, &s, jsontext.AllowInvalidUTF8(true)) // what can't be read says nothing
		return strings.TrimSpace(s)
	default:
		return string(raw)
	}
}

var pageTitle = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)

// maxText is how much of a gateway's text is told.
const maxText = 200

// explainText reads the title of a gateway's page or the first line of its text.
func explainText(body []byte) string {
	if len(body) == 0 || body[0] == '[' || body[0] == '"' {
		return ""
	}
	body = body[:min(len(body), 64<<10)]
	if body[0] == '<' {
		if m := pageTitle.FindSubmatch(body); m != nil {
			return strings.Join(strings.Fields(html.UnescapeString(string(m[1]))), " ")
		}
		return ""
	}
	line, _, _ := bytes.Cut(body, []byte("\n"))
	return strings.TrimSpace(strings.ToValidUTF8(string(line[:min(len(line), maxText)]), ""))
}
