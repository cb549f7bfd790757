package differ

import "assetgraph/graph"

// A family walks the relationships of one scope in key order, so that those of one parent follow each other. For each
// child that is about to be deleted it notes that there is a parent, and a sibling: another child of that parent which
// is in the graph and was read. If the credentials still see the sibling, they would see the child.
type family struct {
	*comparison
	parent, child graph.Key // child: one that was read, "" for none
	gone          []graph.Key
}

// add takes the next relationship that the graph holds.
func (f *family) add(relationship graph.Key, read bool) {
	from, to := relationship.Ends()
	if from != f.parent {
		f.close()
		f.parent, f.child = from, ""
	}
	if read {
		f.child = to
	} else {
		f.gone = append(f.gone, to)
	}
}

// close notes what the relationships of the last parent tell.
func (f *family) close() {
	if len(f.gone) == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, key := range f.gone {
		d := f.ends[key.Scope()].removal(key)
		if d == nil {
			continue
		}
		d.hasParent = true
		if d.sibling == "" {
			d.sibling = f.child
		}
	}
	f.gone = f.gone[:0]
}
