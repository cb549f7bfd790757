package converters

import (
	"net/mail"
	"strings"

	"assetgraph/graph"
)

// MACs returns the hardware addresses among the given texts as a set: six bytes, lower case, colons, without
// zeros and broadcast. Each text may hold several, separated by "|", "," or ";".
func MACs(texts ...string) graph.Value {
	var room [8]string
	out := room[:0]
	for s := range parts(texts) {
		if mac := MAC(s); mac != "" {
			out = append(out, mac)
		}
	}
	return graph.TextsOf(out...)
}

// MAC returns one hardware address in the model's spelling, "" for what is none.
func MAC(s string) string {
	var b [17]byte
	n := 0
	for i := range len(s) {
		c := s[i]
		switch {
		case c == ':' || c == '-' || c == '.' || c == ' ':
			continue
		case c >= 'A' && c <= 'F':
			c += 'a' - 'A'
		case c >= '0' && c <= '9' || c >= 'a' && c <= 'f':
		default:
			return ""
		}
		if n == len(b) {
			return ""
		}
		if n%3 == 2 {
			b[n] = ':'
			n++
		}
		b[n] = c
		n++
	}
	switch mac := b[:n]; {
	case n != len(b), string(mac) == "00:00:00:00:00:00", string(mac) == "ff:ff:ff:ff:ff:ff":
		return ""
	case string(mac) == s:
		return s
	default:
		return string(mac)
	}
}

// Hostname returns the first DNS label of a machine's name when it is one of 2 to 63 letters, digits and hyphens; ""
// else. An IP address is no host name.
func Hostname(name string) string {
	name = strings.TrimSpace(name)
	if _, ok := parseAddr(name); ok {
		return ""
	}
	label, _, _ := strings.Cut(name, ".")
	if len(label) < 2 || !isLabel(label) {
		return ""
	}
	return label
}

// FQDNs returns the fully qualified names among the given ones as a set, in lower case: with a dot, an alphabetic last
// label, and not below .local, .localdomain or .workgroup.
func FQDNs(names ...string) graph.Value {
	var room [4]string
	out := room[:0]
	for _, name := range names {
		name = strings.TrimSuffix(strings.TrimSpace(name), ".")
		if strings.IndexByte(name, '.') < 0 {
			continue
		}
		if name = strings.ToLower(name); isFQDN(name) && DNSDomain(name) != "" {
			out = append(out, name)
		}
	}
	return graph.TextsOf(out...)
}

// isFQDN reports whether s is two or more labels with dots between, the last one of 2 to 63 letters.
func isFQDN(s string) bool {
	dot := strings.LastIndexByte(s, '.')
	if last := s[dot+1:]; dot < 0 || len(last) < 2 || len(last) > 63 || !isLetters(last) {
		return false
	}
	for label := range strings.SplitSeq(s[:dot], ".") {
		if !isLabel(label) {
			return false
		}
	}
	return true
}

// isLabel reports whether s is a label of a host name (RFC 1123, section 2.1): 1 to 63 letters, digits and hyphens, no
// hyphen at either end.
func isLabel(s string) bool {
	if s == "" || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !isLetter(c) && !isDigit(c) && c != '-' {
			return false
		}
	}
	return true
}

func isLetters(s string) bool {
	for i := range len(s) {
		if !isLetter(s[i]) {
			return false
		}
	}
	return true
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// DNSDomain returns domain in lower case when it is a DNS domain: it has a dot and is not below .local, .localdomain or
// .workgroup; "" else (WORKGROUP, unknown, a NetBIOS domain, …).
func DNSDomain(domain string) string {
	domain = strings.Trim(strings.TrimSpace(domain), ".")
	if strings.IndexByte(domain, '.') < 0 {
		return ""
	}
	domain = strings.ToLower(domain)
	switch domain[strings.LastIndexByte(domain, '.')+1:] {
	case "local", "localdomain", "workgroup", "unknown", "invalid":
		return ""
	}
	return domain
}

// JoinFQDN returns host.domain when both parts allow a fully qualified name, "" else. A host that is qualified already
// is returned as it is.
func JoinFQDN(host, domain string) string {
	if strings.Contains(host, ".") {
		return host
	}
	if d := DNSDomain(domain); d != "" && host != "" {
		return host + "." + d
	}
	return ""
}

// Emails returns the valid e-mail addresses among the given ones as a set, in lower case. Others are dropped.
func Emails(texts ...string) graph.Value {
	var room [2]string
	out := room[:0]
	for _, s := range texts {
		if s = strings.ToLower(strings.TrimSpace(s)); isEmail(s) {
			out = append(out, s)
		}
	}
	return graph.TextsOf(out...)
}

func isEmail(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	if !ok || !isFQDN(domain) {
		return false
	}
	if isPlainLocal(local) {
		return true
	}
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && a.Name == "" && strings.IndexByte(s, '"') < 0
}

// isPlainLocal reports whether s is what stands before the "@" of nearly all addresses, and needs no parser: lower-case
// letters, digits, hyphens and underscores, with single dots between.
func isPlainLocal(s string) bool {
	dot := true // where none may stand
	for i := range len(s) {
		switch c := s[i]; {
		case c == '.' && !dot:
			dot = true
		case isLetter(c), isDigit(c), c == '-', c == '_':
			dot = false
		default:
			return false
		}
	}
	return !dot
}

// ShortLogin returns the part of a login before "@" or after a backslash, as a set of one.
func ShortLogin(login string) graph.Value {
	if i := strings.LastIndexByte(login, '\\'); i >= 0 {
		login = login[i+1:]
	}
	login, _, _ = strings.Cut(login, "@")
	return graph.TextsOf(login)
}

// OSType returns the model's osType for a provider's words about an operating system: the first of them that says
// something decides; "" when none does.
func OSType(texts ...string) string {
	for _, s := range texts {
		if t := osType(s); t != "" {
			return t
		}
	}
	return ""
}

// osType looks for words in this order: "darwin" holds "win", "ipados" holds "os".
func osType(s string) string {
	s = strings.ToLower(s)
	switch {
	case s == "windows", s == "linux":
		return s
	case anyIn(s, "darwin", "macos", "mac os", "os x", "osx"):
		return "darwin"
	case anyIn(s, "ipados", "iphone", "ios"):
		return "ios"
	case anyIn(s, "android"):
		return "android"
	case anyIn(s, "windows"):
		return "windows"
	case anyIn(s, "linux", "ubuntu", "debian", "red hat", "rhel", "centos", "fedora", "suse", "rocky", "alma"):
		return "linux"
	case strings.TrimSpace(s) == "":
		return ""
	}
	return "other"
}

func anyIn(s string, words ...string) bool {
	for _, word := range words {
		if strings.Contains(s, word) {
			return true
		}
	}
	return false
}

// FirstText returns the first of the texts that says something, as [graph.TextOf] makes it.
func FirstText[S ~string](texts ...S) string {
	for _, s := range texts {
		if v := graph.TextOf(string(s)); !v.IsAbsent() {
			return v.Text()
		}
	}
	return ""
}

// PersonName splits a full name: "first last", where further words are of the last name, or "last, first". One word
// alone is neither.
func PersonName(full string) (first, last string) {
	if before, after, ok := strings.Cut(full, ","); ok {
		return strings.TrimSpace(after), strings.TrimSpace(before)
	}
	words := strings.Fields(full)
	if len(words) < 2 {
		return "", ""
	}
	return words[0], strings.Join(words[1:], " ")
}
