package collectors

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"assetgraph/internal/panics"
)

// ErrCannotAsk says that this provider can't be asked for a record by its id: it has no such route, or ignores the
// filter and shows other records. Its answers to such questions prove nothing.
var ErrCannotAsk = errors.New("the provider can't be asked by id")

// ErrUnproven says that a record which was not found may exist all the same, hidden from these credentials.
var ErrUnproven = errors.New("what the provider does not find may be hidden from these credentials")

// ErrUnknown is an ErrUnproven that was seen: asked by id, the provider does not find a record that its list has just
// shown.
var ErrUnknown = fmt.Errorf("%w: asked by id, it does not find a record that its list has just shown", ErrUnproven)

// AliveByID implements Step.Alive for a provider that is asked for one record at a time: has asks for one id, and runs
// at most atOnce times side by side. AliveByID returns the ids that the provider has, in the order of ids. An id that
// is no number can't be asked for and is returned as if it were there, so that its record is not deleted. The first
// error ends it without ids; so does an id of known that is not found, with ErrUnknown.
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
