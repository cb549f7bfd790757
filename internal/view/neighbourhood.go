package view

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"

	"assetgraph/graph"
	"assetgraph/internal/report"
)

// mostNodes is how many entities a neighbourhood has.
const mostNodes = 300

// A neighbourhood is an entity, what is related to it, and what is related to its records.
type neighbourhood struct {
	nodes []*node // the entity itself first, then by distance, type and name
	edges []edge
	cut   int // how many more there are
}

// A node is an entity.
type node struct {
	Key    graph.Key `json:"key"`
	Name   string    `json:"name"`
	Type   string    `json:"type"`
	Ring   int       `json:"ring"` // how far it is from the entity
	Link   string    `json:"link"`
	parent *node
}

// An edge is a relationship.
type edge struct {
	From graph.Key `json:"from"`
	To   graph.Key `json:"to"`
	Verb string    `json:"verb"`
}

// around reads the neighbourhood of an entity.
func (v *View) around(ctx context.Context, key graph.Key) (*neighbourhood, error) {
	n := &neighbourhood{}
	known := map[graph.Key]*node{}
	add := func(key graph.Key, ring int, parent *node) {
		if known[key] != nil {
			return
		}
		if len(n.nodes) >= mostNodes {
			n.cut++
			return
		}
		one := &node{Key: key, Type: key.Scope().Type, Ring: ring, Link: v.explained(key), parent: parent}
		known[key] = one
		n.nodes = append(n.nodes, one)
	}
	add(key, 0, nil)
	for ring := 1; ring <= 2; ring++ {
		from := v.spreading(n.nodes, ring-1)
		if len(from) == 0 {
			break
		}
		links, err := v.linksAround(ctx, from)
		if err != nil {
			return nil, err
		}
		for _, l := range links {
			for _, ends := range [][2]graph.Key{{l.From, l.To}, {l.To, l.From}} {
				if parent := known[ends[0]]; parent != nil && parent.Ring == ring-1 {
					add(ends[1], ring, parent)
				}
			}
		}
		for _, l := range links {
			if known[l.From] != nil && known[l.To] != nil && !slices.Contains(n.edges, l) {
				n.edges = append(n.edges, l)
			}
		}
	}
	return n, v.name(ctx, n, known)
}

// spreading returns the nodes of a ring whose own relations are shown: the entity itself, and records of machines. A
// customer has hundreds of machines, which say nothing of one of them.
func (v *View) spreading(nodes []*node, ring int) (keys []graph.Key) {
	for _, n := range nodes {
		role := v.o.Source.Model.Role(n.Type)
		if n.Ring == ring && (ring == 0 || role != nil && role.Machine != nil) {
			keys = append(keys, n.Key)
		}
	}
	return keys
}

// linksAround returns the relationships of some entities in a steady order.
func (v *View) linksAround(ctx context.Context, keys []graph.Key) (list []edge, _ error) {
	selection := graph.LinkSelection{Around: keys}
	for _, t := range v.o.Source.Schema.Types() {
		if t.IsRelationship() {
			selection.Types = append(selection.Types, t)
		}
	}
	for l, err := range v.o.Source.Store.Links(ctx, selection) {
		if err != nil {
			return nil, err
		}
		list = append(list, edge{
			From: graph.Key(strings.Clone(string(l.From))), To: graph.Key(strings.Clone(string(l.To))), Verb: l.Type.Verb,
		})
	}
	slices.SortFunc(list, func(a, b edge) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Verb, b.Verb))
	})
	return list, nil
}

// name gives nodes their names and puts them in order.
func (v *View) name(ctx context.Context, n *neighbourhood, known map[graph.Key]*node) error {
	keys := make([]graph.Key, len(n.nodes))
	for i, one := range n.nodes {
		keys[i] = one.Key
		one.Name = strings.TrimPrefix(string(one.Key), one.Key.Scope().Prefix())
	}
	err := v.elementsOf(ctx, keys, []string{"displayName"}, func(e graph.Stored) {
		known[e.Key].Name = cmp.Or(e.Get("displayName").Text(), known[e.Key].Name)
	})
	slices.SortStableFunc(n.nodes, func(a, b *node) int {
		return cmp.Or(cmp.Compare(a.Ring, b.Ring), cmp.Compare(a.Type, b.Type),
			strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.Key, b.Key))
	})
	return err
}

// A drawnNeighbourhood is what its page says beside its table.
type drawnNeighbourhood struct {
	Name, Kind, Explained, Document string
	Drawing                         *drawing
	Cut                             string
}

func (v *View) neighbourhoodPage(r *http.Request) (*content, error) {
	key := graph.Key(r.URL.Query().Get("key"))
	if there, err := v.holds(r.Context(), key); err != nil || !there {
		return nil, cmp.Or(err, error(&report.UnknownError{Kind: "key", Name: string(key)}))
	}
	n, err := v.around(r.Context(), key)
	if err != nil {
		return nil, fmt.Errorf("read the neighbourhood: %w", err)
	}
	data := drawnNeighbourhood{
		Name: n.nodes[0].Name, Kind: kindOf(n.nodes[0].Type), Explained: v.explained(key), Drawing: draw(n),
		Document: address("/neighbourhood", "key", string(key), formatParameter, "json"),
	}
	if n.cut > 0 {
		data.Cut = fmt.Sprintf("%d are drawn; there are %s more.", mostNodes, humanize.Comma(int64(n.cut)))
	}
	document := func() ([]byte, error) {
		return json.Marshal(map[string]any{"nodes": n.nodes, "edges": append([]edge{}, n.edges...)})
	}
	return &content{
		title: "Neighbourhood of " + data.Name, template: "neighbourhood", data: data, tables: []*table{n.table()},
		document: document,
	}, nil
}

// table shows the relationships: all that is drawn, for those who do not see it.
func (n *neighbourhood) table() *table {
	of := map[graph.Key]*node{}
	for _, one := range n.nodes {
		of[one.Key] = one
	}
	edges := n.edges
	end := func(key graph.Key) cell { return cell{Text: of[key].Name, Link: of[key].Link, Sub: of[key].Type} }
	return &table{
		name: "relations", caption: "The same as a table", rows: len(edges), none: "It is related to nothing.",
		size: mostNodes,
		columns: []column{
			{name: "from", title: "From"}, {name: "verb", title: "Relation"}, {name: "to", title: "To"},
		},
		value: func(row, i int) any {
			e := &edges[row]
			return []any{string(e.From), e.Verb, string(e.To)}[i]
		},
		cell: func(row, i int) cell {
			e := &edges[row]
			switch i {
			case 0:
				return end(e.From)
			case 2:
				return end(e.To)
			}
			return cell{}
		},
	}
}
