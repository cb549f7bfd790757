package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	answerTime   = 150 * time.Millisecond
	latencyLimit = 1.3
)

// latency measures runs over unchanged data while each answer takes its time, against the longest chain of pages that
// has to be read one after another.
func latency(ctx context.Context, s *session) (_ []row, err error) {
	f, err := s.mainFleet()
	if err != nil {
		return nil, err
	}
	store := s.stores[0]
	r := row{Case: "latency", Store: store, What: "whole unchanged run", Unit: "s", Limit: latencyLimit}
	all, err := f.recording(ctx)
	if err != nil {
		return nil, err
	}
	chain, pages, err := all.longestChain()
	if err != nil {
		return nil, err
	}
	if _, err := f.loaded(ctx, store); err != nil {
		return nil, err
	}
	if err := errors.Join(f.stop(), f.start(answerTime)); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.stop(), f.start(0)) }()
	for range s.repeat {
		floor, err := f.fetch(ctx, "floor-chain", recording{"chain": chain})
		if err != nil {
			return nil, err
		}
		ours, err := f.unchanged(ctx, "latency", store)
		if err != nil {
			return nil, err
		}
		r.Ours, r.Floor = append(r.Ours, ours.Seconds), append(r.Floor, floor.Seconds)
	}
	r.Note = fmt.Sprintf("%v an answer; chain of %d pages", answerTime, pages)
	return []row{r}, nil
}
