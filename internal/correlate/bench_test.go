package correlate

import (
	"flag"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"assetgraph/converters"
	"assetgraph/graph"
)

var largest = flag.Int("machines", 100_000, "machines of the largest fleet that the benchmarks take")

// sizes returns the fleets to measure: from 10,000 machines by tens, and the largest.
func sizes() []int {
	var list []int
	for n := 10_000; n < *largest; n *= 10 {
		list = append(list, n)
	}
	return append(list, *largest)
}

// synthetic makes the records of machine ref/3: an agent, a device and a computer, in customers of a hundred machines.
func (b *builder) synthetic(ref Ref, e *graph.Element) {
	n := int(ref / 3)
	name, serial := fmt.Sprintf("PC-%07d", n), fmt.Sprintf("5CG%09X", uint64(n)*2654435761)
	customer := graph.TextOf(fmt.Sprint(1 + n/100))
	mac := macText(0x3C5282_000000+uint64(n)+uint64(n)<<24&0xFF_FF_00_00_00_00, ":")
	common := func(typ string, property string) {
		t := b.byName[typ]
		e.ResetEntity(t, t.Integration, fmt.Sprint(n+1))
		e.Set(property, customer)
		e.Set("name", graph.TextOf(name))
		e.Set("hostname", graph.TextOf(name))
		e.Set("serial", graph.TextOf(serial))
		e.Set("osName", graph.TextOf("Windows 11 Pro"))
	}
	switch ref % 3 {
	case 0:
		common("sentinelone_agent", "siteId")
		e.Set("uuid", graph.TextOf(fmt.Sprintf("%032x", n)))
		e.Set("macAddresses", graph.TextsOf(mac))
	case 1:
		common("ninjarmm_device", "organizationId")
		e.Set("nodeClass", graph.TextOf("WINDOWS_WORKSTATION"))
		e.Set("approvalStatus", graph.TextOf("APPROVED"))
		e.Set("macAddresses", graph.TextsOf(mac))
	default:
		common("immybot_computer", "tenantId")
	}
}

func (b *builder) feedCustomers(c *Correlator, machines int, e *graph.Element) {
	for n := range machines / 100 {
		for _, typ := range [...]string{"sentinelone_site", "ninjarmm_organization", "immybot_tenant"} {
			t := b.byName[typ]
			e.ResetEntity(t, t.Integration, fmt.Sprint(n+1))
			e.Set("name", graph.TextOf(fmt.Sprintf("Customer %d Ltd", n+1)))
			c.Add(e, 0)
		}
	}
}

func (b *builder) feed(c *Correlator, machines int, e *graph.Element) {
	b.feedCustomers(c, machines, e)
	for ref := range Ref(3 * machines) {
		b.synthetic(ref, e)
		c.Add(e, ref)
		if ref%3 == 2 {
			c.said.AddLink(converters.Link{From: e.Key, Product: "ninjarmm", ExternalID: fmt.Sprint(ref/3 + 1)})
			c.said.AddLink(converters.Link{From: e.Key, Product: "sentinelone", ExternalID: fmt.Sprintf("%032x", ref/3)})
		}
	}
}

// feedPrevious adds what an earlier run derived from the same machines.
func (b *builder) feedPrevious(c *Correlator, machines int, e *graph.Element) {
	for n := range machines {
		device := graph.EntityKey(Integration, "device", fmt.Sprintf("serial-5CG%09X", uint64(n)*2654435761))
		e.ResetEntity(c.model.device.Type, Integration, string(device))
		e.Key = device
		c.AddPrevious(e)
		for _, typ := range [...]string{"sentinelone_agent", "ninjarmm_device", "immybot_computer"} {
			t := c.model.roles[typ].why
			integration, _, _ := strings.Cut(t.From, "_")
			e.ResetRelationship(t, Integration, graph.EntityKey(integration, t.From, fmt.Sprint(n+1)), device)
			e.Set("method", graph.TextOf("provider-link"))
			e.Set("matchedValue", graph.TextOf(fmt.Sprintf("ninjarmm %d; sentinelone %032x", n+1, n)))
			c.AddPrevious(e)
		}
	}
}

// BenchmarkAgain measures adding and deciding on top of an earlier run.
func BenchmarkAgain(b *testing.B) {
	for _, machines := range sizes() {
		b.Run(fmt.Sprintf("%d machines", machines), func(b *testing.B) {
			f := newBuilder()
			e := &graph.Element{}
			records := float64(3 * machines)
			var decided, held uint64
			for b.Loop() {
				before := heap()
				c := New(Options{Model: testModel()})
				c.LinksRead(graph.Scope{Instance: "immybot", Type: "immybot_computer"})
				f.feed(c, machines, e)
				f.feedPrevious(c, machines, e)
				held = heap() - before
				c.decide()
				decided = heap() - before
				runtime.KeepAlive(c)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/records, "ns/record")
			b.ReportMetric(float64(held)/records, "B-added/record")
			b.ReportMetric(float64(decided)/records, "B-decided/record")
		})
	}
}

// BenchmarkCorrelate measures adding and deciding, without reading and writing elements, which costs the caller's
// store.
func BenchmarkCorrelate(b *testing.B) {
	for _, machines := range sizes() {
		b.Run(fmt.Sprintf("%d machines", machines), func(b *testing.B) {
			f := newBuilder()
			e := &graph.Element{}
			records := float64(3 * machines)
			var peak, held uint64
			for b.Loop() {
				before := heap()
				c := New(Options{Model: testModel()})
				f.feed(c, machines, e)
				held = heap() - before
				c.decide()
				peak = heap() - before
				runtime.KeepAlive(c)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/records, "ns/record")
			b.ReportMetric(float64(held)/records, "B-added/record")
			b.ReportMetric(float64(peak)/records, "B-decided/record")
		})
	}
}

// BenchmarkResolve measures everything, with elements made on the fly.
func BenchmarkResolve(b *testing.B) {
	for _, machines := range sizes() {
		b.Run(fmt.Sprintf("%d machines", machines), func(b *testing.B) {
			f := newBuilder()
			e := &graph.Element{}
			for b.Loop() {
				c := New(Options{Model: testModel()})
				f.feed(c, machines, e)
				for _, err := range c.Resolve(func(ref Ref, e *graph.Element) error { f.synthetic(ref, e); return nil }) {
					if err != nil {
						b.Fatal(err)
					}
				}
				if got := c.Findings().Devices; got != machines {
					b.Fatalf("%d devices", got)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(3*machines), "ns/record")
		})
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
