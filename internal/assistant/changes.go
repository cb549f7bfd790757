package assistant

import (
	"context"
	"fmt"
	"strings"

	"assetgraph/internal/report"
	"assetgraph/internal/settings"
)

type changesArguments struct {
	Since     string   `json:"since,omitempty" jsonschema:"how long ago at most, such as 24h or 7d, or a time such as 2026-11-01; by default all that the log keeps"`
	Types     []string `json:"types,omitempty" jsonschema:"types or globs, such as device or *_is_device"`
	Customers []string `json:"customers,omitempty" jsonschema:"names or globs of customers"`
	Text      string   `json:"text,omitempty" jsonschema:"names one machine, customer or person as explain takes it; what is gone is found by its key or name"`
	pages
}

type changesData struct {
	Changes []report.Change `json:"changes" jsonschema:"the newest first"`
}

func (s *server) addChanges() {
	add(s, "changes", "What runs changed",
		"What was created, updated (old and new values) and deleted, and which records joined another machine, customer "+
			"or person or split off, from the log that runs keep for 30 days unless told otherwise. Times such as "+
			"lastSeenOn are no change. Of a first load the number is kept alone.",
		s.changes)
}

func (s *server) changes(ctx context.Context, in changesArguments) (out answer[changesData], err error) {
	c, err := newCutter[report.Change](in.pages)
	if err != nil {
		return out, err
	}
	o := report.ChangeOptions{
		Organizations: in.Customers, Text: strings.TrimSpace(in.Text), Limit: in.Offset + c.limit + 1,
	}
	if in.Since != "" {
		if o.Since, err = settings.ParseSince(in.Since, s.Now()); err != nil {
			return out, fmt.Errorf("since: %w", err)
		}
	}
	if o.Types, err = report.ChosenTypes(s.Source.Schema, in.Types); err != nil {
		return out, fmt.Errorf("types: %w", err)
	}
	list, err := report.Changes(ctx, s.Source, o)
	if err != nil {
		return out, err
	}
	for i := range list.Changes {
		shortenChange(&list.Changes[i])
		if full, err := c.offer(list.Changes[i]); full || err != nil {
			out.Data.Changes, out.Page = c.rows, &c.page
			return out, err
		}
	}
	out.Data.Changes, out.Page = c.rows, &c.page
	return out, nil
}

// shortenChange takes away the properties of what was created or deleted: it has all of them, which would fill the
// page, and what was created explain tells.
func shortenChange(c *report.Change) {
	if c.Op == report.ChangeCreate || c.Op == report.ChangeDelete {
		c.Properties = nil
	}
}
