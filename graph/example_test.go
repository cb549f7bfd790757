package graph_test

import (
	"fmt"

	"assetgraph/graph"
)

// Whoever declares a type keeps the handles to its properties, and fills and reads elements by them.
func ExampleDeclaration() {
	d := graph.DeclareEntity("mdm_phone", "mdm", "GET /phones", "Device")
	model := d.Add(graph.Property{Name: "model", Kind: graph.Text})
	seen := d.Add(graph.Property{Name: "lastSeenOn", Kind: graph.Int, Volatile: true, Doc: "last check-in"})

	e := graph.NewEntity(d.Type(), "mdm-berlin", "7")
	model.Set(e, graph.TextOf(" Pixel 9 "))
	seen.Set(e, graph.IntOf(1767225600))
	if err := e.Seal(); err != nil {
		fmt.Println(err)
	}
	fmt.Println(e.Key)
	for property, value := range e.Values() {
		fmt.Println(property.Name, "=", value)
	}
	// Output:
	// mdm-berlin:mdm_phone:7
	// name = 7
	// displayName = 7
	// id = 7
	// model = Pixel 9
	// lastSeenOn = 1767225600
}

// A change of volatile properties alone leaves the digest as it is: the store refreshes the element and does not count
// an update.
func ExampleElement_Seal() {
	phone := graph.NewEntityType("mdm_phone", "mdm", "GET /phones", []string{"Device"},
		graph.Property{Name: "model", Kind: graph.Text},
		graph.Property{Name: "lastSeenOn", Kind: graph.Int, Volatile: true})
	seen := func(at int64) graph.Header {
		e := graph.NewEntity(phone, "mdm", "7")
		phone.Field("model").Set(e, graph.TextOf("Pixel 9"))
		phone.Field("lastSeenOn").Set(e, graph.IntOf(at))
		if err := e.Seal(); err != nil {
			fmt.Println(err)
		}
		return e.Header()
	}
	a, b := seen(1), seen(2)
	fmt.Println(a.Digest == b.Digest, a.Volatile == b.Volatile)
	// Output: true false
}

// A value of another kind than the declared one is an error of Seal, which names the element.
func ExampleField_Set() {
	phone := graph.NewEntityType("mdm_phone", "mdm", "GET /phones", []string{"Device"}, graph.Property{Name: "cores", Kind: graph.Int})
	e := graph.NewEntity(phone, "mdm", "7")
	phone.Field("cores").Set(e, graph.TextOf("eight"))
	fmt.Println(e.Seal())
	// Output: mdm_phone mdm:mdm_phone:7: property cores is a string, declared as integer
}

func ExampleEntityKey() {
	fmt.Println(graph.EntityKey("mdm", "mdm_phone", "a|b"))
	from := graph.EntityKey("mdm", "mdm_group", "1")
	fmt.Println(graph.RelationshipKey(from, "HAS", graph.EntityKey("mdm", "mdm_phone", "7")))
	// Output:
	// mdm:mdm_phone:a%7Cb
	// mdm:mdm_group:1|HAS|mdm:mdm_phone:7
}

// Lists are sets: an order that a provider does not promise never looks like a change.
func ExampleTextsOf() {
	fmt.Println(graph.TextsOf("b", " a ", "", "b"))
	fmt.Println(graph.TextsOf("", " ").IsAbsent())
	// Output:
	// a, b
	// true
}

func ExampleNewSchema() {
	group := graph.NewEntityType("mdm_group", "mdm", "GET /groups", []string{"Group"})
	_, err := graph.NewSchema(group, graph.NewRelationshipType("mdm", "mdm_group", "HAS", "mdm_phone"))
	fmt.Println(err)
	// Output: graph: relationship mdm_group_has_phone: mdm_group or mdm_phone is not declared
}
