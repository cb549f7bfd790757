package lifecycle

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSpellings(t *testing.T) {
	releases := Read()
	for _, tt := range []struct{ name, version, build, want string }{
		// Windows 11
		{"Windows 11 Pro", "26100", "", "2026-10-13"},
		{"Windows 11 Pro", "24H2", "26100", "2026-10-13"},
		{"Windows 11 Professional Edition", "24H2", "26100", "2026-10-13"},
		{"Microsoft Windows 11 Pro for Workstations", "10.0.26100", "", "2026-10-13"},
		{"Windows 11 Pro", "10.0.26100.2033", "", "2026-10-13"},
		{"Windows 11 Home", "26200", "", "2027-10-12"},
		{"Windows 11 Enterprise", "26200", "", "2028-10-10"},
		{"Windows 11 Education", "24H2", "", "2027-10-12"},
		{"Windows 11 Pro Education", "24H2", "", "2026-10-13"},
		{"Windows 11 Enterprise", "26100", "", "2029-10-09"}, // it may be of the long-term channel
		{"Windows 11", "26100", "", "2034-10-10"},            // and this one of IoT's
		{"Windows 11 Enterprise LTSC 2024", "", "", "2029-10-09"},
		{"Microsoft Windows 11 IoT Enterprise LTSC", "", "26100", "2034-10-10"},
		{"Windows 11 Pro", "23H2", "22631", "2025-11-11"},
		{"Windows 11 Pro", "22631", "", "2025-11-11"},
		{"windows 11 pro", "23h2", "", "2025-11-11"},
		{"Windows 11 Enterprise multi-session", "22631", "", "2026-11-10"},
		{"Windows 11", "22000", "", "2024-10-08"},     // no edition: the later
		{"Windows 10 Pro", "22631", "", "2025-11-11"}, // as many tools go on calling it
		{"Windows 11 Home", "26300", "", "2028-10-10"},
		{"Windows 11 Enterprise", "26300", "", ""}, // of which no date is known
		{"Microsoft Windows 11 Pro", "11", "", ""}, // of which release it is nobody says
		{"Microsoft Windows 11 Pro", "", "", ""},
		{"Windows 11 Pro", "27842", "", ""}, // a release that the file does not know
		{"Windows 11 Pro", "31H2", "", ""},
		{"Windows 11 SE", "22631", "", ""},

		// Windows 10
		{"Windows 10 Pro", "19045", "", "2025-10-14 or 2028-10-10"},
		{"Windows 10 Professional Edition", "22H2", "19045", "2025-10-14 or 2028-10-10"},
		{"Microsoft Windows 10 Pro", "10", "", "2025-10-14 or 2028-10-10"}, // its last release
		{"Microsoft Windows 10 Home", "", "", "2025-10-14 or 2028-10-10"},
		{"Windows 10 Home Single Language", "19042", "", "2022-05-10"},
		{"Windows 10 Pro", "2009", "19042", "2022-05-10"}, // what its registry calls all later ones
		{"Windows 10 Pro", "2009", "", ""},
		{"Windows 10 Enterprise", "19045", "", "2025-10-14 or 2028-10-10"},
		{"Windows 10 Enterprise", "", "", "2029-01-09"}, // it may be LTSC 2019
		{"Windows 10", "", "", "2032-01-13"},            // and this one IoT's of 2021
		{"Windows 10 Enterprise", "17763", "", "2029-01-09"},
		{"Windows 10 Pro", "17763", "", "2020-11-10"},
		{"Windows 10 Pro", "1809", "", "2020-11-10"},
		{"Windows 10 Education", "17763", "", "2021-05-11"},
		{"Windows 10 Enterprise LTSC", "17763", "", "2029-01-09"},
		{"Microsoft Windows 10 Enterprise LTSC", "1809", "", "2029-01-09"},
		{"Windows 10 Enterprise LTSC", "19044", "", "2027-01-12"},
		{"Windows 10 Enterprise LTSC 2021", "", "", "2027-01-12"},
		{"Windows 10 IoT Enterprise LTSC", "21H2", "19044", "2032-01-13"},
		{"Windows 10 Enterprise 2016 LTSB", "", "", "2026-10-13"},
		{"Windows 10 Enterprise 2015 LTSB", "10240", "", "2025-10-14"},
		{"Windows 10 Enterprise LTSC", "", "", "2029-01-09"},
		{"Windows 10 Pro", "1909", "18363", "2021-05-11"},
		{"Windows 10 Pro", "19046", "", ""},
		{"Windows 10 Famille", "19041", "", "2021-12-14"},
		{"Windows 10 IoT Core", "17763", "", ""},

		// older
		{"Windows 8.1 Pro", "8.1", "", "2023-01-10"},
		{"Microsoft Windows 8.1 Pro", "9600", "", "2023-01-10"},
		{"Windows 8", "9200", "", "2016-01-12"},
		{"Windows 7 Professional", "7601", "", "2020-01-14 or 2023-01-10"},
		{"Windows 7 Professional SP1", "", "", "2020-01-14 or 2023-01-10"},
		{"Microsoft Windows 7 Ultimate", "6.1.7601", "", "2020-01-14 or 2023-01-10"},
		{"Windows 7 Home Premium", "7600", "", "2013-04-09"},
		{"Windows Embedded Standard", "7601", "", ""},
		{"Windows XP", "", "", "2014-04-08"},
		{"Microsoft Windows XP Professional", "5.1.2600", "", "2014-04-08"},
		{"Windows Vista Business", "6002", "", "2017-04-11"},

		// servers
		{"Windows Server 2025 Standard", "26100", "", "2034-11-14"},
		{"Windows Server 2022 Standard Edition", "21H2", "20348", "2031-10-14"},
		{"Windows Server 2022 Datacenter Azure Edition", "20348", "", "2031-10-14"},
		{"Microsoft Windows Server 2022 Standard", "2022", "", "2031-10-14"},
		{"Windows Server 2022 Standard", "20349", "", "2031-10-14"}, // whose year says it all
		{"Windows Server 2019 Standard", "17763", "", "2029-01-09"},
		{"Server 2019 Standard", "1809", "17763", "2029-01-09"},
		{"Microsoft Windows Server 2019 (64-bit)", "", "", "2029-01-09"},
		{"Windows Server 2016 Datacenter", "14393", "", "2027-01-12"},
		{"Microsoft® Windows Server® 2016 Essentials", "", "", "2027-01-12"},
		{"Windows Storage Server 2016 Standard", "14393", "", "2027-01-12"},
		{"Microsoft Windows Server 2012 R2 Standard", "2012 R2", "", "2023-10-10 or 2026-10-13"},
		{"Windows Server 2012 R2 Standard", "6.3.9600", "", "2023-10-10 or 2026-10-13"},
		{"Windows Server 2012 Standard", "9200", "", "2023-10-10 or 2026-10-13"},
		{"Windows Server 2008 R2 Standard", "7601", "", "2020-01-14 or 2023-01-10"},
		{"Microsoft Windows Server (R) 2008 Standard", "", "", "2020-01-14 or 2023-01-10"},
		{"Windows Server 2003 R2", "3790", "", "2015-07-14"},
		{"Windows Server Datacenter", "1909", "18363", "2021-05-11"},
		{"Windows Server 23H2 Datacenter", "", "25398", "2026-05-12"},
		{"Windows Server Standard", "17763", "", "2029-01-09"}, // 2019, or a half-yearly one
		{"Windows Server", "", "", ""},
		{"Windows", "26100", "", "2034-11-14"}, // a server's or a client's
		{"Windows", "", "", ""},

		// macOS
		{"macOS", "12.6.1", "", "2024-09-16"},
		{"macOS", "12.6.1 (21G217)", "", "2024-09-16"},
		{"macOS Monterey", "", "", "2024-09-16"},
		{"macOS Big Sur", "", "", "2026-02-02"},
		{"macOS 13.7.8", "", "", "2025-09-15"},
		{"Mac OS X", "10.14.6", "", "2021-10-25"},
		{"OS X El Capitan", "", "", "2018-12-01"},
		{"Mac OS X Snow Leopard", "10.6.8", "", "2011-07-25"},
		{"macOS", "10.15.7 (19H2026)", "", "2026-02-02"},
		{"macOS", "14.5 (23F79)", "", ""}, // of which the source named none
		{"macOS Sequoia", "15.1", "15.1", ""},
		{"macOS", "33.1", "", ""},
		{"macOS", "", "", ""},

		// others
		{"Ubuntu 22.04.3 LTS", "5.15.0-91-generic", "", ""},
		{"Linux Server", "1809", "", ""},
		{"Ubuntu Server", "17763", "", ""},
		{"VMware ESXi", "8.0.1", "21813344", ""},
		{"System Name", "9200", "9200", ""},
		{"", "22631", "", ""},
	} {
		got := releases.Of(System{tt.name, tt.version, tt.build})
		text := ""
		if !got.EndsOn.IsZero() {
			text = got.EndsOn.Format(time.DateOnly)
		}
		if !got.ExtendedUntil.IsZero() {
			text += " or " + got.ExtendedUntil.Format(time.DateOnly)
		}
		require.Equal(t, tt.want, text, "%+v: %+v", tt, got)
	}
}

func TestSystemAndReleaseAreTold(t *testing.T) {
	for _, tt := range []struct {
		of     System
		system string
		exact  bool
	}{
		{System{Name: "Microsoft Windows 11 Pro", Version: "11"}, "Windows 11", false},
		{System{Name: "Windows 11 Pro", Version: "26100"}, "Windows 11", true},
		{System{Name: "Windows 10 Pro", Version: "26100"}, "Windows 11", true},
		{System{Name: "Microsoft Windows Server 2012 R2 Standard"}, "Windows Server 2012 R2", true},
		{System{Name: "macOS", Version: "14.5 (23F79)"}, "macOS", true},
		{System{Name: "Ubuntu"}, "", false},
	} {
		got := Read().Of(tt.of)
		require.Equal(t, tt.system, got.System, tt.of)
		require.Equal(t, tt.exact, got.Exact, tt.of)
	}
}

// TestFileIsNotOld fails when the file is more than half a year old: read its sources again, mend what they say
// otherwise, and set its date. A run says nothing of the file's age.
func TestFileIsNotOld(t *testing.T) {
	read := Read().date
	require.False(t, read.IsZero())
	require.True(t, time.Now().Before(read.AddDate(0, 6, 0)),
		"releases.json was held against its sources on %s: read them again, add the releases that are new, and set its date",
		read.Format(time.DateOnly))
}

func TestRowsAreWhole(t *testing.T) {
	names := []edition{home, pro, enterprise, education, longTerm, longTermOfIoT}
	rows := Read().rows
	require.Greater(t, len(rows), 70)
	for _, r := range rows {
		require.NotEmpty(t, r.System, r)
		require.True(t, strings.HasPrefix(r.Source, "https://"), r)
		require.Equal(t, r.System == macOS, !strings.HasPrefix(r.System, windows), r)
		require.Subset(t, names, r.Editions, r)
		if r.System != macOS && !r.EndsOn.IsZero() && r.EndsOn.Year() > 2003 {
			require.Equal(t, time.Tuesday, r.EndsOn.Weekday(), "Microsoft ends support on a day of updates: %v", r)
		}
		require.True(t, r.ExtendedUntil.IsZero() || r.ExtendedUntil.After(r.EndsOn.Time), r)
	}
}
