package collectors

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"assetgraph/internal/panics"
)

// ErrCannotAsk is the error of a provider that answers another question than the one for an id: the route or the filter
// is not there. Nothing it says of ids is believed.
var ErrCannotAsk = errors.New("the provider can't be asked by id")

// ErrUnproven is the error of a provider whose answer can't tell what is gone from what these credentials may not see.
var ErrUnproven = errors.New("what the provider does not find may be hidden from these credentials")

// ErrUnknown is the ErrUnproven of a provider that does not find a record which its list has just shown.
var ErrUnknown = fmt.Errorf("%w: asked by id, it does not find a record that its list has just shown", ErrUnproven)

// AliveByID is the Alive of a step whose provider is asked for one record at a time: has reports whether it has that
// id, and runs at most atOnce times side by side. It returns the ids that the provider has, in the order of ids. What
// is no number is no id of such a provider: it is returned without being asked for. The first error ends it, and so
// does one of known that is not there, with ErrUnknown; then no id is returned.
func AliveByID(
	ctx context.Context, ids, known []string, atOnce int, has func(ctx context.Context, id string) (bool, error),
) ([]string, error) {
	if !slices.ContainsFunc(ids, IsNumber) {
		return slices.Clone(ids), nil
	}
	for _, id := range known {
		if there, err := has(ctx, id); err != nil {
			return nil, err
		} else if !there {
			return nil, ErrUnknown
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	alive := make([]bool, len(ids))
	var work panics.Group
	for worker := range min(atOnce, len(ids)) {
		work.Go(func() {
			for i := worker; i < len(ids) && ctx.Err() == nil; i += atOnce {
				if alive[i] = !IsNumber(ids[i]); alive[i] {
					continue
				}
				there, err := has(ctx, ids[i])
				if err != nil {
					cancel(err)
				}
				alive[i] = there
			}
		})
	}
	work.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	var out []string
	for i, id := range ids {
		if alive[i] {
			out = append(out, id)
		}
	}
	return out, nil
}

// IsNumber reports whether id consists of digits alone, as the ids do that may stand in a path or a filter.
func IsNumber(id string) bool {
	return id != "" && strings.Trim(id, "0123456789") == ""
}
