package converters_test

import (
	"fmt"
	"time"

	"assetgraph/collectors"
	"assetgraph/converters"
	"assetgraph/graph"
)

// A Phone is what the collector of a made-up product yields.
type Phone struct {
	ID, GroupID, Model, Owner string
	Locked                    *bool
	Seen                      time.Time
}

// One row declares a property, and says where its value comes from.
func ExampleDeclare() {
	t := converters.Declare[Phone]("mdm_phone", "mdm", "GET /phones", "Device")
	t.Name(func(p *Phone) string { return p.Owner + "'s phone" })
	t.Text("model", "", func(p *Phone) string { return converters.FirstReal(p.Model) })
	t.Bool("locked", "absent where not known", func(p *Phone) (bool, bool) { return p.Locked != nil && *p.Locked, p.Locked != nil })
	t.Texts("email", "of the owner", func(p *Phone) graph.Value { return converters.Emails(p.Owner + "@example.com") })
	t.Volatile().Time("lastSeenOn", "last check-in", func(p *Phone) time.Time { return p.Seen })

	locked := true
	f := converters.NewFragment("mdm-berlin")
	e := t.Fill(f, "7", &Phone{Model: "Default string", Owner: "Ann", Locked: &locked, Seen: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)})
	for property, value := range e.Values() {
		fmt.Println(property.Name, "=", value)
	}
	// Output:
	// name = Ann's phone
	// id = 7
	// locked = true
	// email = ann@example.com
	// lastSeenOn = 2026-01-02T03:04:05.000Z
}

// A kind of record may become several elements; whatever lacks an id is a record error, and costs that record alone.
func ExampleNewKind() {
	phones := converters.Declare[Phone]("mdm_phone", "mdm", "GET /phones", "Device")
	phones.Text("model", "", func(p *Phone) string { return p.Model })
	has := graph.NewRelationshipType("mdm", "mdm_group", "HAS", "mdm_phone")
	kind := converters.NewKind("phone", func(p *Phone, id string, f *converters.Fragment) {
		phones.Fill(f, id, p)
		f.Relate(has, p.GroupID, id)
	}, phones.Type, has)

	f := converters.NewFragment("mdm")
	if err := kind.Convert(collectors.Record{Kind: "phone", ID: "7", Value: &Phone{ID: "7", GroupID: "1"}}, f); err != nil {
		fmt.Println(err)
	}
	for _, e := range f.Elements() {
		fmt.Println(e.Key)
	}
	fmt.Println("without an id:", kind.Convert(collectors.Record{Kind: "phone", Value: &Phone{}}, f) != nil)
	// Output:
	// mdm:mdm_phone:7
	// mdm:mdm_group:1|HAS|mdm:mdm_phone:7
	// without an id: true
}

func ExampleMAC() {
	fmt.Println(converters.MAC("525400BC6253"), converters.MAC("52-54-00-bc-62-53"))
	fmt.Printf("%q\n", converters.MAC("00:00:00:00:00:00"))
	// Output:
	// 52:54:00:bc:62:53 52:54:00:bc:62:53
	// ""
}

func ExampleHostname() {
	fmt.Printf("%q %q %q\n", converters.Hostname("web01.example.com"), converters.Hostname("ACME_PC_01"), converters.Hostname("10.0.0.1"))
	// Output: "web01" "" ""
}

func ExampleIsPlaceholderSerial() {
	for _, s := range []string{"To be filled by O.E.M.", "00000000", "SYS-1234567890", "5CG1234XYZ"} {
		fmt.Println(s, converters.IsPlaceholderSerial(s))
	}
	// Output:
	// To be filled by O.E.M. true
	// 00000000 true
	// SYS-1234567890 true
	// 5CG1234XYZ false
}
