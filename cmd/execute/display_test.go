//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/creack/pty"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

// A screen is as much of a terminal as the program uses: it wraps what is too long, and keeps all lines, those above
// the top too.
type screen struct {
	width, height int
	lines         []string
	row           int // of the cursor, which is at the beginning of a line or behind its text
	wrapped       int // lines that were broken because they were too long
	other         []string
}

var sequence = regexp.MustCompile(`^\x1b\[(\d*)([A-Za-z])`)

func (s *screen) write(out string) {
	for len(out) > 0 {
		if m := sequence.FindStringSubmatch(out); m != nil {
			out = out[len(m[0]):]
			n, _ := strconv.Atoi(m[1])
			switch m[2] {
			case "A":
				s.row = max(s.row-n, len(s.lines)-s.height, 0)
			case "J":
				s.lines = s.lines[:s.row]
			case "m":
			default:
				s.other = append(s.other, m[0])
			}
			continue
		}
		r, n := utf8.DecodeRuneInString(out)
		out = out[n:]
		for s.row >= len(s.lines) {
			s.lines = append(s.lines, "")
		}
		switch r {
		case '\n':
			s.row++
			for s.row >= len(s.lines) {
				s.lines = append(s.lines, "")
			}
		case '\r':
		default:
			if text.StringWidthWithoutEscSequences(s.lines[s.row]+string(r)) > s.width {
				s.wrapped++
				s.row++
				s.lines = append(s.lines, "")
			}
			s.lines[s.row] += string(r)
		}
	}
}

// onTerminal runs the program in a terminal of its own and returns all that it wrote there.
func onTerminal(t *testing.T, env map[string]string, width, height uint16, during func(*os.File), args ...string) string {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Env = append(os.Environ(), childVariable+"=", "TERM=xterm-256color", "HOME="+t.TempDir())
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: width, Rows: height})
	require.NoError(t, err)
	defer terminal.Close()
	var out strings.Builder
	buf := make([]byte, 4096)
	for {
		n, err := terminal.Read(buf)
		out.Write(buf[:n])
		if during != nil && strings.Contains(out.String(), "page ") {
			during(terminal)
			during = nil
		}
		if err != nil {
			break // the program has closed the terminal
		}
	}
	require.NoError(t, cmd.Wait(), out.String())
	return out.String()
}

// Progress fits terminals of any width: nothing of it is broken into two lines, and it leaves nothing behind.
func TestProgressFitsTheTerminal(t *testing.T) {
	for _, size := range [][2]uint16{{80, 24}, {40, 12}, {17, 5}} {
		t.Run(fmt.Sprint(size[0]), func(t *testing.T) {
			workIn(t)
			_, env := fleet(t, simulator.Options{Machines: 300, Latency: 80 * time.Millisecond})
			out := onTerminal(t, env, size[0], size[1], nil, "run", "--log-level", "error")
			progress, summary, found := strings.Cut(out, "Run 2")
			require.True(t, found, out)
			require.Greater(t, strings.Count(progress, "\x1b[J"), 3, "it was drawn again and again")
			s := &screen{width: int(size[0]), height: int(size[1])}
			s.write(progress)
			require.Empty(t, s.other)
			require.Zero(t, s.wrapped, "no line is longer than the terminal is wide")
			left := strings.Join(s.lines, "\n")
			require.NotContains(t, left, "page ")
			require.LessOrEqual(t, len(s.lines), 16+7, "a line for each step stays, and no more:\n%s", left)
			if size[0] >= 40 {
				require.Contains(t, left, "sentinelone agents: ")
				s = &screen{width: int(size[0]), height: 1000}
				s.write("Run 2" + summary)
				require.LessOrEqual(t, s.wrapped, 8)
			}
		})
	}
}

// A terminal that becomes narrower while the display is on it is drawn on in its new width.
func TestProgressFollowsTheSize(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{Machines: 300, Latency: 150 * time.Millisecond})
	out := onTerminal(t, env, 100, 30, func(terminal *os.File) {
		require.NoError(t, pty.Setsize(terminal, &pty.Winsize{Cols: 24, Rows: 10}))
	}, "run", "--log-level", "error")
	progress, _, _ := strings.Cut(out, "Run 2")
	frames := strings.Split(progress, "\x1b[J")
	require.Greater(t, len(frames), 5)
	for line := range strings.SplitSeq(frames[len(frames)-2], "\n") {
		line = regexp.MustCompile("\x1b\\[\\d+A").ReplaceAllString(strings.Trim(line, "\r"), "")
		require.Less(t, text.StringWidthWithoutEscSequences(line), 24, "%q", line)
	}
}

// Names of any width are cut where the terminal ends, and a display that was broken by a narrower terminal is taken
// away whole.
func TestDisplayMeasuresColumns(t *testing.T) {
	var out strings.Builder
	logs := &lineWriter{w: &out}
	d := &display{out: logs, size: func() (int, int) { return 20, 10 }, stop: make(chan struct{})}
	logs.show(d)
	for i := range 9 {
		d.StepStarted("日本日本日本日本日本", fmt.Sprint(i), &collectors.Meter{})
	}
	lines := d.frame(20, 10)
	require.Len(t, lines, 5, "half of the terminal at most")
	for _, l := range lines {
		require.Less(t, text.StringWidthWithoutEscSequences(l), 20)
	}
	require.Contains(t, lines[4], "and 5 more")
	d.lines = []string{strings.Repeat("x", 19), "y"}
	require.Equal(t, "\x1b[3A\r\x1b[J", d.erase(10))
	require.Empty(t, d.erase(10))
	d.StepDone(executor.StepReport{Instance: "日本日本日本日本日本", Step: "0", Status: "complete"})
	require.Contains(t, out.String(), "…\n")
	d.close()
	require.True(t, strings.HasSuffix(out.String(), "\x1b[J"))
}
