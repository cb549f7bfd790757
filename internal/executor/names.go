package executor

import (
	"fmt"

	"assetgraph/graph"
	"assetgraph/internal/correlate"
)

// checkNames returns an error when the graph could not tell the instances apart: what one of two of a name does not see
// would be deleted as gone from the other.
func checkNames(list []Instance) error {
	known := make(map[string]bool, len(list))
	for i := range list {
		name := list[i].Name
		if err := graph.CheckInstance(name); err != nil {
			return fmt.Errorf("instance %w", err)
		}
		switch {
		case name == correlate.Integration:
			return fmt.Errorf("instance %q: the name is that of the program's own part of the graph", name)
		case known[name]:
			return fmt.Errorf("instance %q: there are two of that name", name)
		default:
			known[name] = true
		}
	}
	return nil
}
