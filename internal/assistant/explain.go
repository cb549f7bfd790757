package assistant

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"assetgraph/internal/report"
)

type explainArguments struct {
	Text string `json:"text" jsonschema:"a key, id, name, host name, serial number, MAC address or e-mail address, in any case; a part of a name of three characters or more; or a glob such as LT-*"`
	pages
}

type explainData struct {
	Text    string         `json:"text"`
	Matches []report.Match `json:"matches" jsonschema:"machines first, then customers, persons and records that belong to none; subject is null where there are too many to explain: explain one by its key"`
}

func (s *server) addExplain() {
	add(s, "explain", "Everything about one machine, customer or person",
		"What the graph knows of what a text names: the records of each product that are it, why each of them is (method, "+
			"value that matched, confidence), whose it is, and which others share an identifier with it but were kept apart.",
		s.explain)
}

// What one answer explains at most.
const (
	mostExplained = 5  // matches
	mostListed    = 30 // relations, records and conflicts of a match, of each
)

func (s *server) explain(ctx context.Context, in explainArguments) (out answer[explainData], err error) {
	if strings.TrimSpace(in.Text) == "" {
		return out, errors.New("text is empty: give a name, serial number, address or key")
	}
	x, err := report.Explain(ctx, s.Source, in.Text, mostExplained)
	if err != nil {
		return out, err
	}
	if len(x.Matches) == 0 {
		near := "."
		if len(x.Near) > 0 {
			near = "; did you mean " + report.List(x.Near) + "?"
		}
		return out, fmt.Errorf("nothing in the graph has the key, id, name, serial number, MAC address or e-mail address "+
			"%q%s A part of a name has three characters or more, a glob such as LT-* fits the whole of it", in.Text, near)
	}
	for i := range x.Matches {
		out.Notes = append(out.Notes, shorten(&x.Matches[i])...)
	}
	out.Data.Text = in.Text
	out.Data.Matches, out.Page, err = cut(x.Matches, in.pages)
	return out, err
}

// shorten leaves out what would fill the answer, and says what.
func shorten(m *report.Match) (notes []string) {
	left := func(n int, what, cure string) {
		if n > mostListed {
			notes = append(notes, fmt.Sprintf("%s: %d of %d %s are left out%s", m.Key, n-mostListed, n, what, cure))
		}
	}
	if n := len(m.MatchedBy); n > mostListed {
		left(n, "reasons why it matches", "")
		m.MatchedBy = m.MatchedBy[:mostListed]
	}
	x := m.Subject
	if x == nil {
		return notes
	}
	left(len(x.Relations), "relations", "; query lists them by the relationship's type")
	left(len(x.Records), "records", "; query lists them by the relationship's type")
	left(len(x.Conflicts), "conflicts", "")
	x.Relations = x.Relations[:min(mostListed, len(x.Relations))]
	x.Records = x.Records[:min(mostListed, len(x.Records))]
	x.Conflicts = x.Conflicts[:min(mostListed, len(x.Conflicts))]
	return notes
}
