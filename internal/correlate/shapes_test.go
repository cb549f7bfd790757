package correlate

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

// A shape is a way in which thousands of records become one component.
type shape struct {
	name    string
	records func(n int) []string
	was     string // the machine that all of them were in the last run; "" for none
}

// shapes are those that fleets have, and some that combine them.
func shapes() []shape {
	return []shape{
		{name: "docks", records: func(n int) []string {
			return each(n/2, func(i int) string {
				docks := own("c8:f7:50", i/12) + "," + own("c8:f7:50", (i+6)/12)
				return fmt.Sprintf("a%d name=nb-%d mac=%s,%s\nd%d name=nb-%d serial=SER%05d mac=%s,%s",
					i, i, own("3c:52:82", i), docks, i, i, i, own("3c:52:82", i), docks)
			})
		}},
		{name: "address chain", records: func(n int) []string {
			return each(n/2, func(i int) string {
				macs := own("3c:52:82", i) + "," + own("c8:f7:50", i) + "," + own("c8:f7:50", i+1)
				return fmt.Sprintf("a%d name=nb-%d mac=%s\nd%d name=nb-%d serial=SER%05d mac=%s", i, i, macs, i, i, i, macs)
			})
		}},
		{name: "bare address chain", records: func(n int) []string {
			return each(n, func(i int) string {
				return fmt.Sprintf("%c%d mac=%s,%s", "ad"[i%2], i, own("c8:f7:50", i), own("c8:f7:50", i+1))
			})
		}},
		{name: "serial of cloned images, live", records: func(n int) []string {
			return each(n/2, func(i int) string {
				return fmt.Sprintf("a%d serial=TOBEFILLED7 name=pc-%d mac=%s\nd%d serial=TOBEFILLED7 name=pc-%d mac=%s",
					i, i, own("3c:52:82", i), i, i, own("3c:52:82", i))
			})
		}},
		{name: "serial of cloned images, gone", records: func(n int) []string {
			return each(n, func(i int) string {
				return fmt.Sprintf("a%d serial=TOBEFILLED7 name=pc-%d mac=%s dead", i, i, own("3c:52:82", i))
			})
		}},
		{name: "serial and nothing else, gone", records: func(n int) []string {
			return each(n, func(i int) string { return fmt.Sprintf("a%d serial=TOBEFILLED7 dead born=%d", i, 1+i%28) })
		}},
		{name: "name of kiosks, live", records: func(n int) []string {
			return each(n/2, func(i int) string {
				return fmt.Sprintf("a%d name=kiosk mac=%s\nd%d name=kiosk serial=SER%05d mac=%s",
					i, own("3c:52:82", i), i, i, own("3c:52:82", i))
			})
		}},
		{name: "name of kiosks, gone", records: func(n int) []string {
			return each(n/2, func(i int) string {
				return fmt.Sprintf("a%d name=kiosk mac=%s dead\nd%d serial=SER%05d mac=%s", i, own("3c:52:82", i), i, i, own("3c:52:82", i))
			})
		}},
		{name: "desktop, one address", records: func(n int) []string { return desktop(n, "dead", false) }},
		{name: "desktop, an address a day", records: func(n int) []string { return desktop(n, "dead", true) }},
		{name: "desktop, an address a day, live", records: func(n int) []string { return desktop(n, "seen=1", true) }},
		{name: "desktop, with devices", records: func(n int) []string {
			return append(desktop(n/2, "dead", true), each(n/2, func(i int) string {
				return fmt.Sprintf("d%d %s name=vdi mac=%s", i, vmSerial, own("00:50:56", i))
			})...)
		}},
		{name: "hypervisors of 32 addresses", records: func(n int) []string {
			return each(n/2, func(i int) string {
				macs := make([]string, most)
				for k := range macs {
					macs[k] = own("3c:52:82", i/20*most+k)
				}
				list := strings.Join(macs, ",")
				return fmt.Sprintf("a%d name=esx%d mac=%s,%s\nd%d name=esx%d serial=SER%05d mac=%s,%s",
					i, i, own("c8:f7:50", (i+10)/20), list, i, i, i, own("c8:f7:50", (i+10)/20), list)
			})
		}},
		{name: "links to one id", records: func(n int) []string {
			return append(each(n-1, func(i int) string {
				return fmt.Sprintf("c%d name=pc-%d serial=TOBEFILLED7 link=sentinelone:%s", i, i, uuid1)
			}), "a1 name=pc-0 serial=TOBEFILLED7 uuid="+uuid1)
		}},
		{name: "links to one id, gone", records: func(n int) []string {
			return append(each(n-1, func(i int) string {
				return fmt.Sprintf("a%d name=pc-%d mac=%s uuid=%s dead", i, i, own("3c:52:82", i), uuid1)
			}), "c1 name=pc-1 link=sentinelone:"+uuid1)
		}},
		{name: "one machine of the last run, contradicting", was: "serial-ONE", records: func(n int) []string {
			return each(n, func(i int) string {
				return fmt.Sprintf("a%d name=pc-%d serial=SER%05d mac=%s", i, i, i, own("3c:52:82", i))
			})
		}},
		{name: "one machine of the last run, nothing shared", was: "serial-ONE", records: func(n int) []string {
			return each(n, func(i int) string { return fmt.Sprintf("a%d dead", i) })
		}},
		{name: "one machine of the last run, by pairs", was: "serial-ONE", records: func(n int) []string {
			return each(n/2, func(i int) string {
				return fmt.Sprintf("a%d name=pc-%d serial=SER%05d\nd%d name=pc-%d serial=SER%05d", i, i, i, i, i, i)
			})
		}},
		{name: "a desktop's agents, sessions and docks", was: "serial-ONE", records: func(n int) []string {
			return slicesOf(desktop(n/4, "dead", true), desktop2(n/4),
				each(n/4, func(i int) string {
					return fmt.Sprintf("d%d name=nb-%d serial=SER%05d mac=%s,%s", i, i, i, own("00:50:56", i), own("c8:f7:50", i/20))
				}),
				each(n/4, func(i int) string { return fmt.Sprintf("c%d name=vdi serial=SER%05d", i, i) }))
		}},
	}
}

func slicesOf(lists ...[]string) (all []string) {
	for _, list := range lists {
		all = append(all, list...)
	}
	return all
}

// each makes n times what record says, one a line.
func each(n int, record func(i int) string) (list []string) {
	for i := range n {
		list = append(list, strings.Split(record(i), "\n")...)
	}
	return list
}

// own returns the address i of a maker.
func own(maker string, i int) string {
	return fmt.Sprintf("%s:%02x:%02x:%02x", maker, 1+i>>16, i>>8&255, i&255)
}

// desktop makes the agents that the sessions of a virtual desktop have left behind, each with the address of its day or
// all with one.
func desktop(n int, state string, daily bool) []string {
	return each(n, func(i int) string {
		mac := vm1
		if daily {
			mac = own("00:50:56", i)
		}
		return fmt.Sprintf("a%d %s name=vdi mac=%s born=1 %s", i, vmSerial, mac, state)
	})
}

// desktop2 is another desktop of the same image under another name.
func desktop2(n int) []string {
	return each(n, func(i int) string {
		return fmt.Sprintf("a%d %s name=vdj mac=%s born=1 dead", 1_000_000+i, vmSerial, own("00:50:56", 100_000+i))
	})
}

// previously derives one machine of all records.
func previously(t testing.TB, b *builder, id string) *result {
	m := testModel()
	before := &result{}
	device := graph.EntityKey(Integration, "device", id)
	e := &graph.Element{}
	keep := func() {
		require.NoError(t, e.Seal())
		before.elements = append(before.elements, stored{typ: e.Type, key: e.Key, data: e.AppendTo(nil)})
	}
	e.ResetEntity(m.device.Type, Integration, id)
	keep()
	for _, s := range b.elements {
		if r := m.roles[s.typ.Name]; r != nil && r.Machine != nil {
			e.ResetRelationship(r.why, Integration, s.key, device)
			e.Set("method", graph.TextOf("serial"))
			e.Set("matchedValue", graph.TextOf("x"))
			e.Set("confidence", graph.TextOf("strong"))
			keep()
		}
	}
	return before
}

func (s *shape) fleet(t testing.TB, n int) (*builder, *result) {
	b := newBuilder()
	b.customers(t)
	b.fill(t, s.records(n))
	if s.was == "" {
		return b, nil
	}
	return b, previously(t, b, s.was)
}

// BenchmarkShapes measures deciding and writing, by shape and by records in the one component: what grows faster than
// they do shows as µs/record that rise.
func BenchmarkShapes(b *testing.B) {
	for _, s := range shapes() {
		for _, n := range [...]int{2_000, 5_000, 10_000, 20_000} {
			b.Run(fmt.Sprintf("%s/%d", s.name, n), func(b *testing.B) {
				f, before := s.fleet(b, n)
				var decided, took time.Duration
				for b.Loop() {
					d, w := f.timed(b, before)
					decided, took = decided+d, took+d+w
				}
				b.ReportMetric(float64(decided.Milliseconds())/float64(b.N), "ms-decide")
				b.ReportMetric(float64(took.Milliseconds())/float64(b.N), "ms")
				b.ReportMetric(float64(took.Microseconds())/float64(b.N)/float64(n), "µs/record")
			})
		}
	}
}

func (f *fleet) timed(t testing.TB, before *result) (decide, write time.Duration) {
	c := New(Options{Model: testModel()})
	e := &graph.Element{}
	if before != nil {
		for _, p := range before.elements {
			require.NoError(t, e.Decode(p.typ, p.data))
			c.AddPrevious(e)
		}
	}
	for i := range f.elements {
		require.NoError(t, f.read(Ref(i), e))
		c.Add(e, Ref(i))
	}
	for _, l := range f.links {
		c.said.AddLink(l)
	}
	start := time.Now()
	c.decide()
	decide = time.Since(start)
	w := newWriter(c, f.read, func(_ *graph.Element, err error) bool { return err == nil })
	w.devices()
	c.finish(w)
	return decide, time.Since(start) - decide
}
