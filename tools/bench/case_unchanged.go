package main

import (
	"context"
	"fmt"
)

// unchangedLimit is the most that a run over unchanged data may take of a bare fetch of the same pages.
func unchangedLimit(store string) float64 {
	if store == sqliteStore {
		return 1.9
	}
	return 2
}

// unchanged measures runs that find the fleet as the graph has it.
func unchanged(ctx context.Context, s *session) ([]row, error) {
	f, err := s.mainFleet()
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, store := range s.stores {
		r := row{
			Case: "unchanged", Store: store, What: "whole run / fetch", Unit: "s", Limit: unchangedLimit(store),
		}
		if _, err := f.loaded(ctx, store); err != nil {
			return rows, err
		}
		for range s.repeat {
			fetched, err := f.fetchAll(ctx)
			if err != nil {
				return rows, err
			}
			ours, err := f.unchanged(ctx, "unchanged", store)
			if err != nil {
				return rows, err
			}
			r.Ours, r.Floor = append(r.Ours, ours.Seconds), append(r.Floor, fetched.Seconds)
			r.Note = fmt.Sprintf("%d requests, %.0f MB; 0 writes", fetched.Floor.Requests,
				float64(fetched.Floor.Bytes)/1e6)
		}
		rows = append(rows, r)
	}
	return rows, nil
}
