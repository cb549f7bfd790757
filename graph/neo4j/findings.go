package neo4j

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"assetgraph/graph"
)

// Findings are nodes (:AssetgraphFinding {id, kind, state, device, name, organization, reason, opened, firstSeenOn,
// openedOn, lastSeenOn, closedOn, exception, owner, until}), lastSeenOn of closed ones alone, and beside them a node
// (:AssetgraphFindingCheck {kind, at}) for each kind. No relationship leads to the machine: it would keep the machine
// from being deleted.

// findingPage is how many findings are read at once.
const findingPage = 5000

// Findings implements graph.FindingBook.
func (s *Store) Findings(ctx context.Context, selection graph.FindingSelection) iter.Seq2[graph.Finding, error] {
	return func(yield func(graph.Finding, error) bool) {
		checks, err := s.FindingChecks(ctx)
		if err != nil {
			yield(graph.Finding{}, err)
			return
		}
		for page, err := range s.findingPages(ctx, &selection) {
			if err != nil {
				yield(graph.Finding{}, fmt.Errorf("neo4j: read findings: %w", err))
				return
			}
			for _, row := range page {
				f := findingOf(row)
				if f.State != graph.FindingClosed {
					if f.LastSeenOn = checks[f.Kind]; f.LastSeenOn.Before(f.FirstSeenOn) {
						f.LastSeenOn = f.FirstSeenOn
					}
				}
				if !yield(f, nil) {
					return
				}
			}
		}
	}
}

// findingPages reads findings in the order of their ids: those of the ids that are asked for, else all.
func (s *Store) findingPages(ctx context.Context, selection *graph.FindingSelection) pages {
	params := map[string]any{"limit": findingPage}
	chosen := ""
	if selection.States != nil {
		states := make([]string, len(selection.States))
		for i, state := range selection.States {
			states[i] = string(state)
		}
		chosen, params["states"] = " AND n.state IN $states", states
	}
	const columns = "[n.id, n.kind, n.state, n.device, n.name, n.organization, n.reason, n.opened, n.firstSeenOn, " +
		"n.openedOn, n.lastSeenOn, n.closedOn, n.exception, n.owner, n.until]"
	return func(yield func([]any, error) bool) {
		if selection.IDs != nil {
			text := "UNWIND $ids AS id MATCH (n:" + findingLabel + " {id: id}) WHERE true" + chosen + " RETURN collect(" + columns + ")"
			for part := range slices.Chunk(slices.Compact(slices.Sorted(slices.Values(selection.IDs))), findingPage) {
				params["ids"] = part
				page, err := s.list(ctx, text, params)
				if !yield(page, err) || err != nil {
					return
				}
			}
			return
		}
		text := "MATCH (n:" + findingLabel + ") WHERE n.id > $after" + chosen +
			" WITH n ORDER BY n.id LIMIT $limit RETURN collect(" + columns + ")"
		for after := ""; ; {
			params["after"] = after
			page, err := s.list(ctx, text, params)
			if !yield(page, err) || err != nil || len(page) < findingPage {
				return
			}
			after = string(keyOf(page[len(page)-1]))
		}
	}
}

func findingOf(row any) (f graph.Finding) {
	values, _ := row.([]any)
	state, device := "", ""
	for n, text := range []*string{&f.ID, &f.Kind, &state, &device, &f.Name, &f.Organization, &f.Reason} {
		*text, _ = values[n].(string)
	}
	f.State, f.Device = graph.FindingState(state), graph.Key(device)
	opened, _ := values[7].(int64)
	f.Opened = int(opened)
	for n, at := range []*time.Time{&f.FirstSeenOn, &f.OpenedOn, &f.LastSeenOn, &f.ClosedOn} {
		*at = timeOf(values[8+n])
	}
	f.Exception.Reason, _ = values[12].(string)
	f.Exception.Owner, _ = values[13].(string)
	f.Exception.Until = timeOf(values[14])
	return f
}

// FindingCounts implements graph.FindingBook.
func (s *Store) FindingCounts(ctx context.Context) (map[graph.FindingState]int, error) {
	found, err := s.read(ctx, "MATCH (n:"+findingLabel+") RETURN n.state, count(*)", nil)
	if err != nil {
		return nil, fmt.Errorf("neo4j: count findings: %w", err)
	}
	counts := make(map[graph.FindingState]int, len(found))
	for _, r := range found {
		state, _ := r.Values[0].(string)
		n, _ := r.Values[1].(int64)
		counts[graph.FindingState(state)] = int(n)
	}
	return counts, nil
}

// FindingChecks implements graph.FindingBook.
func (s *Store) FindingChecks(ctx context.Context) (map[string]time.Time, error) {
	found, err := s.read(ctx, "MATCH (n:"+findingCheckLabel+") RETURN n.kind, n.at", nil)
	if err != nil {
		return nil, fmt.Errorf("neo4j: read when findings were looked for: %w", err)
	}
	checks := make(map[string]time.Time, len(found))
	for _, r := range found {
		kind, _ := r.Values[0].(string)
		checks[kind] = timeOf(r.Values[1])
	}
	return checks, nil
}

// SaveFindings implements graph.FindingBook.
func (s *Store) SaveFindings(
	ctx context.Context, l graph.Lease, list []graph.Finding, checks map[string]time.Time,
) error {
	if err := s.writable(); err != nil {
		return err
	}
	written := make([]any, len(list))
	for i := range list {
		written[i] = s.findingProperties(&list[i])
	}
	looked := make([]any, 0, len(checks))
	for kind, at := range checks {
		looked = append(looked, []any{kind, s.datetime(at)})
	}
	_, err := s.write(ctx, func(tx driver.ManagedTransaction) (any, error) {
		if err := checkLease(ctx, tx, l, 0); err != nil {
			return nil, final(err)
		}
		for part := range slices.Chunk(written, findingRows) {
			if _, err := rows(ctx, tx, "UNWIND $list AS row MERGE (n:"+findingLabel+" {id: row.id}) SET n = row",
				map[string]any{"list": part}); err != nil {
				return nil, err
			}
		}
		return rows(ctx, tx, "UNWIND $checks AS row MERGE (n:"+findingCheckLabel+" {kind: row[0]}) SET n.at = row[1]",
			map[string]any{"checks": looked})
	})
	if err != nil {
		return fmt.Errorf("neo4j: save findings: %w", err)
	}
	return nil
}

// findingRows is how many findings one statement writes.
const findingRows = 1000

func (s *Store) findingProperties(f *graph.Finding) map[string]any {
	p := map[string]any{
		"id": f.ID, "kind": f.Kind, "state": string(f.State), "device": string(f.Device), "name": f.Name,
		"reason": f.Reason, "opened": f.Opened, "firstSeenOn": s.datetime(milli(f.FirstSeenOn)),
		"openedOn": s.datetime(milli(f.OpenedOn)),
	}
	if f.Organization != "" {
		p["organization"] = f.Organization
	}
	if !f.ClosedOn.IsZero() {
		p["closedOn"] = s.datetime(milli(f.ClosedOn))
	}
	if f.State == graph.FindingClosed {
		p["lastSeenOn"] = s.datetime(milli(f.LastSeenOn))
	}
	if f.State == graph.FindingAccepted {
		p["exception"], p["owner"], p["until"] = f.Exception.Reason, f.Exception.Owner,
			s.datetime(milli(f.Exception.Until))
	}
	return p
}

// milli cuts a time to what is kept of it.
func milli(t time.Time) time.Time { return t.Truncate(time.Millisecond) }

// forgottenFindings is how many findings go in one transaction.
const forgottenFindings = 5000

// ForgetFindings implements graph.FindingBook.
func (s *Store) ForgetFindings(ctx context.Context, closedBefore time.Time) error {
	if err := s.writable(); err != nil {
		return err
	}
	text, params := "MATCH (n:"+findingLabel+") WHERE n.closedOn < $before ", map[string]any{"before": s.datetime(closedBefore)}
	if closedBefore.IsZero() {
		text = "MATCH (n:" + findingLabel + "|" + findingCheckLabel + ") "
	}
	return s.forget(ctx, "findings", text, params, forgottenFindings)
}
