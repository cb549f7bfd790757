package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"
)

// Most that the change log may add to what a run takes to write, when some machines changed and when all are new.
const (
	loggedChangeLimit = 1.15
	loggedFirstLimit  = 1.05
)

// changeLog measures what the change log costs: runs that keep it and runs that do not, in turn.
func changeLog(ctx context.Context, s *session) (rows []row, _ error) {
	f, err := s.mainFleet()
	if err != nil {
		return nil, err
	}
	for _, store := range s.stores {
		if store == sqliteStore { // a server learns in its first minutes, which would be measured with it
			first, err := f.loggedFirst(ctx)
			if rows = append(rows, first); err != nil {
				return rows, err
			}
		}
		g, err := f.loaded(ctx, store)
		if err != nil {
			return rows, err
		}
		for _, share := range []float64{changedShare, 0.5} {
			changed, err := f.loggedChanges(ctx, g, share)
			if rows = append(rows, changed); err != nil {
				return rows, err
			}
		}
	}
	return rows, nil
}

// loggedFirst loads the fleet into new files.
func (f *fleet) loggedFirst(ctx context.Context) (row, error) {
	r := row{
		Case: "changelog", Store: sqliteStore, What: "first load", Unit: "s", Limit: loggedFirstLimit,
	}
	for range f.session.repeat {
		for _, kept := range []string{"off", "30d"} {
			g, err := f.newTarget(ctx, sqliteStore)
			if err != nil {
				return r, err
			}
			one, err := f.run(ctx, "first-"+kept, g, "--changes", kept)
			f.session.discard(g)
			if err != nil {
				return r, err
			}
			r.add(kept, one)
		}
	}
	return r, nil
}

// measured is what of a run the log adds to: on an embedded graph all of its processor time is the program's own, which
// other work on the machine disturbs less than the time on the wall; a server spends its own.
func measured(one sample) (string, float64) {
	if one.Store == sqliteStore {
		return "processor", one.CPU
	}
	return "apply", one.Report.Phases["apply"]
}

func (r *row) add(kept string, one sample) {
	what, figure := measured(one)
	if !strings.Contains(r.What, "/") {
		r.What += ", " + what + " / without"
	}
	if kept == "off" {
		r.Floor = append(r.Floor, figure)
	} else {
		r.Ours = append(r.Ours, figure)
	}
}

// loggedChanges upgrades a share of the machines before each run.
func (f *fleet) loggedChanges(ctx context.Context, g *target, share float64) (row, error) {
	machines := max(1, int(float64(f.machines)*share))
	r := row{Case: "changelog", Store: g.store, Unit: "s", Limit: loggedChangeLimit,
		What: fmt.Sprintf("%g %% changed", 100*share)}
	var before int64
	if g.file != "" {
		before = size(g.file)
	}
	for n := range f.session.repeat {
		for _, kept := range []string{"off", "30d"} {
			if err := f.advance(ctx, 15*time.Minute, map[string]int{"edit": machines}); err != nil {
				return r, err
			}
			one, err := f.run(ctx, fmt.Sprintf("change-%s", kept), g, "--changes", kept)
			if err != nil {
				return r, err
			}
			r.add(kept, one)
			if g.file != "" && n == 0 && kept == "30d" {
				r.Note = fmt.Sprintf("%d machines, %d elements updated, file grew by %.1f MB", machines, one.Report.Totals.Updated,
					float64(size(g.file)-before)/1e6)
			}
		}
	}
	return r, nil
}

func size(file string) int64 {
	info, err := os.Stat(file)
	if err != nil {
		return 0
	}
	return info.Size()
}
