package correlate

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"math/bits"
	"slices"

	"assetgraph/graph"
)

// Rules is the revision of the rules. It is raised whenever what is derived from the same records, links and overrides
// may be another than before, so that a result that older rules gave is never taken for that of these.
const Rules = 8

// LinksDigest stands for what AddStatements, LinksRead and the overrides have told so far, for Rules and for what is
// known of systems. It does not depend on the order of the calls; a link that is stated twice counts twice. Two runs with the same digest derive the
// same when these are the same as well:
//
//   - the elements given to Add: key and both digests of each, the volatile one too, since lastSeenOn decides between installations and is
//     handed on; their refs and their order mean nothing as long as no key is added twice with different content;
//   - the elements given to AddPrevious. They are, when the graph still holds what the earlier run derived: a result that is given back as
//     the previous one, with the same records, comes out again.
//
// Nothing else matters: neither time nor environment. Overrides.Exclude is left out, because correlation does not look
// at it.
func (c *Correlator) LinksDigest() [16]byte {
	b := binary.AppendUvarint(nil, Rules)
	b = append(b, c.model.known[:]...)
	b = binary.LittleEndian.AppendUint64(b, c.said.sum[0])
	b = binary.LittleEndian.AppendUint64(b, c.said.sum[1])
	scopes := slices.SortedFunc(maps.Keys(c.previous.read), func(x, y graph.Scope) int {
		return cmp.Or(cmp.Compare(x.Instance, y.Instance), cmp.Compare(x.Type, y.Type))
	})
	b = binary.AppendUvarint(b, uint64(len(scopes)))
	for _, s := range scopes {
		b = appendTexts(b, []string{s.Instance, s.Type})
	}
	b = appendOverrides(b, c.overrides)
	sum := sha256.Sum256(b)
	return [16]byte(sum[:])
}

// RulesDigest stands for Rules and what people have decided. A result that was made by others says nothing of what is
// one machine: see Correlator.JudgeAnew.
func RulesDigest(o *Overrides) string {
	sum := sha256.Sum256(appendOverrides(binary.AppendUvarint(nil, Rules), o))
	return hex.EncodeToString(sum[:8])
}

// JudgeAnew says that the last result was made by other rules or overrides: that records were one machine, or two, is
// no evidence then. Their keys go on all the same.
func (c *Correlator) JudgeAnew() { c.off |= rulePrevious }

func appendOverrides(b []byte, o *Overrides) []byte {
	if o == nil {
		o = &Overrides{}
	}
	b = appendGroups(b, o.Same)
	b = appendGroups(b, o.Different)
	b = appendTexts(b, o.JunkSerials)
	return appendTexts(b, o.JunkMACs)
}

func appendGroups(b []byte, groups [][]string) []byte {
	b = binary.AppendUvarint(b, uint64(len(groups)))
	for _, list := range groups {
		b = appendTexts(b, list)
	}
	return b
}

func appendTexts(b []byte, list []string) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, s := range list {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	return b
}

// A linkSum is the sum of 128-bit hashes of links, which is the same in any order and unlike an exclusive or does not
// lose pairs of equal ones. Correlation itself tells links apart by their two hashes alone, so that nothing is lost by
// starting from these.
type linkSum [2]uint64

func (s *linkSum) add(from, external uint64) {
	const golden = 0x9E3779B97F4A7C15
	high, low := from, external
	for round := uint64(1); round <= 3; round++ {
		high, low = low, high+mix(low+round*golden)
	}
	s.merge(linkSum{mix(low), mix(high ^ golden)})
}

func (s *linkSum) merge(other linkSum) {
	var carry uint64
	s[0], carry = bits.Add64(s[0], other[0], 0)
	s[1], _ = bits.Add64(s[1], other[1], carry)
}
