package report

import (
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"
)

// Sentences says what the totals are in words.
func (t Totals) Sentences() []string {
	if t.Devices == 0 {
		return []string{"No machines" + t.left() + "."}
	}
	list := []string{fmt.Sprintf("%s of %s: %s (%d %%) lack nothing%s.", count(t.Devices, "machine"), count(t.Organizations, "customer"),
		humanize.Comma(int64(t.Complete)), t.Complete*100/t.Devices, t.left())}
	list = appendSentence(list, "Missing: ", t.Missing, func(tool Tool) string {
		if n := t.Unfit[tool]; n > 0 {
			return fmt.Sprintf(" (%s of them where it does not run)", humanize.Comma(int64(n)))
		}
		return ""
	})
	return appendSentence(list, "Not missing but stale: ", t.Stale, func(Tool) string { return "" })
}

func (t Totals) left() string {
	if t.Excluded == 0 {
		return ""
	}
	return fmt.Sprintf("; %s left out", humanize.Comma(int64(t.Excluded)))
}

func appendSentence(list []string, begin string, figures [Tools]int, more func(Tool) string) []string {
	var parts []string
	for tool, n := range figures {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%s on %s", Tool(tool).title(), humanize.Comma(int64(n)))+more(Tool(tool)))
		}
	}
	if len(parts) == 0 {
		return list
	}
	return append(list, begin+strings.Join(parts, ", ")+".")
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return humanize.Comma(int64(n)) + " " + noun + "s"
}
