package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"

	"assetgraph/collectors"
	"assetgraph/internal/executor"
	"assetgraph/internal/panics"
)

// display draws the progress of a run at the foot of a terminal: a few lines that are drawn again in place, none of
// them wider than the terminal is at that moment. What is done scrolls by above them, one line each.
type display struct {
	out  *lineWriter
	size func() (width, height int)
	stop chan struct{}
	work panics.Group

	mu     sync.Mutex
	steps  []*drawnStep
	phases []*drawnPhase
	ticks  int

	lines []string // that stand on the terminal; guarded by the lineWriter
}

type drawnStep struct {
	name  string
	meter *collectors.Meter
	begun time.Time
}

type drawnPhase struct {
	name        string
	done, total int
}

const redrawEvery = 100 * time.Millisecond

func newDisplay(out *lineWriter) *display {
	d := &display{out: out, size: sizeOf(out.w), stop: make(chan struct{})}
	out.show(d)
	d.work.Go(func() {
		tick := time.NewTicker(redrawEvery)
		defer tick.Stop()
		for {
			select {
			case <-d.stop:
				return
			case <-tick.C:
				out.redraw()
			}
		}
	})
	return d
}

// sizeOf returns a function that says how large the terminal is now.
func sizeOf(w io.Writer) func() (width, height int) {
	return func() (int, int) {
		if f, ok := w.(*os.File); ok {
			if width, height, err := term.GetSize(int(f.Fd())); err == nil && width > 0 && height > 0 {
				return width, height
			}
		}
		return 80, 24
	}
}

// close takes the display away.
func (d *display) close() {
	close(d.stop)
	d.work.Wait()
	d.out.show(nil)
}

// frame returns the lines to be drawn: how far everything is that is under way.
func (d *display) frame(width, height int) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ticks++
	spinner := []rune("|/-\\")[d.ticks%4]
	var lines []string
	for _, s := range d.steps {
		line := fmt.Sprintf("%c %s: page %s", spinner, s.name, comma(s.meter.Pages()))
		if n := s.meter.Expected(); n > 0 {
			line += fmt.Sprintf(" of %s records", comma(n))
		}
		lines = append(lines, line+fmt.Sprintf(", %.0f s", time.Since(s.begun).Seconds()))
	}
	for _, p := range d.phases {
		lines = append(lines, fmt.Sprintf("%c %s: %s of %s", spinner, p.name, comma(p.done), comma(p.total)))
	}
	if most := max(height/2, 1); len(lines) > most {
		more := len(lines) - most + 1
		lines = append(lines[:most-1], fmt.Sprintf("%c and %d more", spinner, more))
	}
	for i, l := range lines {
		lines[i] = fitted(l, width)
	}
	return lines
}

// fitted returns a line that leaves the last column of the terminal free, where some begin the next one.
func fitted(line string, width int) string {
	return text.Snip(singleLine(line), max(width-1, 1), "…")
}

// erase returns what takes the drawn lines away, and leaves the cursor where they began. A terminal that has become
// narrower has broken them into more.
func (d *display) erase(width int) string {
	rows := 0
	for _, l := range d.lines {
		rows += max(1, (text.StringWidthWithoutEscSequences(l)+width-1)/width)
	}
	d.lines = nil
	if rows == 0 {
		return ""
	}
	return fmt.Sprintf("\x1b[%dA\r\x1b[J", rows)
}

// draw returns the lines as they are written.
func (d *display) draw(width, height int) string {
	d.lines = d.frame(width, height)
	if len(d.lines) == 0 {
		return ""
	}
	return strings.Join(d.lines, "\n") + "\n"
}

// around returns what writes lines above the display.
func (d *display) around(lines string) string {
	width, height := d.size()
	return d.erase(width) + lines + d.draw(width, height)
}

// StepStarted implements executor.Observer.
func (d *display) StepStarted(instance, step string, m *collectors.Meter) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.steps = append(d.steps, &drawnStep{name: instance + " " + step, meter: m, begun: time.Now()})
}

// StepDone implements executor.Observer.
func (d *display) StepDone(r executor.StepReport) {
	name := r.Instance + " " + r.Step
	d.mu.Lock()
	d.steps = slices.DeleteFunc(d.steps, func(s *drawnStep) bool { return s.name == name })
	d.mu.Unlock()
	line := fmt.Sprintf("%s: %s records, %s", name, comma(r.Records), r.Status)
	width, _ := d.size()
	fmt.Fprintln(d.out, fitted(line, width))
}

// Progress implements executor.Observer.
func (d *display) Progress(phase string, done, total int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := slices.IndexFunc(d.phases, func(p *drawnPhase) bool { return p.name == phase })
	switch {
	case done == total && i >= 0:
		d.phases = slices.Delete(d.phases, i, i+1)
	case done == total:
	case i >= 0:
		d.phases[i].done, d.phases[i].total = done, total
	default:
		d.phases = append(d.phases, &drawnPhase{phase, done, total})
	}
}
