package correlate

// Hardware addresses are kept as numbers of 48 bits. What an address is worth stands above them, so that nobody has to
// ask again.
const (
	addressBits = 48

	// weakAddress marks an address that tells nothing alone, whether it agrees or not: it moves from machine to
	// machine, is made up anew, or is the same on all.
	weakAddress uint64 = 1 << addressBits

	// pooledAddress marks one that a hypervisor has made for a guest. Two guests that differ in it are two, but copies
	// keep it, and another hypervisor may make the same.
	pooledAddress uint64 = 2 << addressBits

	// recurringAddress is set beside pooledAddress where several guests of one customer have the same as a rule: those
	// of VirtualBox, QEMU and Xen keep what stands in the image that they were made of, and Hyper-V makes addresses of
	// the last two numbers of its host's IP address and a counter.
	recurringAddress uint64 = 4 << addressBits
)

// hyperVAddress is what the addresses of Hyper-V's pool begin with.
const hyperVAddress = 0x00155D

func isWeak(mac uint64) bool   { return mac&weakAddress != 0 }
func isPooled(mac uint64) bool { return mac&pooledAddress != 0 }

// recurs reports whether an address says too little of two records by itself. That of a guest is sure where its host
// shows it, except those that other hosts make as well.
func recurs(mac uint64, shownByHost bool) bool {
	return mac&recurringAddress != 0 && (!shownByHost || mac>>24&0xFFFFFF == hyperVAddress)
}

// rateAddress returns an address with what it is worth.
func rateAddress(mac uint64) uint64 {
	switch mac >> 24 {
	case 0x000569, 0x000C29, 0x001C14, 0x005056, // VMware
		0x001C42, 0x506B8D, // Parallels, Nutanix
		0x001A4A, 0xBC2411, // oVirt, Proxmox
		0x0021F6, 0x000F4B, 0x0003FF, 0x589CFC: // Oracle VM, Virtual Iron, Virtual PC, bhyve
		if isFixed(mac) {
			return mac | weakAddress
		}
		return mac | pooledAddress
	case 0x080027, 0x525400, 0x00163E, hyperVAddress: // VirtualBox, QEMU, Xen
		return mac | pooledAddress | recurringAddress
	}
	if isWeakAddress(mac) {
		return mac | weakAddress
	}
	return mac
}

func isWeakAddress(mac uint64) bool {
	const locallyAdministered = 0x02_00_00_00_00_00
	return mac&locallyAdministered != 0 || travels(mac>>24) || isFixed(mac) || isMadeUp(mac)
}

// travels reports whether adapters with these first three bytes are docks and USB adapters, which go from hand to hand
// and of which cheap ones have one address for a whole batch (IEEE's list of makers that build nothing else).
func travels(maker uint64) bool {
	switch maker {
	case 0x00E04C, // Realtek's USB adapters
		0x000EC6, 0x207BD2, 0xCC4792, 0xF8E43B, 0x9C69D3, 0x00051B, // ASIX, Magic Control
		0x0050B6, 0x00249B, 0x8CAE4C, 0x000ACD, 0x00133B, // Good Way, Action Star, Plugable, Sunrich, Speed Dragon
		0x9CEBE8, 0xA8B0AE, 0xA0CEC8, 0x3C18A0, 0x108286, 0x606D3C, 0x607D09, 0xE89526, // BizLink, CE Link, Luxshare
		0x000F9D, 0x6CA936, 0x644BF0, 0x00228B, 0x4C56DF, 0xE8EA6A, // DisplayLink, CalDigit, Kensington, Targus, StarTech
		0x001150, 0x00173F, 0x001CDF, 0x002275, 0x00606E, 0xE0EF25: // Belkin, Davicom, Lintes
		return true
	}
	return false
}

// isFixed reports whether an address is the same on all machines that have it: of virtual adapters, and of boards that
// nobody has given one (OCS Inventory NG: blacklist_macaddresses).
func isFixed(mac uint64) bool {
	switch mac {
	case 0x005056_C00001, 0x005056_C00002, 0x005056_C00003, 0x005056_C00008, // host side of VMware's networks
		0x001C42_000008, 0x001C42_000009, 0x001C42_000018, // of Parallels'
		0x204153_594EFF,                  // Windows' WAN miniports, made of the letters of their names
		0x505054_503030, 0x33506F_453030, // of PPTP and PPPoE
		0x000102_7D9B1C, 0x0008A1_460635, 0x0008A1_66E21A, 0x0009DD_103768, 0x000FEA_9AE2F0, 0x00105A_7271F3,
		0x001111_85088B, 0x444553_540000, 0x444553_540001, 0x444553_54616F:
		return true
	}
	switch mac >> 16 {
	case 0x00090F_FE, 0x00090F_AA, // FortiClient
		0x000BCA_FE, // Juniper's network agent
		0x00059A_3C: // AnyConnect and its predecessor
		return true
	}
	switch mac >> 24 {
	case 0xACDE48, // the bridge to the T2 chip of Macs, and what else has no maker
		0x444553: // Microsoft's dial-up adapters
		return true
	}
	return mac>>32 == 0x00FF // TAP-Windows makes its addresses up behind 00:ff
}

// isMadeUp reports whether somebody has typed the address: five of its bytes are one, or all count: 00:11:22:33:44:55.
func isMadeUp(mac uint64) bool {
	var b [6]uint8
	for i := range b {
		b[i] = uint8(mac >> (40 - 8*i))
	}
	equal, counts, back := 0, 0, 0
	for i := range b {
		equal += count1(b[i] == b[2])
		back += count1(b[i] == b[3])
		counts += count1(i > 0 && b[i]-b[i-1] == b[1]-b[0])
	}
	return max(equal, back) >= len(b)-1 || counts == len(b)-1
}

// junkMAC reports whether an address identifies nothing at all.
func junkMAC(mac uint64) bool {
	const multicast = 0x01_00_00_00_00_00
	return mac == 0 || mac&multicast != 0 || mac>>24 == 0 || mac&0xFFFFFF == 0 || mac&0xFFFFFF == 0xFFFFFF
}
