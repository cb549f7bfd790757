package architecture

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "../.."

var (
	cited   = regexp.MustCompile(`([\w./-]*\b[\w-]+\.md)\b((?:(?:,| and) "[^"]+")*)`)
	quoted  = regexp.MustCompile(`"([^"]+)"`)
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
)

// TestCitedDocumentsAndHeadingsExist: a comment cites a document by its path from the root, and a place in it by its
// heading in quotation marks, as docs/adr/0004-times.md, "Decision".
func TestCitedDocumentsAndHeadingsExist(t *testing.T) {
	citations := 0
	walk(t, ".go", func(path string) {
		for _, c := range comments(t, path) {
			n, wrong := badCitations(c)
			citations += n
			for _, w := range wrong {
				t.Errorf("%s cites %s", path, w)
			}
		}
	})
	require.Greater(t, citations, 40, "comments were found")
}

func TestBadCitationsAreFound(t *testing.T) {
	tests := map[string]string{
		`see docs/adr/0004-times.md, "Decision" and "Context"`: "",
		`see docs/adr/0004-times.md, "Decision" and "Wisdom"`:  `docs/adr/0004-times.md, "Wisdom": no such heading`,
		`facts are in API.md §3`:                               "API.md: no such file",
	}
	for comment, want := range tests {
		n, wrong := badCitations(comment)
		require.Positive(t, n)
		require.Equal(t, want, strings.Join(wrong, "; "))
	}
}

// badCitations returns how many documents and headings a comment cites, and those that are not there.
func badCitations(comment string) (n int, wrong []string) {
	for _, m := range cited.FindAllStringSubmatch(comment, -1) {
		n++
		text, err := os.ReadFile(filepath.Join(root, m[1]))
		if err != nil {
			wrong = append(wrong, m[1]+": no such file")
			continue
		}
		for _, q := range quoted.FindAllStringSubmatch(m[2], -1) {
			n++
			if !strings.Contains(string(text), "\n## "+q[1]+"\n") {
				wrong = append(wrong, m[1]+", "+q[0]+": no such heading")
			}
		}
	}
	return n, wrong
}

// TestLinksOfDocumentsLead: a link from one document to another names a file that exists, and a heading in it.
func TestLinksOfDocumentsLead(t *testing.T) {
	links := 0
	walk(t, ".md", func(path string) {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			links++
			if why := deadLink(path, m[1]); why != "" {
				t.Errorf("%s links to %s: %s", path, m[1], why)
			}
		}
	})
	require.Greater(t, links, 50, "links were found")
}

// deadLink returns why a link of the document at path leads nowhere, "" when it does lead somewhere.
func deadLink(path, target string) string {
	name, anchor, _ := strings.Cut(target, "#")
	if name == "" {
		name = path
	} else {
		name = filepath.Join(filepath.Dir(path), name)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			return ""
		}
		return "no such file"
	}
	for _, h := range heading.FindAllStringSubmatch(string(text), -1) {
		if anchor == slug(h[1]) {
			return ""
		}
	}
	if anchor == "" {
		return ""
	}
	return "no such heading"
}

// slug is the anchor that GitHub gives a heading.
func slug(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r > 127:
			return r
		}
		return -1
	}, strings.ToLower(strings.TrimSpace(heading)))
}

// comments returns the comments of a Go file, each as one line.
func comments(t *testing.T, path string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
	require.NoError(t, err)
	list := make([]string, 0, len(file.Comments))
	for _, group := range file.Comments {
		list = append(list, strings.Join(strings.Fields(group.Text()), " "))
	}
	return list
}

// walk calls visit for each of the project's files with the suffix.
func walk(t *testing.T, suffix string, visit func(path string)) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && d.Name() == ".git" {
			return fs.SkipDir
		}
		if err == nil && !d.IsDir() && strings.HasSuffix(path, suffix) {
			visit(path)
		}
		return err
	}))
}

// TestDecisionsHaveOneForm: an ADR is numbered by its file name and has these headings, in this order.
func TestDecisionsHaveOneForm(t *testing.T) {
	names, err := filepath.Glob(filepath.Join(root, "docs/adr/*.md"))
	require.NoError(t, err)
	require.Greater(t, len(names), 10)
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		headings := heading.FindAllString(string(text), -1)
		require.NotEmpty(t, headings, name)
		require.Regexp(t, "^# "+filepath.Base(name)[:4]+" .", headings[0], name)
		require.Equal(t, []string{"## Status", "## Context", "## Decision", "## Consequences"}, headings[1:], name)
		require.Regexp(t, `\n## Status\n\n(Accepted|Superseded)\b`, string(text), name)
	}
}
