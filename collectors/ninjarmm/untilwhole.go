package ninjarmm

import (
	"errors"
	"strconv"

	"assetgraph/collectors"
)

// maxWalks is how often a report is walked before a gap in it stands.
const maxWalks = 3

// untilWhole walks a report, and again from its beginning, with a cursor of its own, when the server has led the walk
// past rows. Only the last walk counts: its rows are yielded when it has ended, without their values, which whoever
// folds them has taken by then. Each walk folds anew.
func untilWhole(walk func() records, again func(gap error)) records {
	return func(yield func(collectors.Record, error) bool) {
		came, err := drain(walk())
		for n := 1; n < maxWalks; n++ {
			gap, passed := errors.AsType[*gapError](err)
			if !passed {
				break
			}
			again(gap)
			came, err = drain(walk())
			if collectors.IsUnavailable(err) { // it was there a moment ago
				err = gap
			}
		}
		if came.yield(yield) && err != nil {
			yield(collectors.Record{}, err)
		}
	}
}

// drained is what is kept of the rows of one walk: of a million as little as can be.
type drained struct {
	kind   string
	of     []int64             // the device of each row that could be read
	broken []collectors.Record // that could not
}

// drain reads a walk to its end.
func drain(walk records) (drained, error) {
	var r drained
	for record, err := range walk {
		if err != nil {
			return r, err
		}
		id, bad := strconv.ParseInt(record.ID, 10, 64)
		if record.Err != nil || bad != nil {
			record.Value = nil
			r.broken = append(r.broken, record)
			continue
		}
		r.kind = record.Kind
		r.of = append(r.of, id)
	}
	return r, nil
}

// yield yields the rows, and reports whether the consumer wants more.
func (r *drained) yield(yield func(collectors.Record, error) bool) bool {
	for _, id := range r.of {
		if !yield(collectors.Record{Kind: r.kind, ID: strconv.FormatInt(id, 10)}, nil) {
			return false
		}
	}
	for _, record := range r.broken {
		if !yield(record, nil) {
			return false
		}
	}
	return true
}
