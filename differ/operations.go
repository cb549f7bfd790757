package differ

import (
	"context"
	"fmt"
	"time"

	"assetgraph/graph"
)

// Updates whose stored elements are read at once, to name what changes.
const updateChunk = 500

// An operationWriter writes the operations of one scope and counts. Its first error stays in err.
type operationWriter struct {
	reader  Reader
	scope   *ScopePlan
	refresh time.Duration // see Comparison.RefreshAfter
	pending []entry       // updates whose changed properties are not known yet
	scratch []byte
	err     error
}

func newOperationWriter(r Reader, sp *ScopePlan, refresh time.Duration) *operationWriter {
	return &operationWriter{reader: r, scope: sp, refresh: refresh}
}

// match handles an element that was read and is in the graph, and returns the header that the graph will have of it.
func (w *operationWriter) match(ctx context.Context, e entry, h graph.Header) graph.Header {
	switch {
	case e.Digest != h.Digest:
		if w.pending = append(w.pending, e); len(w.pending) == updateChunk {
			w.flushUpdates(ctx)
		}
	case e.Volatile == h.Volatile:
		w.scope.Counts.Unchanged++
	case w.refresh > 0 && e.Clock.MovedWithin(h.Clock, w.refresh):
		w.scope.Counts.Unchanged++
		return h
	default:
		w.write(graph.Refresh, e)
	}
	return e.Header
}

func (w *operationWriter) write(op graph.Op, e entry, changed ...int) {
	if w.err != nil {
		return
	}
	if w.scope.ops == nil {
		w.scope.ops = w.scope.spool.newOperations()
	}
	switch op {
	case graph.Create:
		w.scope.Counts.Create++
	case graph.Update:
		w.scope.Counts.Update++
	case graph.Refresh:
		w.scope.Counts.Refresh++
	case graph.Delete:
	}
	o := operation{op: op, offset: e.offset, length: e.length, changed: changed}
	w.scratch = o.appendTo(w.scratch[:0])
	_, w.err = w.scope.ops.Write(w.scratch)
}

// flushUpdates reads the stored elements of the pending updates and writes these with the properties that differ.
func (w *operationWriter) flushUpdates(ctx context.Context) {
	if w.err != nil || len(w.pending) == 0 {
		return
	}
	t := w.scope.Type
	keys := make([]graph.Key, len(w.pending))
	byKey := make(map[graph.Key]entry, len(w.pending))
	for i, e := range w.pending {
		keys[i], byKey[e.Key] = e.Key, e
	}
	changed := make(map[graph.Key][]int, len(keys))
	read, buf := &graph.Element{}, []byte(nil)
	for old, err := range w.reader.Elements(ctx, graph.Selection{Type: t, Instance: w.scope.Instance, Keys: keys}) {
		if err != nil {
			w.err = err
			return
		}
		e := byKey[old.Key]
		if buf, w.err = w.scope.spool.read(e.offset, e.length, read, buf); w.err != nil {
			return
		}
		changed[old.Key] = read.Changed(old.Element)
		for _, i := range changed[old.Key] {
			w.scope.Changed[t.Properties[i].Name]++
		}
	}
	for _, e := range w.pending {
		w.write(graph.Update, e, changed[e.Key]...)
	}
	w.pending = w.pending[:0]
}

func (w *operationWriter) close(ctx context.Context) error {
	w.flushUpdates(ctx)
	if w.err != nil {
		return fmt.Errorf("write plan: %w", w.err)
	}
	return nil
}
