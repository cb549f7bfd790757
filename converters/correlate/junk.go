package correlate

import "strings"

// junkSerial reports whether a normalised serial number (normalSerial) identifies nothing. The list holds what makers of boards,
// firmware and hypervisors leave in the SMBIOS fields where nobody has written a number; add to it what turns up on machines that
// have nothing to do with each other.
func junkSerial(s string) bool {
	const shortest = 5 // real ones of five characters exist (old Dell tags have seven), shorter ones are counters and words
	if len(s) < shortest || strings.Trim(s, s[:1]) == "" {
		return true
	}
	switch s {
	case "TOBEFILLEDBYOEM", "TOBEFILLEDBYOEMTOBEFILLEDBYOEM", "TOBEDEFINEDBYOEM", "OEMDEFAULT", "OEMSERIAL", "OEMSERIALNUMBER", "FILLBYOEM",
		"SYSTEMSERIALNUMBER", "SYSTEMSERIAL", "SERIALNUMBER", "CHASSISSERIALNUMBER", "CHASSISSERIAL", "BASEBOARDSERIALNUMBER", "BOARDSERIALNUMBER",
		"BSN12345678901234567", "MB1234567890", "SYSSN12345", "SERNUM", "DEFAULT", "DEFAULTSTRING", "DEFAULTSTRINGDEFAULTSTRING",
		"NOTSPECIFIED", "NOTAPPLICABLE", "NOTAVAILABLE", "NOTPROVIDED", "NOTSETTABLE", "NOTDEFINED", "UNDEFINED", "UNSPECIFIED", "UNKNOWN",
		"UNKNOWNSERIAL", "INVALID", "EMPTY", "BLANK", "NOSERIAL", "NOSERIALNUMBER", "NOASSETTAG", "ASSETTAG", "NOASSETINFORMATION",
		"PLEASECHANGE", "SAMPLE", "STANDARD", "REPLACEME", "EVALUATION", "QEMU", "VIRTUAL", "VIRTUALBOX", "VIRTUALBOX0", "PARALLELS", "GOOGLECLOUD",
		"ABCDEFGH", "ABCDEFG", "ABCDEF", "XXXXXXXXXX", "NULLNULL", "0X00000000", "EVAL12345":
		return true
	}
	return counting(s)
}

// counting reports whether s does nothing but count: 12345, 123456789, 0123456789, 1234567890.
func counting(s string) bool {
	for i := 1; i < len(s); i++ {
		if s[i-1] < '0' || s[i-1] > '9' || s[i] != '0'+(s[i-1]-'0'+1)%10 {
			return false
		}
	}
	return true
}

// weakMAC reports whether an address (48 bits) says too little alone: it is locally administered (randomised Wi-Fi, containers, VPN), or
// it is of a kind of adapter that moves from machine to machine or is the same on all.
func weakMAC(mac uint64) bool {
	const locallyAdministered = 0x02_00_00_00_00_00
	if mac&locallyAdministered != 0 {
		return true
	}
	switch mac {
	case 0x005056_C00001, 0x005056_C00008, // host side of VMware's virtual networks
		0x001C42_000008, 0x001C42_000009, // of Parallels'
		0x204153_594EFF,                  // Windows' WAN miniports, made of the letters of their names
		0x505054_503030, 0x33506F_453030, // of PPTP and PPPoE
		0x00090F_FE0001, 0x00090F_AA0001, // FortiClient
		0x00059A_3C7A00, 0x00059A_3C7800: // AnyConnect
		return true
	}
	switch mac >> 24 {
	case 0x00E04C: // Realtek's USB adapters: docks and dongles
		return true
	}
	return mac>>32 == 0x00FF // TAP-Windows makes its addresses up behind 00:ff
}

// junkMAC reports whether an address identifies nothing at all.
func junkMAC(mac uint64) bool {
	const multicast = 0x01_00_00_00_00_00
	return mac == 0 || mac&multicast != 0 || mac>>24 == 0 || mac&0xFFFFFF == 0 || mac&0xFFFFFF == 0xFFFFFF
}

// junkName reports whether a host name (lower case) is what systems are called before anybody names them.
func junkName(s string) bool {
	switch s {
	case "localhost", "unknown", "none", "null", "iphone", "ipad", "android", "mac", "macbook", "macbook-pro", "macbook-air", "macbookpro",
		"macbookair", "imac", "mac-mini", "ubuntu", "debian", "raspberrypi", "windows", "computer", "desktop", "laptop", "notebook", "server",
		"pc", "vm", "test", "workstation", "default", "template":
		return true
	}
	return strings.HasPrefix(s, "minint-") // Windows' setup environment
}
