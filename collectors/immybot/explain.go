package immybot

import (
	"strings"

	"assetgraph/collectors/internal/rawjson"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxError is the size above which a body is data and no error.
const maxError = 64 << 10

// explain returns the provider's message in an error body: a problem document of ASP.NET Core, or the form that the
// vendor's documentation shows. The provider specifies none (docs/providers/immybot-api.md, "Errors").
func explain(body []byte) string {
	var e struct {
		Title  rawjson.Text   `json:"title"`
		Detail rawjson.Text   `json:"detail"`
		Status rawjson.Int    `json:"status"`
		Error  jsontext.Value `json:"error"`
	}
	if !errorSized(body) || json.Unmarshal(body, &e) != nil {
		return ""
	}
	var inner struct {
		Message rawjson.Text `json:"message"`
		Details rawjson.Text `json:"details"`
	}
	if e.Error.Kind() == '{' && json.Unmarshal(e.Error, &inner) == nil {
		return join(string(inner.Message), string(inner.Details))
	}
	// /auth has a status as well, without a title.
	if e.Title != "" && e.Status.N >= 400 {
		return join(string(e.Title), string(e.Detail))
	}
	return ""
}

// explainEntra returns what Entra's token endpoint says, and what to do about the mistakes that are made most.
func explainEntra(body []byte) string {
	var e struct {
		Error       rawjson.Text `json:"error"`
		Description rawjson.Text `json:"error_description"`
	}
	if !errorSized(body) || json.Unmarshal(body, &e) != nil || e.Error == "" {
		return ""
	}
	first, _, _ := strings.Cut(strings.TrimSpace(string(e.Description)), "\n") // trace ids follow
	text := join(string(e.Error), strings.TrimSpace(first))
	if advice := entraAdvice(string(e.Description)); advice != "" {
		return advice + " (" + text + ")"
	}
	return text
}

// entraAdvice knows the codes by their text, since that is all that a person can look up as well:
// https://learn.microsoft.com/entra/identity-platform/reference-error-codes
func entraAdvice(description string) string {
	code, _, _ := strings.Cut(strings.TrimSpace(description), ":")
	switch code {
	case "AADSTS7000215":
		return "the client secret is wrong: copy the secret's value, not its id, from Certificates & secrets of the app registration"
	case "AADSTS7000222":
		return "the client secret has expired: create a new one in the app registration"
	case "AADSTS700016":
		return "the Entra tenant has no app with this client id: check the client id and the tenant id"
	case "AADSTS90002", "AADSTS900023":
		return "there is no such Entra tenant: check the tenant id"
	case "AADSTS500011", "AADSTS1002012", "AADSTS70011":
		return "Entra does not know the scope: it must be the instance's own address followed by /.default, in the Entra tenant that the instance belongs to; check the URL and the tenant id"
	case "AADSTS7000112":
		return "the Enterprise Application is disabled: enable it in Entra"
	}
	return ""
}

func errorSized(body []byte) bool {
	return len(body) > 0 && len(body) <= maxError && jsontext.Value(body).Kind() == '{'
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + ": " + b
}
