package assistant

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"assetgraph/internal/report"
)

type coverageArguments struct {
	By            string   `json:"by,omitempty" jsonschema:"what a row stands for: organization (default), or device for each machine that lacks something, with reasons"`
	Organizations []string `json:"organizations,omitempty" jsonschema:"names or globs of customers, in any case"`
	Systems       []string `json:"systems,omitempty" jsonschema:"windows, darwin, linux, ios, android or other"`
	Missing       []string `json:"missing,omitempty" jsonschema:"only machines that lack one of these, and their customers; an unknown word names the known ones"`
	Excludes      []string `json:"excludes,omitempty" jsonschema:"globs of machines to leave out, such as lab-* or tag:spare"`
	StaleDays     *int     `json:"staleDays,omitempty" jsonschema:"days after which a tool that was not seen is stale: 30 by default, 0 for never"`
	CountPending  bool     `json:"countPending,omitempty" jsonschema:"a device that waits for approval counts as managed"`
	Fitting       bool     `json:"fitting,omitempty" jsonschema:"a tool lacks only where it can run"`
	Sort          string   `json:"sort,omitempty" jsonschema:"column to sort by, - before it for the other way round"`
	pages
}

type coverageData struct {
	Summary       []string         `json:"summary" jsonschema:"all machines that were asked for, in words"`
	Machines      int              `json:"machines"`
	Complete      int              `json:"complete" jsonschema:"machines that lack nothing"`
	Lacking       int              `json:"lacking" jsonschema:"machines that lack something, or something of missing"`
	Organizations []map[string]any `json:"organizations,omitempty" jsonschema:"by organization: machines, how many have each tool, how many lack nothing"`
	Devices       []report.Gap     `json:"devices,omitempty" jsonschema:"by device: what is missing and why; device is the key that explain takes"`
}

func (s *server) addCoverage() {
	add(s, "coverage", "Which machines lack which tool",
		"Which machines lack which tool (EDR, RMM, …), by customer or one by one with reasons. A stale tool is there but "+
			"was not seen for long.",
		s.coverage)
}

func (s *server) coverage(ctx context.Context, in coverageArguments) (out answer[coverageData], err error) {
	o, order, err := s.coverOptions(&in)
	if err != nil {
		return out, err
	}
	o.Ages = in.By == "device"
	c, err := report.Cover(ctx, s.Source, o)
	if err != nil {
		return out, err
	}
	out.Data = coverageData{
		Summary: c.Totals.Sentences(), Machines: c.Totals.Devices, Complete: c.Totals.Complete, Lacking: c.Totals.Lacking,
	}
	if in.By == "device" {
		c.SortGaps(order)
		out.Data.Devices, out.Page, err = cut(c.Gaps, in.pages)
		return out, err
	}
	c.SortOrganizations(s.Source.Model.Tools(), order)
	list, p, err := cut(c.Organizations, in.pages)
	if err != nil {
		return out, err
	}
	raw, err := json.Marshal(list) // the columns of the report
	if err != nil {
		return out, err
	}
	out.Page = p
	return out, json.Unmarshal(raw, &out.Data.Organizations)
}

func (s *server) coverOptions(in *coverageArguments) (o report.CoverOptions, order report.Order, err error) {
	const usualDays, day = 30, 24 * time.Hour
	days := usualDays
	if in.StaleDays != nil {
		days = *in.StaleDays
	}
	if days < 0 || days > 36_500 {
		return o, order, fmt.Errorf("staleDays %d: it is a number of days, 0 for never", days)
	}
	o = report.CoverOptions{
		Organizations: in.Organizations, Stale: time.Duration(days) * day, CountPending: in.CountPending,
		Fitting: in.Fitting, Excludes: slices.Clone(s.Excludes), Now: s.Now(),
	}
	tools := s.Source.Model.Tools()
	orderOf := func(name string) (report.Order, error) { return report.OrderOrganizations(tools, name) }
	switch in.By {
	case "", "organization":
	case "device":
		orderOf = report.OrderGaps
	default:
		return o, order, fmt.Errorf("by %s: known are organization, device", in.By)
	}
	if order, err = orderOf(cmp.Or(in.Sort, "organization")); err != nil {
		return o, order, fmt.Errorf("sort: %w", err)
	}
	if o.Missing, err = report.CheckMissing(tools, in.Missing); err != nil {
		return o, order, fmt.Errorf("missing: %w", err)
	}
	if o.Systems, err = report.ChosenSystems(in.Systems); err != nil {
		return o, order, fmt.Errorf("systems: %w", err)
	}
	for _, p := range in.Excludes {
		x, err := report.ParseExclude(p)
		if err != nil {
			return o, order, fmt.Errorf("excludes: %w", err)
		}
		o.Excludes = append(o.Excludes, x)
	}
	return o, order, nil
}
