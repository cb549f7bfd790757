package simulator

import "strings"

// SentinelOne numbers everything in one space of 19 digits, in which ids grow with time.
const (
	accountBase    = 1_100_000_000_000_000_000
	siteBase       = 1_200_000_000_000_000_000
	groupBase      = 1_300_000_000_000_000_000
	userBase       = 1_400_000_000_000_000_000
	agentBase      = 1_845_000_000_000_000_000
	discoveredBase = 1_500_000_000_000_000_000
	threatBase     = 1_945_000_000_000_000_000
	idStep         = 1 << 24
	personBase     = 1000
	computerBase   = 100
	linkBase       = 5000
	deviceBase     = 10
)

// longID gives the id of number n in the space that begins at base: ascending, with gaps.
func (f *fleet) longID(base uint64, n int) uint64 {
	return base + uint64(n)*idStep + f.roll(n, topicID)%idStep
}

func (f *fleet) accountID(a int) uint64  { return f.longID(accountBase, a) }
func (f *fleet) siteID(s int) uint64     { return f.longID(siteBase, s) }
func (f *fleet) groupID(g int) uint64    { return f.longID(groupBase, g) }
func (f *fleet) agentID(slot int) uint64 { return f.longID(agentBase, slot) }

// shortID gives ascending ids with gaps of one or two.
func (f *fleet) shortID(base, n int) int { return base + 2*n + int(f.roll(n, topicID)&1) }

func (f *fleet) deviceID(slot int) int   { return f.shortID(deviceBase, slot) }
func (f *fleet) computerID(slot int) int { return f.shortID(computerBase, slot) }
func (f *fleet) linkID(slot int) int     { return f.shortID(linkBase, slot) }
func (f *fleet) personID(i int) int      { return f.shortID(personBase, i) }

// slotOf finds the slot with the given short id.
func slotOf(id, base int) int { return (id - base) / 2 }

func orgID(c int) int         { return 2 + 3*c }
func locationID(c, l int) int { return 10 + 4*c + l }
func tenantID(c int) int      { return 10 + 2*c }

// hex writes n as so many hexadecimal digits.
func hex(n uint64, digits int) string {
	b := make([]byte, digits)
	for at := digits - 1; at >= 0; at-- {
		b[at] = "0123456789abcdef"[n&15]
		n >>= 4
	}
	return string(b)
}

// dashed writes 32 digits as a UUID.
func dashed(digits string) string {
	return digits[:8] + "-" + digits[8:12] + "-" + digits[12:16] + "-" + digits[16:20] + "-" + digits[20:]
}

// guid renders a draw as a version 4 UUID.
func (f *fleet) guid(i int, t topic) string {
	a := f.roll(i, t)
	b := mix(a + 1)
	return dashed(hex(a&^0xf000|0x4000, 16) + hex(b&^(0xc<<60)|0x8<<60, 16))
}

// agentUUID is the identity that a SentinelOne agent made for itself, in the spelling of its system. Slot 0 of a
// machine is the agent before the last installation; one in four of them kept its uuid.
func (f *fleet) agentUUID(slot int) string {
	i := slot / agentSlots
	if c := f.cards[i]; c != nil && c.uuid != "" {
		return c.uuid
	}
	origin := int(f.states[i].origin)
	if slot%agentSlots == 0 && i%4 != 0 {
		origin = -1 - i
	}
	a := f.roll(origin, topicUUID)
	digits := hex(a, 16) + hex(mix(a+1), 16)
	switch k := f.states[i].kind; {
	case k.Windows():
		return digits
	case k == Mac:
		return strings.ToUpper(dashed(digits))
	default:
		return dashed(digits)
	}
}
