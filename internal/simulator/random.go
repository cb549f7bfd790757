package simulator

// A topic keeps the draws for one machine independent of each other.
type topic uint64

const (
	topicKind topic = iota + 1
	topicCustomer
	topicTraits
	topicSerial
	topicJunk
	topicUUID
	topicBoard
	topicMAC
	topicAddress
	topicModel
	topicOS
	topicAge
	topicSeen
	topicOnline
	topicPerson
	topicHuman
	topicName
	topicID
	topicSite
	topicDetail
	topicHardware
	topicChange
	topicSecret
	topicSession
)

// mix is a bijection of 64 bits without visible pattern (the finalizer of SplitMix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// roll draws 64 bits for number i of a topic: always the same for the same seed.
func (f *fleet) roll(i int, t topic) uint64 {
	return mix(mix(f.seed+uint64(t)<<40) ^ uint64(i))
}

// pick draws a number from 0 to n-1.
func (f *fleet) pick(i int, t topic, n int) int {
	return int(f.roll(i, t) % uint64(n))
}

// between draws a number from low to high, both included.
func (f *fleet) between(i int, t topic, low, high int) int {
	return low + f.pick(i, t, high-low+1)
}
