package trend

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/gob"
	"iter"
	"slices"
	"time"

	"assetgraph/graph"
	"assetgraph/internal/report"
)

// memoryName is where the graph keeps how machines stood at the last looks.
const memoryName = "trend"

// A memory is what the next look is compared with: of each tool the last look of an earlier day that knew it, and the
// last one of the latest day. Mostly that is two for all tools.
type memory struct {
	Version int
	Looks   []*snapshot // in the order of time
}

// memoryVersion is raised when a memory of before can't be understood.
const memoryVersion = 1

// A snapshot is how machines stood at a look: about 12 bytes for each.
type snapshot struct {
	Day       time.Time
	At        time.Time // of the run
	Tools     []string
	Known     []string // those of Tools that were read whole
	Customers []customer

	// Of each machine: a digest of its key, ascending; whose it is, as an index of Customers; and how it stands.
	Machines []uint64
	Owners   []uint32
	States   []uint64

	owner map[graph.Key]uint32
}

type customer struct {
	Key  graph.Key
	Name string
}

// States have a bit for one that is left out, and two for each tool.
const (
	excludedBit = 1 << 0
	toolBits    = 2
	countsBit   = 1 << 1
	hasBit      = 1 << 2
)

func newSnapshot(day, at time.Time) *snapshot {
	return &snapshot{Day: day, At: at.UTC().Truncate(time.Millisecond), owner: map[graph.Key]uint32{}}
}

// digest stands for a machine.
func digest(device graph.Key) uint64 {
	sum := sha256.Sum256([]byte(device))
	return binary.BigEndian.Uint64(sum[:])
}

// add takes a machine down.
func (s *snapshot) add(m *report.Member, name string) {
	owner, ok := s.owner[m.Customer]
	if !ok {
		owner = uint32(len(s.Customers))
		s.owner[m.Customer] = owner
		s.Customers = append(s.Customers, customer{m.Customer, name})
	}
	state := uint64(0)
	if m.Excluded {
		state = excludedBit
	}
	for i, t := range m.Tools {
		if t.Counts {
			state |= countsBit << (toolBits * i)
		}
		if t.Has {
			state |= hasBit << (toolBits * i)
		}
	}
	s.Machines, s.Owners, s.States = append(s.Machines, digest(m.Device)), append(s.Owners, owner), append(s.States, state)
}

// sort brings the machines in order.
func (s *snapshot) sort() {
	order := make([]int, len(s.Machines))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(s.Machines[a], s.Machines[b]) })
	machines, owners, states := make([]uint64, len(order)), make([]uint32, len(order)), make([]uint64, len(order))
	for to, from := range order {
		machines[to], owners[to], states[to] = s.Machines[from], s.Owners[from], s.States[from]
	}
	s.Machines, s.Owners, s.States = machines, owners, states
}

// has reports whether a machine was there.
func (s *snapshot) has(machine uint64) bool {
	_, there := slices.BinarySearch(s.Machines, machine)
	return there
}

func (s *snapshot) knows(tool string) bool { return slices.Contains(s.Known, tool) }

// place returns how the ith machine stood with a tool, by its index in Tools.
func (s *snapshot) place(i, tool int) place {
	of, state := &s.Customers[s.Owners[i]], s.States[i]
	return place{
		customer: of.Key, name: of.Name, there: true, excluded: state&excludedBit != 0,
		counts: state>>(toolBits*tool)&countsBit != 0, has: state>>(toolBits*tool)&hasBit != 0,
	}
}

// A change is how one machine stood with a tool at two looks.
type change struct{ before, now place }

// changes yields all machines of two looks that know a tool.
func changes(before, now *snapshot, tool string) iter.Seq2[uint64, change] {
	return func(yield func(uint64, change) bool) {
		was, is := slices.Index(before.Tools, tool), slices.Index(now.Tools, tool)
		for i, j := 0, 0; i < len(before.Machines) || j < len(now.Machines); {
			var c change
			var machine uint64
			if j == len(now.Machines) || i < len(before.Machines) && before.Machines[i] <= now.Machines[j] {
				machine, c.before = before.Machines[i], before.place(i, was)
			} else {
				machine = now.Machines[j]
			}
			if j < len(now.Machines) && now.Machines[j] == machine {
				c.now = now.place(j, is)
				j++
			}
			if c.before.there {
				i++
			}
			if !yield(machine, c) {
				return
			}
		}
	}
}

// valid reports whether a snapshot is one that this program can have written.
func (s *snapshot) valid() bool {
	for _, owner := range s.Owners {
		if int(owner) >= len(s.Customers) {
			return false
		}
	}
	known := !slices.ContainsFunc(s.Known, func(tool string) bool { return !slices.Contains(s.Tools, tool) })
	return known && len(s.Machines) == len(s.Owners) && len(s.Machines) == len(s.States) && slices.IsSorted(s.Machines)
}

// before returns the last look of an earlier day that knew a tool, nil for none.
func (m *memory) before(day time.Time, tool string) *snapshot {
	for _, s := range slices.Backward(m.Looks) {
		if s.Day.Before(day) && s.knows(tool) {
			return s
		}
	}
	return nil
}

// with returns the memory after another look: without what it replaces, and without looks of later days, which a clock
// that went back does not know.
func (m *memory) with(now *snapshot) *memory {
	all := append(slices.DeleteFunc(slices.Clone(m.Looks), func(s *snapshot) bool { return s.Day.After(now.Day) }), now)
	keep := map[*snapshot]bool{}
	for _, today := range []bool{true, false} {
		seen := map[string]bool{}
		for _, s := range slices.Backward(all) {
			for _, tool := range s.Known {
				if s.Day.Equal(now.Day) == today && !seen[tool] {
					seen[tool], keep[s] = true, true
				}
			}
		}
	}
	return &memory{Version: memoryVersion, Looks: slices.DeleteFunc(all, func(s *snapshot) bool { return !keep[s] })}
}

// recall returns what was kept, an empty memory where that is nothing, or nothing that can be read.
func recall(ctx context.Context, store graph.Journal) (*memory, error) {
	data, err := store.Memory(ctx, memoryName)
	if err != nil {
		return nil, err
	}
	m := &memory{}
	if gob.NewDecoder(bytes.NewReader(data)).Decode(m) != nil || m.Version != memoryVersion ||
		slices.ContainsFunc(m.Looks, func(s *snapshot) bool { return !s.valid() }) {
		return &memory{}, nil
	}
	return m, nil
}

func (m *memory) save(ctx context.Context, store graph.Journal) error {
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(m); err != nil {
		return err
	}
	return store.SaveMemory(ctx, memoryName, b.Bytes())
}
