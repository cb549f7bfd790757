package assistant

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"assetgraph/internal/findings"
	"assetgraph/internal/settings"
)

type findingsArguments struct {
	Kind      string `json:"kind,omitempty" jsonschema:"kinds or globs with commas between, such as missing-edr or stale-*; an unknown one names the known ones"`
	Customer  string `json:"customer,omitempty" jsonschema:"name or glob of a customer, in any case"`
	Machine   string `json:"machine,omitempty" jsonschema:"name, key or glob of a machine, in any case"`
	State     string `json:"state,omitempty" jsonschema:"open, reopened, accepted or closed with commas between, or all: open,reopened by default"`
	OlderThan string `json:"olderThan,omitempty" jsonschema:"only what was opened so long ago or earlier, such as 12h, 30d or 8w"`
	pages
}

type findingsData struct {
	Kinds    []findings.KindCount `json:"kinds" jsonschema:"how many of all that were asked for are of which kind, and since when the oldest is open"`
	Findings []findingData        `json:"findings" jsonschema:"by customer, machine and kind"`
}

// A findingData is a finding as the command prints it, with its age.
type findingData struct {
	findings.Finding
	Days int `json:"days" jsonschema:"how long ago it was opened"`
}

func (s *server) addFindings() {
	add(s, "findings", "What is wrong with machines, and since when",
		"What is wrong with machines and since when: from when a run first saw it to when it was gone, and what people have "+
			"accepted, why, who answers for it and until when. Kinds: "+
			strings.Join(findings.Names(findings.Kinds(s.Source.Model.Tools())), ", ")+". What could not be read opens and "+
			"closes nothing: notes name kinds that were not looked for lately.",
		s.findings)
}

func (s *server) findings(ctx context.Context, in findingsArguments) (out answer[findingsData], err error) {
	one := func(text string) []string {
		if text == "" {
			return nil
		}
		return []string{text}
	}
	o := findings.ListOptions{
		Kinds: findings.Split(in.Kind), Customers: one(in.Customer), Machines: one(in.Machine), Now: s.Now(),
	}
	if in.OlderThan != "" {
		if o.OlderThan, err = settings.ParseDuration(in.OlderThan); err != nil {
			return out, fmt.Errorf("olderThan: %w", err)
		}
	}
	states := cmp.Or(in.State, strings.Join(findings.UsualStates(), ","))
	if o.States, err = findings.ChosenStates(findings.Split(states)); err != nil {
		return out, fmt.Errorf("state: %w", err)
	}
	list, err := findings.Read(ctx, s.Source, o)
	if err != nil {
		return out, err
	}
	all, err := list.Select(o)
	if err != nil {
		return out, err
	}
	rows := make([]findingData, len(all))
	for i := range rows {
		rows[i] = findingData{list.Findings[i], list.Findings[i].Days()}
	}
	out.Notes, out.Data.Kinds = list.Unlooked, list.ByKind(all)
	out.Data.Findings, out.Page, err = cut(rows, in.pages)
	return out, err
}
