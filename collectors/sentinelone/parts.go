package sentinelone

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rest"
)

// Parts returns what a console tells in parts, in the order in which people expect them; see
// docs/providers/sentinelone.md for what each costs.
func Parts() []collectors.Part {
	return []collectors.Part{threatsPart(), policiesPart(), discoveredPart()}
}

func threatsPart() collectors.Part {
	return collectors.Part{
		Name: "threats", Default: true, Doc: "threats that are open, and those that were resolved in the last 90 days",
	}
}

func policiesPart() collectors.Part {
	return collectors.Part{
		Name: "policies", Doc: "the protection policies of accounts, sites and groups that have one of their own",
	}
}

func discoveredPart() collectors.Part {
	return collectors.Part{
		Name: "discovered", Doc: "devices that agents have seen on their networks, with and without an agent, as far as the licence gives them",
	}
}

// part returns the step that reads a part: what the console itself refuses is not available, which is no fault.
func (c *Collector) part(p collectors.Part, step collectors.Step) collectors.Step {
	read, count := step.Records, step.Count
	step.Records = func(ctx context.Context, m *collectors.Meter) records {
		return func(yield func(collectors.Record, error) bool) {
			for r, err := range read(ctx, m) {
				if !yield(r, available(err)) {
					return
				}
			}
		}
	}
	step.Count = func(ctx context.Context) (int, error) {
		n, err := count(ctx)
		return n, available(err)
	}
	return c.config.Options.Collect.Mark(p, step)
}

// available makes the console's own refusal of a route an *UnavailableError: its permission, its licence or its release
// does not give it. What a gateway says in front of the console is a fault like any other.
func available(err error) error {
	if refusedBy(err, http.StatusForbidden, codeForbidden) || refusedBy(err, http.StatusNotFound, codeNotFound) {
		return collectors.Unavailable(err)
	}
	return err
}

// refuses reports whether the console itself does not give what was asked for by id: not to this role, not any more, or
// it does not take the id.
func refuses(err error) bool {
	return collectors.IsUnavailable(available(err)) || refusedBy(err, http.StatusBadRequest, codeInvalid)
}

func refusedBy(err error, status int, code string) bool {
	e, ok := errors.AsType[*rest.Error](err)
	return ok && e.Status == status && strings.HasPrefix(e.Message, code)
}
