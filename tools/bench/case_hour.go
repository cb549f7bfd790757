package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// What an hour brings to a fleet, as shares of its machines; and what a run after it may take of an unchanged run.
const (
	seenShare     = 0.7
	reallyChanged = 0.005 // a third each: an upgrade, another user, a new name where there is no serial number
	hourLimit     = 1.4
)

// hoursOfEach is how many hours follow one another for each repetition: what a run leaves for later, a later one of them
// may have to pay.
const hoursOfEach = 2

// refreshAlways are the flags with which each last-seen time that has moved is written.
func refreshAlways() []string { return []string{"--refresh-after", "0"} }

// hour plays hours that follow one another and runs after each, once over what the hour has changed and once over
// nothing. It does so with the program's own tolerance of last-seen times, and with none.
func hour(ctx context.Context, s *session) ([]row, error) {
	f, err := s.mainFleet()
	if err != nil {
		return nil, err
	}
	for _, store := range s.stores {
		if _, err := f.loaded(ctx, store); err != nil {
			return nil, err
		}
	}
	if !strings.Contains(s.runHelp, refreshAlways()[0]) {
		return f.hours(ctx, "whole run / unchanged run")
	}
	rows, err := f.hours(ctx, "whole run / unchanged run")
	if err != nil {
		return rows, err
	}
	more, err := f.hours(ctx, "the same, "+strings.Join(refreshAlways(), " "), refreshAlways()...)
	return append(rows, more...), err
}

// hours measures runs with these flags: a row for each store.
func (f *fleet) hours(ctx context.Context, what string, flags ...string) ([]row, error) {
	s := f.session
	rows, refreshed := make([]row, len(s.stores)), make([][]string, len(s.stores))
	for i, store := range s.stores {
		rows[i] = row{Case: "hour", Store: store, What: what, Unit: "s", Limit: hourLimit}
	}
	for range hoursOfEach * s.repeat {
		if err := f.passHour(ctx); err != nil {
			return nil, err
		}
		for i, store := range s.stores {
			ours, err := f.run(ctx, "hour", f.graphs[store], flags...)
			if err != nil {
				return nil, err
			}
			if ours.Report.Totals.Updated == 0 {
				return nil, fmt.Errorf("a run after an hour updated nothing: %+v", ours.Report.Totals)
			}
			still, err := f.quiet(ctx, "hour-unchanged", f.graphs[store], flags...)
			if err != nil {
				return nil, err
			}
			rows[i].Ours, rows[i].Floor = append(rows[i].Ours, ours.Seconds), append(rows[i].Floor, still.Seconds)
			refreshed[i] = append(refreshed[i], fmt.Sprint(ours.Report.Totals.Refreshed))
		}
	}
	for i, r := range rows {
		rows[i].Note = fmt.Sprintf("refreshed %s elements; mean ratio %.2f", strings.Join(refreshed[i], ", "),
			mean(r.Ours)/mean(r.Floor))
	}
	return rows, nil
}

// passHour lets an ordinary hour pass.
func (f *fleet) passHour(ctx context.Context) error {
	some := max(1, int(float64(f.machines)*reallyChanged/3))
	return f.advance(ctx, time.Hour, map[string]int{
		"seen": int(float64(f.machines) * seenShare), "edit": some, "user": some, "rename-bare": some,
	})
}
