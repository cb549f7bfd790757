package simulator

import (
	"bytes"
	"encoding/json"
	"maps"
	"strconv"
	"strings"
	"time"
)

// What a card is in its product.
type cardKind uint8

const (
	agentCard    cardKind = iota // SentinelOne
	deviceCard                   // NinjaRMM, with an agent on the machine
	guestCard                    // NinjaRMM, as the hypervisor shows it
	computerCard                 // ImmyBot
	linkCard                     // ImmyBot: an agent of another integration on somebody else's computer
	personCard                   // ImmyBot
)

// A card is one record that a habit plants. It takes the place of a machine in the fleet's numbering, shows in one
// product alone, and says what that product shows. Several cards may be one real machine.
type card struct {
	f        *fleet
	kind     cardKind
	number   int // in the fleet
	habit    string
	real     int // number of the machine, or of the human
	customer int // where the product keeps it

	name, serial string
	bios         string   // NinjaRMM: biosSerialNumber, where it differs from serial
	macs         []string // lower case with colons
	uuid         string   // SentinelOne
	model        model
	born, seen   time.Time
	dead         bool // SentinelOne: decommissioned

	agent, device *card // ImmyBot: the records that its integrations have put on the computer
	target        *card // of a linkCard: the computer
	links         [linkSlots]map[string]any
	fields        map[string]any // what else the answer says, by path ("system.manufacturer"); omitted leaves one out
}

// omitted stands for a field that an answer does not have.
type omitted struct{}

// slot is the record's slot in its product.
func (c *card) slot() int {
	switch c.kind {
	case agentCard:
		return c.number*agentSlots + 1
	case guestCard:
		return c.number*deviceSlots + 1
	case computerCard:
		return c.number*computerSlots + 1
	case linkCard:
		return c.number*linkSlots + 3
	case personCard:
		return c.number
	default:
		return c.number * deviceSlots
	}
}

// id is the record's id as the product writes it.
func (c *card) id() string {
	f := c.f
	switch c.kind {
	case agentCard:
		return strconv.FormatUint(f.agentID(c.slot()), 10)
	case computerCard:
		return strconv.Itoa(f.computerID(c.slot()))
	case personCard:
		return strconv.Itoa(f.personID(c.number))
	default:
		return strconv.Itoa(f.deviceID(c.slot()))
	}
}

// add puts a card into the fleet, as the next number.
func (f *fleet) add(c *card, kind MachineKind) {
	c.number = len(f.states)
	t := &f.tallies[c.customer]
	s := state{
		kind: kind, customer: uint16(c.customer), ordinal: t.machines, origin: uint32(c.number), person: none,
		host: none,
	}
	t.machines++
	f.states = append(f.states, s)
	f.cards[c.number] = c
}

// holdsLink reports whether ImmyBot has a provider agent in the slot of a card.
func (c *card) holdsLink(slot int) bool {
	switch slot % linkSlots {
	case 1:
		return c.kind == computerCard
	case 2:
		return c.kind == computerCard && c.agent != nil
	case 3:
		return c.kind == computerCard && c.device != nil || c.kind == linkCard
	default:
		return false
	}
}

// amended renders rows as render does, and changes those that a habit has something to say about.
func amended(render func(*jsonWriter, int), fields func(row int) map[string]any) func(*jsonWriter, int) {
	return func(w *jsonWriter, row int) {
		change := fields(row)
		if change == nil {
			render(w, row)
			return
		}
		own := jsonWriter{}
		render(&own, row)
		w.comma()
		w.b = append(w.b, amend(own.b, change)...)
	}
}

// amend changes fields of a JSON object.
func amend(text []byte, fields map[string]any) []byte {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	object := map[string]any{}
	if err := decoder.Decode(&object); err != nil {
		panic("simulator: rendered text is no JSON object: " + err.Error())
	}
	for path, value := range fields {
		change(object, path, value)
	}
	changed, err := json.Marshal(object)
	if err != nil {
		panic("simulator: " + err.Error())
	}
	return changed
}

func change(object map[string]any, path string, value any) {
	name, rest, nested := strings.Cut(path, ".")
	if nested {
		inner, ok := object[name].(map[string]any)
		if !ok {
			inner = map[string]any{}
			object[name] = inner
		}
		change(inner, rest, value)
		return
	}
	if value == (omitted{}) {
		delete(object, name)
		return
	}
	object[name] = value
}

// cardFields gives what the answers say of records of one kind beside what cards tell by themselves; nil for ordinary
// machines.
func (f *fleet) cardFields(perMachine int, shown func(c *card) map[string]any) func(slot int) map[string]any {
	return func(slot int) map[string]any {
		c := f.cards[slot/perMachine]
		if c == nil {
			return nil
		}
		return with(shown(c), c.fields)
	}
}

// with puts fields over others.
func with(base, over map[string]any) map[string]any {
	maps.Copy(base, over)
	return base
}

// agentFields is what SentinelOne shows of a card.
func (f *fleet) agentFields(c *card) map[string]any {
	interfaces := make([]any, len(c.macs))
	for n, mac := range c.macs {
		spelled := strings.ToUpper(mac)
		switch c.number % 3 {
		case 1:
			spelled = mac
		case 2:
			spelled = strings.ReplaceAll(mac, ":", "-")
		}
		interfaces[n] = map[string]any{
			"id": strconv.FormatUint(f.agentID(c.slot())+uint64(n)+1, 10), "name": "Ethernet " + strconv.Itoa(n+1),
			"physical": spelled,
			"inet":     []any{}, "inet6": []any{},
		}
	}
	return map[string]any{"networkInterfaces": interfaces, "serialNumber": textOrNull(c.serial)}
}

// deviceFields is what NinjaRMM shows of a card.
func deviceFields(c *card) map[string]any {
	fields := map[string]any{"macAddresses": c.macs, "displayName": omitted{}}
	if c.macs == nil {
		fields["macAddresses"] = []string{}
	}
	if c.kind == guestCard {
		fields["displayName"] = c.name
	}
	return fields
}

// computerFields is what ImmyBot shows of a card.
func computerFields(c *card) map[string]any {
	return map[string]any{"serialNumber": textOrNull(c.serial)}
}

func textOrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// linkFields is what ImmyBot shows of an agent on a card; nil for ordinary machines.
func (f *fleet) linkFields(slot int) map[string]any {
	c := f.cards[slot/linkSlots]
	if c == nil {
		return nil
	}
	return with(map[string]any{"serial": textOrNull(c.serial)}, c.links[slot%linkSlots])
}
