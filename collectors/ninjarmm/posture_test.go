package ninjarmm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"
)

// The made-up answers of all reports, joined to the devices that they are about.
func TestPostureOfDevices(t *testing.T) {
	for _, antivirus := range []string{"report_antivirus.json", "report_antivirus_bare.json"} {
		s := newTenant(t)
		s.lists["/v2/devices-detailed"] = deviceRows(approved, 101, 104)
		const end = `{"results":[]}`
		s.reports(healthRoute, string(testdata(t, "report_health.json")), end)
		s.reports("/v2/queries/antivirus-status", string(testdata(t, antivirus)), end)
		s.reports(volumesRoute, string(testdata(t, "report_volumes.json")), end)
		s.reports("/v2/queries/backup/usage", string(testdata(t, "report_backups.json")), end)
		s.reports("/v2/queries/os-patch-installs", string(testdata(t, "report_patches.json")), end)
		n := s.collector(t)
		_, err := n.SignIn(t.Context())
		require.NoError(t, err)
		for _, step := range []string{"health", "antivirus", "volumes", "backups", "patches"} {
			_, _, err := read(t, n, step, &collectors.Meter{})
			require.NoError(t, err, step)
		}
		_, records, err := read(t, n, "devices", &collectors.Meter{})
		require.NoError(t, err)
		of := map[string]Posture{}
		for _, r := range records {
			lost := map[string][]string{"103": {"backups"}, "104": {"health", "backups"}}
			require.Equal(t, lost[r.ID], r.Lacks, "reports that have a row of each device lost it")
			of[r.ID] = r.Value.(*Device).Posture
		}
		checkPosture(t, of)
	}
}

func checkPosture(t *testing.T, of map[string]Posture) {
	t.Helper()
	one, two, mac := of["101"], of["102"], of["103"]
	require.Equal(t, Posture{}, of["104"], "no report has a row of it")

	require.Equal(t, "HEALTHY", one.Health.Status)
	require.Empty(t, one.Health.RebootReason)
	require.Equal(t, CountOf(4), one.Health.HighVulnerabilities)
	require.Equal(t, "WINDOWS_PM", two.Health.RebootReason)
	require.Equal(t, CountOf(2), two.Health.OSPatchesMissing)
	require.Equal(t, Count{}, two.Health.HighVulnerabilities, "not given is not none")

	require.Equal(t, []any{true, true}, pair(one.Antivirus.Protected()))
	require.Equal(t, []string{"SentinelOne Agent"}, one.Antivirus.Products(), "Defender is off beside it")
	require.Equal(t, []any{true, true}, pair(one.Antivirus.UpToDate()))
	require.Equal(t, []any{false, true}, pair(two.Antivirus.UpToDate()))
	require.Equal(t, []any{false, false}, pair(mac.Antivirus.Protected()), "no row is unknown, not off")

	require.Equal(t, Encrypted, one.Volumes.System)
	require.Equal(t, "XTS_AES_128", one.Volumes.Method)
	open, told := one.Volumes.Unencrypted()
	require.True(t, told)
	require.Equal(t, []string{"D:"}, open)
	require.Equal(t, NotEncrypted, two.Volumes.System)
	require.Equal(t, int64(5000000000), two.Volumes.Free)
	require.Equal(t, EncryptionUnknown, mac.Volumes.System)

	require.Equal(t, time.Unix(1774224000, 0).UTC(), one.Backup.Succeeded())
	require.Equal(t, []any{true, true}, pair(one.Backup.Kept()))
	require.Equal(t, []any{false, true}, pair(two.Backup.Kept()))
	require.Zero(t, two.Backup.Succeeded())

	require.Equal(t, time.Unix(1772582400, 0).UTC(), one.Patching.Newest())
	require.Zero(t, two.Patching.Newest(), "a patch that failed is not installed")
}

func pair(a, b bool) []any { return []any{a, b} }

func TestEncryptionOfAVolume(t *testing.T) {
	for _, c := range []struct {
		conversion, protection string
		want                   Encryption
	}{
		{"FULLY_ENCRYPTED", "PROTECTED", Encrypted},
		{"FULLY_ENCRYPTED", "UNPROTECTED", EncryptionSuspended},
		{"FULLY_ENCRYPTED", "PENDING", EncryptionSuspended},
		{"FULLY_ENCRYPTED", "UNKNOWN", EncryptionUnknown},
		{"ENCRYPTION_IN_PROGRESS", "UNPROTECTED", NotEncrypted},
		{"FULLY_DECRYPTED", "UNPROTECTED", NotEncrypted},
		{"UNKNOWN", "UNKNOWN", EncryptionUnknown},
		{"", "", EncryptionUnknown},
	} {
		b := bitLocker{Conversion: rawjson.Text(c.conversion), Protection: rawjson.Text(c.protection)}
		require.Equal(t, c.want, b.encryption(), c)
	}
}

func TestVolumesThatCount(t *testing.T) {
	off := bitLocker{Conversion: "FULLY_DECRYPTED", Protection: "UNPROTECTED"}
	kept, words := &keptVolumes{}, &collectors.Words{}
	for _, row := range []volumeRow{
		{Name: `E:\`, BitLocker: off}, {Name: "D:", DeviceType: "Local Disk", BitLocker: off}, {Name: "D:", BitLocker: off},
		{Name: "F:", DeviceType: "Removable Disk", BitLocker: off}, {Name: `\\?\Volume{1}\`, BitLocker: off},
	} {
		kept.add(&row, words)
	}
	v := kept.volumes(words)
	open, told := v.Unencrypted()
	require.True(t, told)
	require.Equal(t, []string{"D:", "E:"}, open, "neither sticks nor the system's own partitions")
	require.Equal(t, EncryptionUnknown, v.System)
}

func TestRecordedHealth(t *testing.T) {
	s := newTenant(t)
	s.reports(healthRoute, string(testdata(t, "report_health_recorded.json")))
	s.lists["/v2/devices-detailed"] = deviceRows(approved, 63, 63)
	n := s.collector(t)
	ids, _, err := read(t, n, "health", &collectors.Meter{})
	require.NoError(t, err)
	require.Equal(t, []string{"63"}, ids)
	h := deviceOf(t, n, "63").Value.(*Device).Posture.Health
	require.Equal(t, "NEEDS_ATTENTION", h.Status)
	require.Equal(t, "WINDOWS_PM", h.RebootReason)
	require.Equal(t, CountOf(0), h.OSPatchesMissing)
	require.Equal(t, Count{}, h.CriticalVulnerabilities)
}
