package immybot

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOSVersion(t *testing.T) {
	for name, want := range map[string]string{
		"": "", "Microsoft Windows 11 Pro": "11", "Microsoft Windows Server 2012 R2 Standard": "2012 R2", "Windows 8.1": "8.1",
		"Microsoft Windows Server 2019 Datacenter R2": "2019", "Windows R2": "", "x86 Windows 10. 10..1 .1 7": "7", "10 11": "10", "2008 R2": "2008 R2",
	} {
		require.Equal(t, want, osVersion(name), name)
	}
}

// FuzzForms compares what is recognised by hand with what regular expressions recognise.
func FuzzForms(f *testing.F) {
	for _, s := range []string{"", "1", "1.2", "1.", ".1", "1..2", "a", "4c4c4544-0035-3410-8058-b2c04f4e3332", "4c4c4544-0035-3410-8058-b2c04f4e333g", "4c4c45440-035-3410-8058-b2c04f4e3332"} {
		f.Add(s)
	}
	uuid := regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	version := regexp.MustCompile(`^\d+(\.\d+)*$`)
	f.Fuzz(func(t *testing.T, s string) {
		require.Equal(t, uuid.MatchString(s), isUUID(s))
		require.Equal(t, version.MatchString(s), isVersion(s))
	})
}
