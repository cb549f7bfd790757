package view

import (
	"context"
	"time"
)

// lookEvery is how often the view looks whether a run has ended.
const lookEvery = 10 * time.Second

// readAhead reads what pages need before anybody asks for it, until ctx ends: at once, and whenever a run has ended.
// Once an hour it reads again what has ages.
func (v *View) readAhead(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for last := "-"; ; {
		ended, err := v.lastEnded(ctx)
		switch {
		case err != nil:
		case ended != last:
			last = ended
			err = v.readAll(ctx)
		default:
			err = v.renew(ctx)
		}
		if err != nil && ctx.Err() == nil {
			v.o.Logger.Warn("the graph can't be read ahead", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// readAll reads all that is kept in memory, first what the first page shows.
func (v *View) readAll(ctx context.Context) error {
	stamp, err := v.stamp(ctx)
	if err != nil {
		return err
	}
	f, err := v.fleetOf(ctx, stamp)
	if err != nil {
		return err
	}
	if _, err = v.findings(ctx, f); err != nil {
		return err
	}
	v.sourceOf(stamp)
	return v.sortAhead(ctx, f)
}

// sortAhead does what sorting and filtering the tables of the whole fleet takes.
func (v *View) sortAhead(ctx context.Context, f *fleet) error {
	b, err := v.findings(ctx, f)
	if err != nil {
		return err
	}
	for _, t := range []*table{v.machinesTable(f, nil), v.findingsTable(f, b, nil, false)} {
		for i := range t.columns {
			t.column(i)
		}
	}
	return nil
}

// renew reads the fleet again that was read in another hour: ages count from then. Until that is done pages show what
// they have.
func (v *View) renew(ctx context.Context) error {
	m := &v.memory
	m.mu.Lock()
	old := m.fleet
	m.mu.Unlock()
	if old == nil {
		return nil
	}
	f, err := old.wait(ctx)
	if err != nil || f.read.Truncate(time.Hour).Equal(v.o.Now().Truncate(time.Hour)) {
		return err
	}
	again := begin(v.reads, v.readFleet, func() {})
	if again == nil {
		return nil // the next look does it
	}
	if f, err = again.wait(ctx); err != nil {
		return err
	}
	if err = v.sortAhead(ctx, f); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fleet == old {
		m.fleet = again
	}
	return nil
}

// lastEnded returns the id of the newest run, "" for none and while it has not ended.
func (v *View) lastEnded(ctx context.Context) (string, error) {
	runs, err := v.o.Source.Store.Runs(ctx, 1)
	if err != nil || len(runs) == 0 || runs[0].FinishedAt.IsZero() {
		return "", err
	}
	return runs[0].ID, nil
}
