package immybot

import (
	"cmp"
	"slices"

	"assetgraph/collectors/internal/rawjson"
)

// An agentIndex holds the agents of all computers in little memory: three million agents take about a quarter of a
// gigabyte. Names that recur are kept once; ids of other products lie in one text.
type agentIndex struct {
	rows   []agentRow
	sorted bool
	text   []byte
	shared []agentLabels
	labels map[agentLabels]uint32 // index in shared
}

type agentRow struct {
	computer, agent int64
	text            uint64 // offset of external id and serial in agentIndex.text
	labels          uint32
	external        uint16 // lengths
	serial          uint16
}

// agentLabels are what many agents share.
type agentLabels struct {
	link    rawjson.Int
	name    rawjson.Text
	product string
	client  rawjson.Text
}

func newAgentIndex() *agentIndex { return &agentIndex{labels: map[agentLabels]uint32{}} }

// maxID is the longest external id or serial that is kept; longer ones are no ids.
const maxID = 1 << 12

// add takes an agent. One that is on no computer is left out.
func (x *agentIndex) add(a *ProviderAgent) {
	if !a.ComputerID.Set {
		return
	}
	l := agentLabels{link: a.ProviderLinkID, name: a.ProviderLinkName, product: a.Product, client: a.ExternalClientName}
	label, ok := x.labels[l]
	if !ok {
		label = uint32(len(x.shared))
		x.shared = append(x.shared, l)
		x.labels[l] = label
	}
	external, serial := kept(string(a.ExternalAgentID)), kept(string(a.Serial))
	x.rows = append(x.rows, agentRow{
		computer: a.ComputerID.N, agent: a.ID.N, text: uint64(len(x.text)), labels: label,
		external: uint16(len(external)), serial: uint16(len(serial)),
	})
	x.text = append(append(x.text, external...), serial...)
	x.sorted = false
}

func kept(s string) string {
	if len(s) > maxID {
		return ""
	}
	return s
}

// of returns the agents on a computer by ascending id, nil for none.
func (x *agentIndex) of(computer int64) []ProviderAgent {
	if x == nil {
		return nil
	}
	if !x.sorted {
		slices.SortFunc(x.rows, func(a, b agentRow) int {
			return cmp.Or(cmp.Compare(a.computer, b.computer), cmp.Compare(a.agent, b.agent))
		})
		x.sorted = true
	}
	first, _ := slices.BinarySearchFunc(x.rows, computer,
		func(r agentRow, id int64) int { return cmp.Compare(r.computer, id) })
	var out []ProviderAgent
	for _, r := range x.rows[first:] {
		if r.computer != computer {
			break
		}
		out = append(out, x.agent(r))
	}
	return out
}

func (x *agentIndex) agent(r agentRow) ProviderAgent {
	l := x.shared[r.labels]
	middle := r.text + uint64(r.external)
	return ProviderAgent{
		ID:                 rawjson.Int{N: r.agent, Set: true},
		ComputerID:         rawjson.Int{N: r.computer, Set: true},
		ProviderLinkID:     l.link,
		ProviderLinkName:   l.name,
		ExternalClientName: l.client,
		ExternalAgentID:    ExternalID(x.text[r.text:middle]),
		Serial:             rawjson.Text(x.text[middle : middle+uint64(r.serial)]),
		Product:            l.product,
	}
}
