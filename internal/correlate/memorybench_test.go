//go:build unix

package correlate

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"time"

	"assetgraph/converters"
	"assetgraph/graph"
)

// A later is a later time of the synthetic fleet: of each thousand machines some are changed, others only seen again.
type later struct{ changed, seen int }

// remade makes the record of ref, or the person who uses machine ref-3*machines, as it is later.
func (b *builder) remade(machines int, at later, ref Ref, e *graph.Element) {
	n, persons := int(ref/3), 3*machines
	if int(ref) >= persons {
		n = int(ref) - persons
		t := b.byName["immybot_person"]
		e.ResetEntity(t, t.Integration, fmt.Sprint(n+1))
		e.Set("email", graph.TextsOf(fmt.Sprintf("user.%d@customer.example", n)))
		e.Set("firstName", graph.TextOf("Ann"))
		binary.LittleEndian.PutUint64(e.Digest[:], uint64(ref)+1)
		return
	}
	b.synthetic(ref, e)
	minutes, digest := 0, uint64(ref)+1
	if n%1000 < at.seen {
		minutes = 20
	}
	if n%1000 < at.changed {
		e.Set("make", graph.TextOf("HP"))
		digest = ^digest
	}
	e.Set("lastSeenOn", graph.TimeOf(time.Date(2026, 11, 1, 12, minutes, 0, 0, time.UTC)))
	if ref%3 == 2 {
		e.Set("primaryUserEmail", graph.TextOf(fmt.Sprintf("user.%d@customer.example", n)))
	}
	binary.LittleEndian.PutUint64(e.Digest[:], digest) // stands for that of Seal, which is not measured
}

// BenchmarkMemory measures by processor time what a run costs that goes on from what the last one remembered: 0.5 % of
// the machines are changed, 70 % only seen again. Making the elements is measured by itself and taken off.
func BenchmarkMemory(b *testing.B) {
	f := newBuilder()
	e := &graph.Element{}
	machines := *largest
	seconds := func(work func()) float64 {
		runtime.GC()
		before := processorTime(b)
		work()
		return (processorTime(b) - before).Seconds()
	}
	feed := func(at later, refresh time.Duration) *Correlator {
		c := New(Options{Model: testModel(), RefreshAfter: refresh})
		c.LinksRead(graph.Scope{Instance: "immybot", Type: "immybot_computer"})
		f.feedCustomers(c, machines, e)
		for ref := range Ref(4 * machines) {
			f.remade(machines, at, ref, e)
			c.Add(e, ref)
		}
		return c
	}
	say := func(c *Correlator) {
		for n := range machines {
			from := graph.EntityKey("immybot", "immybot_computer", fmt.Sprint(n+1))
			c.said.AddLink(converters.Link{From: from, Product: "ninjarmm", ExternalID: fmt.Sprint(n + 1)})
			c.said.AddLink(converters.Link{From: from, Product: "sentinelone", ExternalID: fmt.Sprintf("%032x", n)})
		}
	}
	write := func(c *Correlator, at later) (elements, reads int) {
		for _, err := range c.Resolve(func(ref Ref, e *graph.Element) error {
			reads++
			f.remade(machines, at, ref, e)
			return nil
		}) {
			if err != nil {
				b.Fatal(err)
			}
			elements++
		}
		return elements, reads
	}
	for b.Loop() {
		makes := seconds(func() {
			for ref := range Ref(4 * machines) {
				f.remade(machines, later{}, ref, e)
			}
		})
		b.ReportMetric(makes, "s-make")
		var c *Correlator
		b.ReportMetric(seconds(func() { c = feed(later{}, 0) })-makes, "s-add")
		say(c)
		full := 0
		b.ReportMetric(seconds(func() { full, _ = write(c, later{}) })-makes, "s-whole")
		memory := c.Memory()
		b.ReportMetric(float64(full), "elements-whole")
		b.ReportMetric(float64(len(memory)), "B-memory")
		for _, refresh := range []time.Duration{0, time.Hour} {
			at := later{changed: 5, seen: 705}
			before := heap()
			c := feed(at, refresh)
			say(c)
			held := heap() - before
			name := fmt.Sprintf("-after-%.0fh", refresh.Hours())
			b.ReportMetric(float64(held)/float64(4*machines), "B-added/record")
			b.ReportMetric(seconds(func() {
				if err := c.Recall(memory); err != nil {
					b.Fatal(err)
				}
			}), "s-recall")
			func() {
				c := feed(at, refresh)
				say(c)
				if err := c.Recall(memory); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(seconds(c.decide), "s-decide")
			}()
			elements, reads := 0, 0
			spent := seconds(func() { elements, reads = write(c, at) })
			b.ReportMetric(spent-makes*float64(reads)/float64(4*machines), "s"+name)
			b.ReportMetric(float64(elements), "elements"+name)
		}
	}
}

func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
