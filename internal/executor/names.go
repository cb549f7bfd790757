package executor

import (
	"fmt"
	"strings"

	"assetgraph/internal/correlate"
)

// checkNames returns an error when the graph could not tell the instances apart: what one of two of a name does not see
// would be deleted as gone from the other.
func checkNames(list []Instance) error {
	known := make(map[string]bool, len(list))
	for i := range list {
		switch name := list[i].Name; {
		case !validName(name):
			return fmt.Errorf("instance %q: a name has up to 63 of a-z, 0-9, dot, hyphen and underscore, and begins with a letter or digit", name)
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

// validName reports whether an instance may have the name. Names stand in keys, in evidence and in the names of files,
// where case may not count.
func validName(name string) bool {
	const most, letters = 63, "abcdefghijklmnopqrstuvwxyz0123456789"
	return name != "" && len(name) <= most && strings.Trim(name, letters+".-_") == "" &&
		strings.ContainsRune(letters, rune(name[0]))
}
