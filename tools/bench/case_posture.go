package main

import (
	"context"
	"fmt"
	"slices"
)

// postureLimit is what an unchanged run that reads every part may take of one that reads none.
const postureLimit = 1.15

// posture measures what reading how machines do adds to a run that finds nothing changed: runs that read the default
// parts and runs that read none, in turn, each with a graph of its own.
func posture(ctx context.Context, s *session) ([]row, error) {
	if !slices.Contains(s.stores, sqliteStore) {
		return nil, nil
	}
	f, err := s.mainFleet()
	if err != nil {
		return nil, err
	}
	r := row{Case: "posture", Store: sqliteStore, What: "unchanged run / without parts", Unit: "s", Limit: postureLimit}
	with, err := f.loaded(ctx, sqliteStore)
	if err != nil {
		return nil, err
	}
	without, err := f.newTarget(ctx, sqliteStore)
	if err != nil {
		return nil, err
	}
	defer s.discard(without)
	without.env = map[string]string{"SENTINELONE_COLLECT": "none", "NINJARMM_COLLECT": "none", "IMMYBOT_COLLECT": "none"}
	if _, err := f.run(ctx, "posture-first-without", without); err != nil {
		return nil, err
	}
	for range s.repeat {
		bare, err := f.quiet(ctx, "posture-without", without)
		if err != nil {
			return []row{r}, err
		}
		whole, err := f.quiet(ctx, "posture-with", with)
		if err != nil {
			return []row{r}, err
		}
		r.Ours, r.Floor = append(r.Ours, whole.Seconds), append(r.Floor, bare.Seconds)
		r.Note = fmt.Sprintf("%d pages more", pages(&whole)-pages(&bare))
	}
	return []row{r}, nil
}

func pages(one *sample) (n int) {
	for _, s := range one.Report.Steps {
		n += s.Pages
	}
	return n
}
