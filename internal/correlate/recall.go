package correlate

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"assetgraph/graph"
)

// ErrMemory is returned, with the reason, for a memory that nothing can go on from. A Correlator that is told by
// AddPrevious what the graph holds does without.
var ErrMemory = errors.New("correlate: the memory of the last run does not fit")

// Recall takes what Memory of the last run's Correlator returned, in place of AddPrevious and AddPreviousKey. The graph
// must hold just what that run derived. An error is an ErrMemory; the Correlator is as before then. It comes after the
// calls of LinksRead, and is cheapest after those of Add. The memory is not kept.
//
// Of a memory that was made by other rules, overrides or another model the keys go on, and nothing is Partial; other
// rules and overrides are an occasion to JudgeAnew, which it does.
func (c *Correlator) Recall(data []byte) error {
	if c.previous.size() > 0 {
		return fmt.Errorf("%w: the last run was told already", ErrMemory)
	}
	body, ok := openMemory(data)
	if !ok {
		return fmt.Errorf("%w: it is damaged, or of another version of the program", ErrMemory)
	}
	r := reader{rest: body, previous: newPrevious(), memory: &memory{}}
	rules := r.texts(1)
	model := r.hash()
	r.entities()
	if r.failed || len(r.rest) > 0 {
		return fmt.Errorf("%w: it contradicts itself", ErrMemory)
	}
	if rules[0] != RulesDigest(c.overrides) {
		r.memory.stale = true
		c.JudgeAnew()
	}
	r.memory.stale = r.memory.stale || model != c.model.fingerprint()
	r.previous.read = c.previous.read
	c.previous, c.recalled, c.notes.room = r.previous, r.memory, len(data)
	for _, b := range r.of {
		c.belonged(b)
	}
	for _, l := range r.links {
		c.recallLink(&l, r.manners[l.manner])
	}
	return nil
}

// recallLink keeps a link, unless those of its scope were read in full this time.
func (c *Correlator) recallLink(l *recalledLink, by toldBy) {
	p := &c.previous
	if p.read[by.scope] {
		return
	}
	if again, ok := c.linkAgain(l.external, by.manner, by.scope.Instance); ok {
		again.from = l.from
		p.links = append(p.links, scopedLink{link: again, scope: p.scope(by.scope)})
	}
}

// openMemory returns what is between the form and the checksum of a memory, false where one of these is another.
func openMemory(data []byte) ([]byte, bool) {
	end := len(data) - checksumSize
	if end < len(memoryForm) || !bytes.HasPrefix(data, []byte(memoryForm)) {
		return nil, false
	}
	sum := sha256.Sum256(data[:end])
	return data[len(memoryForm):end], bytes.Equal(sum[:checksumSize], data[end:])
}

// A reader reads what notes have written. After a fault everything that it returns is zero.
type reader struct {
	rest     []byte
	failed   bool
	previous previous
	memory   *memory
	of       []before
	links    []recalledLink
	manners  []toldBy
}

type recalledLink struct {
	from, external uint64
	manner         uint32
}

func (r *reader) fail() { r.rest, r.failed = nil, true }

func (r *reader) take(n uint64) []byte {
	if n > uint64(len(r.rest)) {
		r.fail()
		return nil
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *reader) hash() uint64 {
	if b := r.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (r *reader) number() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

// below reads a number that is smaller than the limit.
func (r *reader) below(limit uint64) uint32 {
	n := r.number()
	if n >= limit {
		r.fail()
		return 0
	}
	return uint32(n)
}

// texts reads as many texts as are wanted.
func (r *reader) texts(want int) []string {
	list := make([]string, want)
	if r.number() != uint64(want) {
		r.fail()
	}
	for i := range list {
		list[i] = string(r.take(r.number()))
	}
	return list
}

// entities reads devices, organizations and persons, and who tells links.
func (r *reader) entities() {
	m := r.memory
	for r.key() {
		made := made{makeUp: makeUp(r.hash()), users: uint32(len(m.users))}
		made.lastSeen = int64(r.hash())
		made.organization = r.below(uint64(noKey))
		for range r.below(uint64(len(r.rest)) + 1) {
			m.users = append(m.users, r.below(uint64(noKey)))
		}
		m.made = append(m.made, made)
		r.records()
	}
	m.devices = uint32(len(m.made))
	for r.key() {
		m.made = append(m.made, made{lastSeen: never})
		r.records()
	}
	m.humans = uint32(len(m.made))
	for r.key() {
		m.made = append(m.made, made{makeUp: makeUp(r.hash()), lastSeen: never})
		r.records()
	}
	m.again = make([]extent, len(m.made))
	for range r.below(uint64(len(r.rest)) + 1) {
		texts := r.texts(3)
		r.manners = append(r.manners, toldBy{graph.Scope{Instance: texts[0], Type: texts[1]}, texts[2]})
	}
	r.connect()
}

// connect makes entities of the numbers by which devices name organizations and persons.
func (r *reader) connect() {
	m := r.memory
	for i := range m.made[:m.devices] {
		o := &m.made[i].organization
		if *o > m.humans-m.devices {
			r.fail()
		}
		if *o += m.devices - 1; *o < m.devices { // 0 stands for none
			*o = noKey
		}
	}
	for i, n := range m.users {
		if n == 0 || n > uint32(len(m.made))-m.humans {
			r.fail()
		}
		m.users[i] = m.humans + n - 1
	}
	for _, l := range r.links {
		if int(l.manner) >= len(r.manners) {
			r.fail()
		}
	}
}

// key reads the key of the next entity, and false at the end of the list.
func (r *reader) key() bool {
	whole := r.rest
	forms := forms()
	form := r.take(1)
	if form == nil || form[0] == endOfList {
		return false
	}
	rest := r.take(r.number())
	if r.failed || int(form[0]) >= len(forms) {
		r.fail()
		return false
	}
	h := mix(endText(fnv(fnv(fnvOffset, forms[form[0]]), string(rest))))
	if _, twice := r.previous.find(h); twice {
		r.fail()
		return false
	}
	r.previous.enter(h, whole[:len(whole)-len(r.rest)])
	return true
}

// records reads the records of the last entity.
func (r *reader) records() {
	head := r.number()
	entity := uint32(len(r.memory.made) - 1)
	for range head >> 1 {
		b := before{record: r.hash(), derived: entity}
		if head&1 == 1 {
			told := r.number()
			b.linked = told&1 == 1
			for range told >> 1 {
				r.links = append(r.links, recalledLink{b.record, r.hash(), r.below(uint64(noKey))})
				if r.failed {
					return
				}
			}
		}
		if r.failed {
			return
		}
		r.of = append(r.of, b)
	}
}
