package notify

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"assetgraph/internal/plaintext"
)

// About identifies the run that a message comes from.
type About struct {
	Run        string    `json:"run"`    // id, "" for one that did not begin
	Status     string    `json:"status"` // how it ended
	Graph      string    `json:"graph"`  // where the graph lies, "" when that is not known
	FinishedAt time.Time `json:"finishedAt"`
}

// A told finding is one of the JSON form.
type toldFinding struct {
	Event string    `json:"event"` // opened, changed, closed
	Since time.Time `json:"since"`
	Finding
}

// A message is what one target is told after one run.
type message struct {
	id     string // the same when it is sent again, in a later run as well
	about  About
	events []event
}

func newMessage(about About, events []event) *message {
	h := sha256.New()
	for _, e := range events {
		fmt.Fprintf(h, "%s\x00%s\x00%s\x00%d\x00", e.what, e.Finding.ID, e.Finding.Mark, e.Since.UnixMilli())
	}
	return &message{id: hex.EncodeToString(h.Sum(nil)[:16]), about: about, events: events}
}

// body returns the message in a form.
func (m *message) body(format string) ([]byte, error) {
	switch format {
	case Slack:
		return marshal(map[string]any{"text": m.text(slackText, "*", "`")})
	case Teams:
		return marshal(m.card())
	}
	findings := make([]toldFinding, 0, len(m.events))
	for _, e := range m.events {
		findings = append(findings, toldFinding{Event: e.what, Since: e.Since, Finding: e.Finding})
	}
	return marshal(map[string]any{"id": m.id, "source": "assetgraph", "about": m.about, "findings": findings})
}

func marshal(v any) ([]byte, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return []byte(b.String()), err
}

// What one message shows to people of many findings: services refuse what is too long.
const (
	mostShown   = 20
	mostDetails = 8
)

func heading(what string) string {
	return map[string]string{opened: "New", changed: "Changed", closed: "Over"}[what]
}

// text is the message for people; escape makes a text harmless to the service, bold and code stand around what is so.
func (m *message) text(escape func(string) string, bold, code string) string {
	var b strings.Builder
	for i, e := range m.events {
		if i == mostShown {
			fmt.Fprintf(&b, "and %d more: `execute history` and the log of the run have them\n", len(m.events)-i)
			break
		}
		fmt.Fprintf(&b, "%s%s: %s%s\n", bold, heading(e.what), escape(e.Finding.Title), bold)
		for _, line := range e.shown() {
			fmt.Fprintf(&b, "• %s\n", escape(line))
		}
		if e.what != closed && e.Finding.Command != "" {
			fmt.Fprintf(&b, "If that is right, this lets them go: %s%s%s\n", code, escape(e.Finding.Command), code)
		}
	}
	fmt.Fprintf(&b, "Run %s on %s: %s\n", m.about.Run, escape(m.about.Graph), m.about.Status)
	return b.String()
}

// shown returns the details that people are shown of an event.
func (e event) shown() []string {
	if e.what == closed {
		return nil
	}
	var lines []string
	for i, line := range e.Finding.Details {
		if i == mostDetails {
			return append(lines, fmt.Sprintf("and %d more", len(e.Finding.Details)-i))
		}
		lines = append(lines, plaintext.Clip(line, plaintext.Message))
	}
	return lines
}

func slackText(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// card is the message as a Teams workflow takes it: a text block for each finding, with no markup of others' texts.
func (m *message) card() map[string]any {
	block := func(text string) map[string]any {
		return map[string]any{"type": "TextBlock", "wrap": true, "text": text}
	}
	var body []map[string]any
	for line := range strings.Lines(m.text(cardText, "**", "")) {
		body = append(body, block(strings.TrimRight(line, "\n")))
	}
	return map[string]any{"type": "message", "attachments": []map[string]any{{
		"contentType": "application/vnd.microsoft.card.adaptive",
		"content": map[string]any{
			"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4",
			"body": body,
		},
	}}}
}

// cardText keeps the text blocks of a card from taking a part of a name for a link or emphasis.
func cardText(s string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "[", `\[`, "]", `\]`, "_", `\_`).Replace(s)
}
