package converters

import (
	"bytes"
	"strings"
)

// IsPlaceholder reports whether a text is what makers, firmware and tools leave where nobody wrote a maker, a model or
// a serial number. It is as good as no value. Case, blanks and punctuation do not count; nothing but punctuation is a
// placeholder too, and one character again and again. Texts that are not ASCII are none.
//
// The phrases are those that inventories refuse: the defaults of GLPI's blacklists (glpi-project/glpi,
// src/Blacklist.php), OCS Inventory's list of serial numbers, what dmidecode prints for fields that cannot be read,
// what Canonical's firmware test suite calls invalid (fwts, dmi_decode), and what boards of ASUS, ASRock and MSI and
// firmware of AMI ship with.
func IsPlaceholder(text string) bool {
	var room [longestPlaceholder]byte
	bare, ok := bareText(room[:0], text)
	return ok && isPlaceholder(bare)
}

// IsPlaceholderSerial reports whether a serial number identifies nothing: it is a placeholder, one that only serial
// numbers have, such as SYS-1234567890, or it counts.
func IsPlaceholderSerial(serial string) bool {
	var room [longestPlaceholder]byte
	bare, ok := bareText(room[:0], serial)
	return ok && (isPlaceholder(bare) || isPlaceholderSerial(bare))
}

// FirstReal returns the first of the texts that says something and is no placeholder.
func FirstReal[S ~string](texts ...S) string { return firstThatIsNot(IsPlaceholder, texts) }

// FirstSerial returns the first of the serial numbers that identifies something.
func FirstSerial[S ~string](serials ...S) string { return firstThatIsNot(IsPlaceholderSerial, serials) }

func firstThatIsNot[S ~string](placeholder func(string) bool, texts []S) string {
	for _, s := range texts {
		if text := FirstText(s); text != "" && !placeholder(text) {
			return text
		}
	}
	return ""
}

const longestPlaceholder = 64

// bareText appends the letters and digits of a text to b, in upper case. It reports false for what is too long for a
// placeholder, not ASCII, or empty.
func bareText(b []byte, text string) ([]byte, bool) {
	for i := range len(text) {
		c := text[i]
		switch {
		case c >= 0x80 || len(b) == cap(b):
			return nil, false
		case c >= 'a' && c <= 'z':
			b = append(b, c-'a'+'A')
		case isLetter(c), isDigit(c):
			b = append(b, c)
		}
	}
	return b, strings.TrimSpace(text) != ""
}

func isPlaceholder(bare []byte) bool {
	if len(bare) == 0 || len(bare) > 2 && isRepeated(bare) {
		return true
	}
	switch string(bare) {
	case "0", "NA", "NIL", "NONE", "NULL", "NULLSTRING", "EMPTY", "BLANK", "INVALID", "UNKNOWN", "UNKNOW", "UNDEFINED",
		"UNSPECIFIED",
		"NOTSPECIFIED", "NOTAPPLICABLE", "NOTAVAILABLE", "NOTPROVIDED", "NOTPRESENT", "NOTSET", "NOTSETTABLE",
		"NOTDEFINED",
		"OUTOFSPEC", "BADINDEX", "NOENCLOSURE", "TBD", "PLEASECHANGE", "REPLACEME", "SAMPLE", "STANDARD",
		"DEFAULT", "DEFAULTSTRING", "DEFAULTSTRINGDEFAULTSTRING", "OEM", "OEMDEFAULT", "FILLBYOEM", "FILLEDBYOEM",
		"TOBEFILLEDBYOEM", "TOBEFILLEDBYOEMTOBEFILLEDBYOEM", "TOBEFILLED", "TOBEDEFINEDBYOEM",
		"MANUFACTURER", "SYSTEMMANUFACTURER", "SYSTEMMANUFACTURE", "CHASSISMANUFACTURER", "CHASSISMANUFACTURE",
		"BASEBOARDMANUFACTURER",
		"PRODUCTNAME", "SYSTEMPRODUCTNAME", "SYSTEMMANUFACTURERSYSTEMPRODUCTNAME", "SYSTEMNAME", "SYSTEMMODEL",
		"SYSTEMVERSION",
		"ALLSERIES", "TYPE1PRODUCTCONFIGID", "SERIALNUMBER", "SYSTEMSERIALNUMBER":
		return true
	}
	return false
}

func isPlaceholderSerial(bare []byte) bool {
	switch string(bare) {
	case "OEMSERIAL", "OEMSERIALNUMBER", "SYSTEMSERIAL", "SYSTEMSERIALNUMB", "CHASSISSERIAL", "CHASSISSERIALNUMBER",
		"BOARDSERIALNUMBER",
		"BASEBOARDSERIALNUMBER", "UNSPECIFIEDBASEBOARDSERIALNUMBER", "UNSPECIFIEDSYSTEMSERIALNUMBER", "UNKNOWNSERIAL",
		"SERNUM",
		"NOSERIAL", "NOSERIALNUMBER", "ASSETTAG", "NOASSETTAG", "NOASSETINFORMATION", "EVAL", "EVALUATION", "IATPASS",
		"TULIPCOMPUTERS",
		"QEMU", "VIRTUAL", "VIRTUALBOX", "VIRTUALBOX0", "PARALLELS", "GOOGLECLOUD", "ABCDEF", "ABCDEFG", "ABCDEFGH",
		"0X00000000", "123456789000", "SN12345", "SN1234567890", "SYSSN12345", "SYS1234567890", "SYS9876543210",
		"MB1234567890",
		"BSN12345678901234567", "EVAL12345", "SN123456FVGV3I0B8O5N6N7K":
		return true
	}
	if rest, ok := bytes.CutPrefix(bare, []byte("SERIALNUMBER")); ok && isRepeated(rest) {
		return true
	}
	return isRepeated(bare) || counts(bare)
}

// isRepeated reports whether b is one character again and again.
func isRepeated(b []byte) bool { return len(b) > 0 && bytes.Count(b, b[:1]) == len(b) }

// counts reports whether b is five digits or more that count up from 0 or 1, or down from 9 or 0; 0 stands behind 9.
func counts(b []byte) bool {
	const shortest = 5
	if len(b) < shortest {
		return false
	}
	up, down := b[0] == '0' || b[0] == '1', b[0] == '9' || b[0] == '0'
	for i, c := range b {
		if !isDigit(c) {
			return false
		}
		if i > 0 {
			step := (10 + c - b[i-1]) % 10
			up, down = up && step == 1, down && step == 9
		}
	}
	return up || down
}
