package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/simulator"
)

// hostileName holds what steers terminals, what can't be seen and what breaks lines: OSC 52 (clipboard), clear screen,
// colours, BEL, C1 controls, marks of direction, zero-width characters, separators of lines.
const hostileName = "Evil\x1b]52;c;aGk=\x07\x1b[2J\x1b[31m\x1b[8m\u009b2J\u0085 \u202egro\u2066 a\u200bb\u2060c\ufeffd \u2028line\u2029 \x7f\x00 \U000E0041Corp"

// rewriting serves a fleet whose answers are changed by regular expression on their way.
func rewriting(t *testing.T, o simulator.Options, expression string, replace func(found string) string) (*simulator.Simulator, map[string]string) {
	t.Helper()
	pattern := regexp.MustCompile(expression)
	o.Intercept = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		kept := httptest.NewRecorder()
		next.ServeHTTP(kept, r)
		body := pattern.ReplaceAllFunc(kept.Body.Bytes(), func(b []byte) []byte { return []byte(replace(string(b))) })
		maps.Copy(w.Header(), kept.Header())
		w.Header().Del("Content-Length")
		w.WriteHeader(kept.Code)
		_, _ = w.Write(body)
	}
	return fleet(t, o)
}

// cursorsName is how the name of a cursor begins, which is none that people see: what is rewritten is told apart by it.
const cursorsName = `"cursor":{"name":"`

// hostileFleet has hostile names of customers, machines and users in all products.
func hostileFleet(t *testing.T) map[string]string {
	t.Helper()
	raw, err := json.Marshal(hostileName)
	require.NoError(t, err)
	inner := string(raw[1 : len(raw)-1])
	_, env := rewriting(t, simulator.Options{}, `("cursor":{)?"(name|siteName|computerName|systemName|displayName|fullName|tenantName|lastLoggedInUserName)":\s*"`,
		func(found string) string {
			if found == cursorsName {
				return found
			}
			return found + inner + " "
		})
	return env
}

// requireHarmless fails for anything that a terminal acts on or does not show.
func requireHarmless(t *testing.T, text string) {
	t.Helper()
	require.True(t, utf8.ValidString(text))
	for i, r := range text {
		bad := r != '\n' && r != '\t' && unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029'
		require.False(t, bad, "%q in %q", r, text[max(0, i-30):min(len(text), i+30)])
	}
}

// Whatever a provider's texts hold: all that the program prints is harmless, JSON holds the same values as the graph,
// and CSV in a file has them as they are.
func TestHostileTextsAreHarmlessWhenPrinted(t *testing.T) {
	workIn(t)
	env := hostileFleet(t)
	outputs := map[string]result{}
	for _, args := range [][]string{
		{"run"}, {"plan"}, {"check"}, {"history"}, {"history", "--output", "json"}, {"run", "--log-format", "json", "--log-level", "debug", "--output", "json"},
		{"report", "coverage"}, {"report", "coverage", "--by", "device"}, {"report", "coverage", "--output", "json"},
		{"report", "coverage", "--organization", "Evli Corp"}, {"explain", "Evil"}, {"export"}, {"schema"},
		{"query", "select name, displayName from ninjarmm_device order by _key limit 5"}, {"query", "select name from ninjarmm_device order by _key limit 5", "--output", "json"},
	} {
		r := execute(t, env, args...)
		require.NotContains(t, r.stderr, "fault of this program")
		requireHarmless(t, r.stdout)
		requireHarmless(t, r.stderr)
		outputs[strings.Join(args, " ")] = r
	}
	require.Contains(t, outputs["report coverage"].stdout, "Evil")
	require.Contains(t, outputs["report coverage --organization Evli Corp"].stderr, "did you mean Evil")

	var rows []map[string]string
	require.NoError(t, json.Unmarshal([]byte(outputs["query select name from ninjarmm_device order by _key limit 5 --output json"].stdout), &rows))
	require.NotEmpty(t, rows)
	require.Contains(t, rows[0]["name"], "\x1b]52;c;aGk=\x07", "escaped, not changed")
	require.Contains(t, rows[0]["name"], "\U000E0041")
	for line := range strings.Lines(outputs["export"].stdout) {
		require.True(t, json.Valid([]byte(line)), line)
	}
	_, table := csvTable(t, execute(t, env, "query", "select name from ninjarmm_device order by _key limit 5", "--output", "csv").stdout)
	require.Equal(t, rows[0]["name"], table[0]["name"], "a file for machines has the value")
}

// On a terminal CSV and all else is harmless as well, and the program's own colours come through.
func TestHostileTextsAreHarmlessOnATerminal(t *testing.T) {
	workIn(t)
	env := hostileFleet(t)
	own := regexp.MustCompile("\x1b\\[(0|31|32|33)m")
	for _, args := range [][]string{{"run"}, {"query", "select name from ninjarmm_device", "--output", "csv"}, {"report", "coverage", "--by", "device"}} {
		var out, errs bytes.Buffer
		list := make([]string, 0, len(env))
		for name, value := range env {
			list = append(list, name+"="+value)
		}
		a := newApp(append([]string{"execute"}, args...), list, strings.NewReader(""), &out, &errs)
		a.isTerminal = func(w any) bool { return w == any(a.stdout) }
		require.Equal(t, exitDone, a.execute(t.Context()), errs.String())
		painted := len(own.FindAllString(out.String(), -1))
		if args[0] == "run" {
			require.GreaterOrEqual(t, painted, 2, "the status is coloured")
		} else {
			require.Zero(t, painted)
		}
		requireHarmless(t, own.ReplaceAllString(out.String(), ""))
	}
}

func TestStreamKnowsItsOwnColours(t *testing.T) {
	var out bytes.Buffer
	c := newColours()
	s := &stream{w: &out, form: func() form { return textForm }, colours: c}
	for b := range strings.SplitSeq("a"+c.paint(red, "failed")+"\x1b[31;123456789mno\x1b[31mno\x1b[0m 日本\u202e", "|") {
		_, err := s.Write([]byte(b))
		require.NoError(t, err)
	}
	s.flush()
	require.Equal(t, "a\x1b[31mfailed\x1b[0m\uFFFD[31;123456789mno\uFFFD[31mno\uFFFD[0m 日本", out.String())
}

// Characters that come in several writes are whole in the end.
func TestStreamPutsCharactersTogether(t *testing.T) {
	for f, want := range map[form]string{textForm: "ä日🙂\uFFFD", jsonForm: `ä日🙂\u202e\u001b\udb40\udc41\ufffd`, rawForm: "ä日🙂\u202e\x1b\U000E0041\xe6"} {
		var out bytes.Buffer
		s := &stream{w: &out, form: func() form { return f }}
		for _, b := range []byte("ä日🙂\u202e\x1b\U000E0041\xe6") {
			n, err := s.Write([]byte{b})
			require.NoError(t, err)
			require.Equal(t, 1, n)
		}
		s.flush()
		if f == textForm {
			want += "\uFFFD"
		}
		require.Equal(t, strings.ReplaceAll(want, `\ufffd`, "\uFFFD"), out.String())
	}
}
