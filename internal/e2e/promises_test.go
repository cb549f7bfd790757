package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// promises is how many docs/safety.md makes.
const promises = 16

// TestEachPromiseNamesItsTests reads the table of docs/safety.md: all tests that it names exist, and those of its
// second column run on both stores, unless what they prove can happen to one alone.
func TestEachPromiseNamesItsTests(t *testing.T) {
	text, err := os.ReadFile("../../docs/safety.md")
	require.NoError(t, err)
	oneStore := map[string]bool{
		"TestNeo4j": true, "TestDamagedFileIsSaidBeforeAnythingIsDone": true, "TestCheckReadsTheWholeFile": true,
	}
	bodies := testBodies(t)
	name := regexp.MustCompile(`Test[A-Z]\w+`)
	row := regexp.MustCompile(`(?m)^\| (\d+) \|([^|]*)\|([^|]*)\|`)
	rows := row.FindAllStringSubmatch(string(text), -1)
	require.Len(t, rows, promises)
	for i, r := range rows {
		require.Equal(t, strconv.Itoa(i+1), r[1])
		require.Contains(t, string(text), "\n**"+r[1]+". ", "a promise of that number")
		whole := name.FindAllString(r[2], -1)
		require.NotEmpty(t, whole, "promise %s", r[1])
		for _, test := range whole {
			body := bodies[test]
			require.NotEmpty(t, body, test)
			both := strings.Contains(body, "onBothStores(") || strings.Contains(body, "onBothGraphs(") || strings.Contains(body, `"neo4j"`)
			require.True(t, both || oneStore[test], "%s runs on one store", test)
		}
		for _, test := range name.FindAllString(r[3], -1) {
			require.NotEmpty(t, bodies[test], test)
		}
	}
}

// testBodies returns the text of every test of the module by its name; of several with one name all.
func testBodies(t *testing.T) map[string]string {
	t.Helper()
	bodies := map[string]string{}
	function := regexp.MustCompile(`(?ms)^func (Test\w+)\(t \*testing\.T\) (\{[^\n]*\}|\{\n.*?^\})$`)
	require.NoError(t, filepath.WalkDir("../..", func(path string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, f := range function.FindAllStringSubmatch(string(text), -1) {
			bodies[f[1]] += f[2]
		}
		return err
	}))
	return bodies
}
