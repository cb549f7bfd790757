package converters_test

import (
	"net/mail"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/converters"
	"assetgraph/graph"
)

// FuzzNames compares what is parsed by hand with regular expressions and the standard library's parsers.
func FuzzNames(f *testing.F) {
	for _, s := range []string{
		"", "a", "SRV-1", "web.example.com", "-a.example.com", "a-.example.com", "a..example.com", ".example.com", "example.com.", "x.c", "x.c0m", "xn--a.example",
		"10.0.0.1", "10.0.0.256", "1.2.3", "10.20.example", "fe80::1%eth0", "::ffff:10.0.0.1", "K.example.com", "ann@example.com", "a.b-c_d@example.com",
		".a@example.com", "a.@example.com", "a..b@example.com", "@example.com", "a+b@example.com", `"a b"@example.com`, "ann <a@example.com>", "a@b@example.com",
		"ü@example.com", "a@[10.0.0.1]", strings.Repeat("x", 63) + ".example.com", strings.Repeat("x", 64) + ".example.com", "a." + strings.Repeat("x", 64),
	} {
		f.Add(s)
	}
	hostLabel := regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,61}[A-Za-z0-9]$`)
	fqdnForm := regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$`)
	f.Fuzz(func(t *testing.T, s string) {
		trimmed := strings.TrimSpace(s)
		label, _, _ := strings.Cut(trimmed, ".")
		_, err := netip.ParseAddr(trimmed)
		require.Equal(t, err != nil && hostLabel.MatchString(label), converters.Hostname(s) != "", "host name %q", s)

		name := strings.ToLower(strings.TrimSuffix(trimmed, "."))
		require.Equal(t, fqdnForm.MatchString(name) && converters.DNSDomain(name) != "", !converters.FQDNs(s).IsAbsent(), "qualified name %q", s)

		email := strings.ToLower(trimmed)
		a, err := mail.ParseAddress(email)
		_, domain, _ := strings.Cut(email, "@")
		valid := err == nil && a.Address == email && a.Name == "" && fqdnForm.MatchString(domain) && !strings.Contains(email, `"`)
		require.Equal(t, valid, !converters.Emails(s).IsAbsent(), "e-mail address %q", s)
	})
}

// FuzzAddresses expects that each address which the standard library reads is spelled as it spells it, and nothing else
// is one.
func FuzzAddresses(f *testing.F) {
	for _, s := range []string{"10.0.0.5", "010.0.0.5", "10.0.0", "fe80::1%eth0", "FE80::1", "2001:0db8::7/64", "::ffff:192.168.1.9", "host", "1.2.3.4.5", "", "::", "127.0.0.1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ContainsAny(s, "|,;") {
			return
		}
		var a converters.Addresses
		a.AddPublic(s)
		public := a.Sets().Public
		address, _, _ := strings.Cut(strings.TrimSpace(s), "/")
		ip, err := netip.ParseAddr(strings.TrimSpace(address))
		ip = ip.Unmap().WithZone("")
		if err != nil || ip.IsUnspecified() || ip.IsLoopback() || ip.IsMulticast() {
			require.True(t, public.IsAbsent(), "%q", s)
			return
		}
		require.Equal(t, []string{ip.String()}, public.List(), "%q", s)
	})
}

func TestFragmentLendsEmptyAddresses(t *testing.T) {
	f := converters.NewFragment("i")
	f.Addresses().Add("10.0.0.5")
	require.Equal(t, converters.AddressSets{}, f.Addresses().Sets(), "nothing of the record before")
}

func TestRelateMakesTheKeysOfItsEnds(t *testing.T) {
	f := converters.NewFragment("i")
	typ := graph.NewRelationshipType("x", "x_site", "HAS", "x_device")
	e := f.Relate(typ, "a|b", "ü")
	want := graph.NewRelationship(typ, "i", graph.EntityKey("i", "x_site", "a|b"), graph.EntityKey("i", "x_device", "ü"))
	require.Equal(t, []graph.Key{want.Key, want.From, want.To}, []graph.Key{e.Key, e.From, e.To})
	require.Nil(t, f.Relate(typ, "", "1"))
	require.Nil(t, f.Relate(typ, "1", ""))
	require.Len(t, f.Elements(), 1)
}
