package executor

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"assetgraph/converters"
	"assetgraph/differ"
	"assetgraph/graph"
)

// A refusal says that an instance points at another account than the one whose records the graph holds. It is an error
// until the instance's comparison has ended.
type refusal struct{ instance, before, now string }

// Error names both accounts and says what to do.
func (r *refusal) Error() string {
	return fmt.Sprintf("instance %s pointed at %s before and points at %s now: nothing of it was written or deleted; "+
		"point it back, or remove what was read before with `execute clear --instance %s`", r.instance, r.before, r.now,
		r.instance)
}

// refuseSteps puts the refusal of an instance before its steps, of which nothing is used.
func refuseSteps(steps []StepReport, r *refusal, observer Observer) []StepReport {
	signIn := StepReport{Instance: r.instance, Step: SignIn, Status: StatusFailed, Error: r.Error()}
	observer.StepDone(signIn)
	out := []StepReport{signIn}
	for _, s := range steps {
		if s.Status != StatusSkipped {
			s.Status, s.Error = StatusFailed, "not used: the instance points at another account"
		}
		out = append(out, s)
	}
	return out
}

// compareAccounts returns a *refusal when what was read is of another account than what the graph holds: of the first
// type that tells accounts apart, and of which both have records, they have none in common.
func compareAccounts(ctx context.Context, store graph.Reader, in *Instance, entities []*differ.ScopePlan) error {
	for i := range in.Converter.Identities {
		id := &in.Converter.Identities[i]
		sp := scopeOf(entities, id.Type)
		if sp == nil || sp.Population == 0 || sp.Read == 0 {
			continue
		}
		verdict, err := compareIdentity(ctx, store, id, sp)
		switch {
		case err != nil:
			return err
		case verdict == converters.Same:
			return nil
		case verdict == converters.Other:
			before, now, err := accountNames(ctx, store, in, entities, sp)
			if err != nil {
				return err
			}
			return &refusal{instance: in.Name, before: before, now: now}
		}
	}
	return nil
}

func scopeOf(scopes []*differ.ScopePlan, t *graph.Type) *differ.ScopePlan {
	for _, sp := range scopes {
		if sp.Scope.Type == t.Name {
			return sp
		}
	}
	return nil
}

// compareIdentity weighs the records of one type. Where ids are not unique some may be alike by chance, so that the
// greater part decides.
func compareIdentity(
	ctx context.Context, store graph.Reader, id *converters.Identity, sp *differ.ScopePlan,
) (converters.Evidence, error) {
	if sp.Stands() { // whatever tells accounts apart is the same
		tells, err := anyTells(sp.AsRead(), id)
		if err != nil || !tells {
			return converters.Nothing, err
		}
		return converters.Same, nil
	}
	same, other := 0, 0
	for pair, err := range sp.Common(ctx, store) {
		if err != nil {
			return converters.Nothing, err
		}
		switch id.Compare(pair.Stored, pair.Read) {
		case converters.Same:
			same++
		case converters.Other:
			other++
		case converters.Nothing:
		}
	}
	switch {
	case same > other:
		return converters.Same, nil
	case other > 0:
		return converters.Other, nil
	}
	for _, side := range []iter.Seq2[*graph.Element,
		error]{stored(store.Elements(ctx, graph.Selection{Type: sp.Type, Instance: sp.Instance})), sp.AsRead()} {
		if tells, err := anyTells(side, id); err != nil || !tells {
			return converters.Nothing, err
		}
	}
	return converters.Other, nil
}

func anyTells(elements iter.Seq2[*graph.Element, error], id *converters.Identity) (bool, error) {
	for e, err := range elements {
		if err != nil {
			return false, err
		}
		if id.Tells(e) {
			return true, nil
		}
	}
	return false, nil
}

func stored(elements iter.Seq2[graph.Stored, error]) iter.Seq2[*graph.Element, error] {
	return func(yield func(*graph.Element, error) bool) {
		for e, err := range elements {
			if !yield(e.Element, err) || err != nil {
				return
			}
		}
	}
}

func read(sp *differ.ScopePlan) iter.Seq2[*graph.Element, error] {
	return func(yield func(*graph.Element, error) bool) {
		for e, err := range sp.Elements() {
			if !yield(e.Element, err) || err != nil {
				return
			}
		}
	}
}

// accountNames names the account that the graph holds and the one that was read: by the widest records of which there
// are both, else by those that told them apart.
func accountNames(
	ctx context.Context, store graph.Reader, in *Instance, entities []*differ.ScopePlan, otherwise *differ.ScopePlan,
) (before, now string, err error) {
	sp := scopeOf(entities, in.Converter.Types[0])
	if sp == nil || sp.Population == 0 || sp.Read == 0 {
		sp = otherwise
	}
	before, err = nameAccount(sp, stored(store.Elements(ctx, graph.Selection{Type: sp.Type, Instance: sp.Instance})),
		sp.Population)
	if err != nil {
		return "", "", err
	}
	now, err = nameAccount(sp, read(sp), sp.Read)
	return before, now, err
}

// nameAccount names the first few of its records.
func nameAccount(sp *differ.ScopePlan, elements iter.Seq2[*graph.Element, error], total int) (string, error) {
	const most, longest = 3, 60
	var names []string
	for e, err := range elements {
		if err != nil {
			return "", err
		}
		name := []rune(e.Get("name").Text())
		if len(name) > longest {
			name = append(name[:longest], '…')
		}
		names = append(names, fmt.Sprintf("%q (%s)", string(name), strings.TrimPrefix(string(e.Key), sp.Prefix())))
		if len(names) == most {
			break
		}
	}
	text := "the account with " + sp.Scope.Type + " " + strings.Join(names, ", ")
	if more := total - len(names); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text, nil
}
