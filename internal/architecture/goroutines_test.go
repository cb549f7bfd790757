package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Folders whose goroutines are no part of the program, or run nothing but net/http, which catches panics itself.
func withoutCatch() []string {
	return []string{"tools/", "graph/storetest/", "internal/neo4jserver/", "internal/simulator/", "internal/panics/"}
}

// TestGoroutinesCatchPanics: a panic in a goroutine that does not catch it ends the process, whatever others would do
// about it.
func TestGoroutinesCatchPanics(t *testing.T) {
	seen := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		name := filepath.ToSlash(strings.TrimPrefix(path, "../../"))
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || exempt(name) {
			return err
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		n, bad := uncaught(file)
		seen += n
		for _, pos := range bad {
			t.Errorf("%s:%d: begin the goroutine with `defer panics.Catch(&err)`, or start it with a panics.Group", name, fset.Position(pos).Line)
		}
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, seen, 12, "goroutines were found")
}

func exempt(name string) bool {
	for _, prefix := range withoutCatch() {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// uncaught counts the places where a file starts goroutines, and returns those that let panics through.
func uncaught(file *ast.File) (starts int, bad []token.Pos) {
	groups := groupsOf(file)
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			starts++
			if f, ok := n.Call.Fun.(*ast.FuncLit); !ok || !catches(f) {
				bad = append(bad, n.Pos())
			}
		case *ast.CallExpr:
			method, ok := n.Fun.(*ast.SelectorExpr)
			if !ok || method.Sel.Name != "Go" || len(n.Args) != 1 {
				return true
			}
			starts++
			f, literal := n.Args[0].(*ast.FuncLit)
			if !groups[nameOf(method.X)] && (!literal || !catches(f)) {
				bad = append(bad, n.Pos())
			}
		}
		return true
	})
	return starts, bad
}

// nameOf returns the name of a variable or field, "" for what is neither.
func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// groupsOf returns the names of variables and fields that are declared as panics.Group.
func groupsOf(file *ast.File) map[string]bool {
	names := map[string]bool{}
	add := func(t ast.Expr, declared []*ast.Ident) {
		if isPanics(t, "Group") {
			for _, name := range declared {
				names[name.Name] = true
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			add(n.Type, n.Names)
		case *ast.Field:
			add(n.Type, n.Names)
		}
		return true
	})
	return names
}

func catches(f *ast.FuncLit) bool {
	for _, s := range f.Body.List {
		if d, ok := s.(*ast.DeferStmt); ok && isPanics(d.Call.Fun, "Catch") {
			return true
		}
	}
	return false
}

func isPanics(e ast.Expr, name string) bool {
	s, ok := e.(*ast.SelectorExpr)
	if !ok || s.Sel.Name != name {
		return false
	}
	pkg, ok := s.X.(*ast.Ident)
	return ok && pkg.Name == "panics"
}

func TestUncaughtGoroutinesAreFound(t *testing.T) {
	const source = `package p
func f() {
	go g()
	go func() { g() }()
	go func() { defer panics.Catch(&err); g() }()
	var good panics.Group
	good.Go(func() { g() })
	var plain sync.WaitGroup
	plain.Go(func() { g() })
	plain.Go(g)
	group.Go(func() (err error) { defer panics.Catch(&err); return g() })
}`
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", source, 0)
	require.NoError(t, err)
	n, bad := uncaught(file)
	require.Equal(t, 7, n)
	lines := make([]int, 0, len(bad))
	for _, pos := range bad {
		lines = append(lines, fset.Position(pos).Line)
	}
	require.Equal(t, []int{3, 4, 9, 10}, lines)
}
