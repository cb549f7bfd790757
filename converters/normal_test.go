package converters_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/converters"
)

func TestMAC(t *testing.T) {
	for in, want := range map[string]string{
		"52:54:00:BC:62:53": "52:54:00:bc:62:53", "00-b0-d0-63-c2-26": "00:b0:d0:63:c2:26", "0635e662532e": "06:35:e6:62:53:2e", "0635.e662.532e": "06:35:e6:62:53:2e",
		"00:00:00:00:00:00": "", "FF:FF:FF:FF:FF:FF": "", "00:25:96:FF:FE:12:34:56": "", "": "", "not a mac": "", "52:54:00:BC:62": "",
	} {
		require.Equal(t, want, converters.MAC(in), in)
	}
	require.Equal(t, []string{"52:54:00:bc:62:53", "52:54:00:bc:62:54"},
		converters.MACs("52:54:00:BC:62:54|52-54-00-bc-62-53", "525400BC6253", "00:00:00:00:00:00").List())
	require.True(t, converters.MACs("", "x").IsAbsent())
}

func TestAddresses(t *testing.T) {
	var a converters.Addresses
	a.Add("10.0.0.5|fe80::1%eth0|2001:db8::7", "127.0.0.1", "::1", "0.0.0.0", "169.254.3.4", "100.64.1.1", "203.0.113.9/24", "224.0.0.1", "3.122.240.x", "::ffff:192.168.1.9")
	a.AddPublic("198.51.100.4", "")
	got := a.Sets()
	require.Equal(t, []string{"10.0.0.5", "100.64.1.1", "169.254.3.4", "192.168.1.9", "203.0.113.9"}, got.IPv4.List())
	require.Equal(t, []string{"2001:db8::7", "fe80::1"}, got.IPv6.List())
	require.Equal(t, []string{"198.51.100.4", "2001:db8::7", "203.0.113.9"}, got.Public.List())
	require.Equal(t, []string{"10.0.0.5", "100.64.1.1", "192.168.1.9"}, got.Private.List())
}

func TestHostname(t *testing.T) {
	for in, want := range map[string]string{
		"SRV-1": "SRV-1", "web.example.com": "web", "a": "", "with space": "", "-lead": "", "trail-": "", "under_score": "", "10.0.0.1": "", "fe80::1": "",
		strings.Repeat("x", 63): strings.Repeat("x", 63), strings.Repeat("x", 64): "",
	} {
		require.Equal(t, want, converters.Hostname(in), in)
	}
}

func TestFQDN(t *testing.T) {
	require.Equal(t, []string{"a.example.com", "b.corp"}, converters.FQDNs("A.Example.com.", "b.corp", "host", "x.local", "10.0.0.1", "a_b.example.com", "x.WORKGROUP", "").List())
	require.Equal(t, "h.example.com", converters.JoinFQDN("h", "Example.COM"))
	for _, domain := range []string{"WORKGROUP", "unknown", "corp.local", "NETBIOS", ""} {
		require.Empty(t, converters.JoinFQDN("h", domain), domain)
	}
	require.Equal(t, "h.other.com", converters.JoinFQDN("h.other.com", "example.com"))
}

func TestEmails(t *testing.T) {
	require.Equal(t, []string{"ann@example.com"}, converters.Emails(" Ann@Example.com ", "ann@example.com", "nobody", "a@b", `"x y"@example.com`, "Ann <a@example.com>", "a@@example.com").List())
}

func TestShortLogin(t *testing.T) {
	require.Equal(t, []string{"ann"}, converters.ShortLogin(`CORP\ann@example.com`).List())
	require.True(t, converters.ShortLogin("").IsAbsent())
}

func TestNamesOfPeople(t *testing.T) {
	for full, want := range map[string][2]string{
		"": {}, "Administrator": {}, "Jane Doe": {"Jane", "Doe"}, " Jane  van  Doe ": {"Jane", "van Doe"},
		"Doe, Jane": {"Jane", "Doe"}, "van Doe,Jane M.": {"Jane M.", "van Doe"},
	} {
		first, last := converters.PersonName(full)
		require.Equal(t, want, [2]string{first, last}, full)
	}
}

func TestFirstText(t *testing.T) {
	require.Equal(t, "b", converters.FirstText("", " \t", "\x00", " b ", "c"))
	require.Empty(t, converters.FirstText[string]())
}

func TestOSType(t *testing.T) {
	for in, want := range map[string]string{
		"macOS 14": "darwin", "Darwin": "darwin", "windows_legacy": "windows", "Microsoft Windows 11": "windows", "Ubuntu 22.04": "linux", "LINUX_SERVER": "linux",
		"APPLE_IPADOS": "ios", "APPLE_IOS": "ios", "ANDROID": "android", "FreeBSD": "other", "": "",
	} {
		require.Equal(t, want, converters.OSType(in), in)
	}
	require.Equal(t, "linux", converters.OSType("", "linux", "windows"))
}

func TestWebLinkOfALoopbackHostIsNone(t *testing.T) {
	f := converters.NewFragment("immy")
	for _, base := range []string{"http://127.0.0.1:4711", "http://localhost", "http://[::1]:1", "", "no url"} {
		require.True(t, f.WebLink(base, "/x").IsAbsent(), base)
		require.Equal(t, "https://acme.immy.bot/computers/5", f.WebLink("https://acme.immy.bot/", "/computers/", "5").Text(), "after %s", base)
	}
	require.Equal(t, "https://10.0.0.1/x", f.WebLink("https://10.0.0.1", "/x").Text())
}
