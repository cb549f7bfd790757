package page_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/page"
	"assetgraph/internal/report"
)

func written(t *testing.T, d *page.Document) string {
	t.Helper()
	d.At = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	var b strings.Builder
	require.NoError(t, page.Write(&b, d))
	// Every element of the body is closed, and nothing that looks like one is none.
	_, body, _ := strings.Cut(b.String(), "</head>")
	x := xml.NewDecoder(strings.NewReader("<html>" + body))
	for {
		_, err := x.Token()
		if errors.Is(err, io.EOF) {
			return b.String()
		}
		require.NoError(t, err, body)
	}
}

func hostile() string { return `<script>alert(1)</script>"'><a href=x>&{{.}}` }

func TestTextStaysText(t *testing.T) {
	r := &report.Report{
		Title: hostile(), Summary: []string{hostile()}, Notes: []string{hostile()},
		Columns: []report.Column{{Name: "organization", Title: "Customer"}, {Name: "link", Title: "Page", Kind: report.Link}, {Name: "n", Title: "N", Kind: report.Figure}, {Name: "yes", Kind: report.Truth}, {Name: "on", Kind: report.Day}, {Name: "none"}},
		Rows: [][]any{
			{hostile(), "javascript:alert(1)", int64(1234), true, "2026-10-31T00:00:00.000Z", nil},
			{"", "https://rmm.example/17?a=b&c", nil, nil, nil, ""}, {"https://name.example", "https://u:p@rmm.example", int64(0), false, nil, nil},
		},
		Sources: []report.InstanceSource{{Instance: hostile(), Status: "complete"}},
	}
	text := written(t, page.Of(r, time.Time{}))
	require.NotContains(t, text, "<script")
	require.NotContains(t, text, `href="javascript`)
	require.Equal(t, 1, strings.Count(text, "<a "), "only an address of a column of addresses, and without a password")
	require.Contains(t, text, `<a href="https://rmm.example/17?a=b&amp;c" rel="noopener noreferrer">https://rmm.example/17?a=b&amp;c</a>`)
	for _, part := range []string{"javascript:alert(1)</td>", "1,234", ">yes</td>", ">unknown</td>", ">no</td>", ">2026-10-31</td>", "(no customer)", "1 November 2026", "<td>never</td>"} {
		require.Contains(t, text, part)
	}
	require.Equal(t, 5, strings.Count(text, "<th scope=\"col\"")-3, "a column without any value is left out")
}

func TestPageOfNothing(t *testing.T) {
	text := written(t, page.Of(&report.Report{Title: "Seats", Columns: []report.Column{{Name: "a"}}}, time.Time{}))
	require.Contains(t, text, "Nothing.")
	require.NotContains(t, text, "<table")
}

func TestCharts(t *testing.T) {
	c := &page.Chart{Title: "Shares", Bars: []page.Bar{
		{Label: "EDR", Parts: []page.Part{{Label: "has it", Value: 999, Tone: page.Good}, {Label: "missing", Value: 1, Tone: page.Bad}, {Label: "stale", Tone: page.Fair}}},
		{Label: "RMM", Parts: []page.Part{{Label: "has it", Value: 500, Tone: page.Good}, {Label: "missing", Value: 500, Tone: page.Bad}}},
	}}
	parts := c.Parts()
	require.Len(t, parts, 4, "what is nothing is not drawn")
	require.Equal(t, "999", parts[0].Text)
	require.Empty(t, parts[1].Text, "a figure for which there is no room stands in its title")
	require.GreaterOrEqual(t, parts[1].Width, 2.0, "what is there is seen")
	require.InDelta(t, parts[2].Width, parts[3].Width, 0.001)
	for _, p := range parts {
		require.LessOrEqual(t, p.X+p.Width, float64(c.Width())+2)
		require.LessOrEqual(t, p.Y+p.Height, float64(c.Height()))
	}
	require.Len(t, c.Names(), 2, "what is nothing is not named")
	require.Equal(t, "Shares. EDR: has it 999, missing 1, stale 0; RMM: has it 500, missing 500.", c.Words())
	text := written(t, &page.Document{Title: "T", Sections: []page.Section{{Chart: c}}})
	require.Contains(t, text, `role="img" aria-label="Shares. EDR: has it 999`)
	require.Contains(t, text, "<title>missing: 1</title>")
}
