package ninjarmm

import (
	"context"
	"log/slog"
	"maps"
	"net/url"
	"slices"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rest"
)

// alertList is the list of alerts, which has no pages.
func alertList(query url.Values) list[Alert] {
	return list[Alert]{
		route: alertsRoute, kind: KindAlert, query: query, member: "uid",
		id: func(a *Alert) string { return string(a.UID) },
	}
}

// wholeOrCut reads the alerts of what is chosen in one answer or, where that is too large or does not come, in several:
// those of some organizations each.
func (n *Collector) wholeOrCut(ctx context.Context, m *collectors.Meter, s *scope) records {
	return func(yield func(collectors.Record, error) bool) {
		whole := alertList(deviceFilter(s.clause()))
		list, err := fetch(ctx, n, whole, whole.query)
		switch {
		case err == nil:
			m.Page()
			yieldAll(list, yield)
		case rest.TooMuch(err) && ctx.Err() == nil:
			n.cut(ctx, m, s, err)(yield)
		default:
			yield(collectors.Record{}, refusal(err))
		}
	}
}

func yieldAll(list []collectors.Record, yield func(collectors.Record, error) bool) bool {
	for _, r := range list {
		if !yield(r, nil) {
			return false
		}
	}
	return true
}

// shares is into how many parts an organization counts when organizations are asked for: rest.Size goes down to ten
// rows, which are to be one of them.
const shares = 10

// cut reads alerts by organizations, half as many at a time while an answer is too much, down to a single one. why is
// what became of the whole. An alert that comes with several parts, as all do from a server that ignores the filter, is
// yielded once.
func (n *Collector) cut(ctx context.Context, m *collectors.Meter, s *scope, why error) records {
	return func(yield func(collectors.Record, error) bool) {
		left, err := n.organizationsOf(ctx, s)
		if err == nil && len(left) == 0 {
			err = why
		}
		if err == nil && n.config.Options.Logger != nil {
			n.config.Options.Logger.LogAttrs(ctx, slog.LevelDebug, "alerts are read by organization",
				slog.String("instance", n.config.Instance), slog.Int("organizations", len(left)),
				slog.String("error", why.Error()))
		}
		seen := make(map[string]struct{})
		size := new(rest.Size)
		for err == nil && len(left) > 0 {
			asked := 0
			part := alertList(nil)
			part.rows, part.size = shares*min(len(left), mostAsked), size
			part.ask = func(rows int) url.Values {
				asked = max(1, rows/shares)
				return deviceFilter(among(left[:asked]))
			}
			var list []collectors.Record
			if list, err = fetch(ctx, n, part, nil); err != nil {
				break
			}
			m.Page()
			left = left[asked:]
			if !yieldAll(slices.DeleteFunc(list, func(r collectors.Record) bool { return again(seen, r.ID) }), yield) {
				return
			}
		}
		if err != nil {
			yield(collectors.Record{}, err)
		}
	}
}

// again notes an id and reports whether it was known; what has none never is.
func again(seen map[string]struct{}, id string) bool {
	_, known := seen[id]
	seen[id] = struct{}{}
	return known && id != ""
}

// organizationsOf returns the ids of the organizations that are chosen, all where none are.
func (n *Collector) organizationsOf(ctx context.Context, s *scope) ([]string, error) {
	if s != nil {
		return slices.Sorted(maps.Keys(s.organizations)), nil
	}
	var ids []string
	for r, err := range n.organizations(ctx, &collectors.Meter{}) {
		if err != nil {
			return nil, err
		}
		if r.Err != nil {
			return nil, r.Err
		}
		ids = append(ids, r.ID)
	}
	return ids, nil
}
