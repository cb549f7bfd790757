package ninjarmm_test

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	provider "assetgraph/collectors/ninjarmm"
	"assetgraph/converters"
	"assetgraph/converters/internal/convertertest"
	"assetgraph/converters/ninjarmm"
	"assetgraph/graph"
)

// record decodes the testdata file of a record, and completes it as the collector does.
func record(t testing.TB, kind string, raw []byte) collectors.Record {
	t.Helper()
	switch kind {
	case provider.KindOrganization:
		v := &provider.Organization{Console: "https://eu.ninjarmm.com"}
		require.NoError(t, json.Unmarshal(raw, v))
		return collectors.Record{Kind: kind, ID: strconv.FormatInt(v.ID.N, 10), Value: v}
	case provider.KindLocation:
		v := &provider.Location{}
		require.NoError(t, json.Unmarshal(raw, v))
		return collectors.Record{Kind: kind, ID: strconv.FormatInt(v.ID.N, 10), Value: v}
	case provider.KindUser:
		v := &provider.User{}
		require.NoError(t, json.Unmarshal(raw, v))
		return collectors.Record{Kind: kind, ID: strconv.FormatInt(v.ID.N, 10), Value: v}
	}
	if kind == provider.KindAlert {
		v := &provider.Alert{}
		require.NoError(t, json.Unmarshal(raw, v))
		return collectors.Record{Kind: kind, ID: string(v.UID), Value: v}
	}
	v := &provider.Device{Console: "https://eu.ninjarmm.com"}
	require.NoError(t, json.Unmarshal(raw, v))
	if v.NodeRoleID.Set {
		v.RoleName, v.PolicyName = "RDS Server", "RDS"
	}
	return collectors.Record{Kind: provider.KindDevice, ID: strconv.FormatInt(v.ID.N, 10), Value: v}
}

// cases returns the names of the records below testdata.
func cases(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

// recordIn returns the record of a file of testdata, whose name begins with the kind.
func recordIn(t testing.TB, file string) collectors.Record {
	t.Helper()
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	kind, about, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".json"), "-")
	r := record(t, kind, raw)
	if posture, told := postures()[about]; told {
		r.Value.(*provider.Device).Posture = posture
	}
	return r
}

// postures are what the reports tell of some of the devices, made up.
func postures() map[string]provider.Posture {
	three := provider.CountOf(3)
	return map[string]provider.Posture{
		"reports-well": {
			Health: &provider.Health{
				Status: "HEALTHY", HealthCounts: provider.HealthCounts{
					OSPatchesMissing: provider.CountOf(0), OSPatchesFailed: three,
					SoftwarePatchesMissing: three, SoftwarePatchesFailed: three, Alerts: three,
					CriticalVulnerabilities: provider.CountOf(0), HighVulnerabilities: three,
				},
			},
			Antivirus: &provider.Antivirus{
				On:             []string{"Example AV", "Other AV"},
				AntivirusState: provider.AntivirusState{Told: true, Active: true, Current: true, Outdated: true},
			},
			Volumes: &provider.Volumes{
				Method: "XTS_AES_256", Open: []string{"D:", "E:"},
				Drives: provider.Drives{System: provider.Encrypted, Bytes: 511000000000, Free: 1, Told: true},
			},
			Backup:   &provider.Backup{LastOn: 1774224000000, LastFailedOn: 1774224000001, Stored: true, Told: true},
			Patching: &provider.Patching{LastOn: 1772582400000},
		},
		"reports-badly": {
			Health:    &provider.Health{Status: "UNHEALTHY", RebootReason: "WINDOWS_PM", HealthCounts: provider.HealthCounts{OSPatchesMissing: three}},
			Antivirus: &provider.Antivirus{AntivirusState: provider.AntivirusState{Told: true}},
			Volumes: &provider.Volumes{
				Method: "AES_128", Open: []string{"C:"},
				Drives: provider.Drives{System: provider.EncryptionSuspended, Bytes: 511000000000, Told: true},
			},
			Backup:   &provider.Backup{Told: true},
			Patching: &provider.Patching{},
		},
		"reports-nothing": {
			Health: &provider.Health{HealthCounts: provider.HealthCounts{OSPatchesMissing: three, Alerts: three}}, Antivirus: &provider.Antivirus{}, Volumes: &provider.Volumes{},
			Backup: &provider.Backup{}, Patching: &provider.Patching{},
		},
	}
}

func convert(t testing.TB, r collectors.Record) []*graph.Element {
	t.Helper()
	elements, err := convertertest.Convert(ninjarmm.New(), r, converters.NewFragment("ninjarmm"))
	require.NoError(t, err)
	return elements
}

func TestGolden(t *testing.T) {
	for _, file := range cases(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			convertertest.Compare(t, strings.TrimSuffix(file, ".json")+".golden", convertertest.Render(convert(t, recordIn(t, file))))
		})
	}
}

func TestEveryDeclaredPropertyIsEmittedByARecord(t *testing.T) {
	var records []collectors.Record
	for _, file := range cases(t) {
		records = append(records, recordIn(t, file))
	}
	emitted := convertertest.Emitted(t, ninjarmm.New(), records)
	for _, typ := range ninjarmm.New().Types {
		require.True(t, emitted[typ.Name], "no record makes a %s", typ.Name)
		for _, p := range typ.Properties {
			if p.Name == "webLink" && typ.Name != "ninjarmm_device" && typ.Name != "ninjarmm_organization" {
				continue // no page of the console is known
			}
			require.True(t, emitted[typ.Name+"."+p.Name], "no record has %s.%s", typ.Name, p.Name)
		}
	}
}

func TestTypesAreThoseOfTheModel(t *testing.T) {
	c := ninjarmm.New()
	schema, err := graph.NewSchema(c.Types...)
	require.NoError(t, err)
	var names []string
	for _, typ := range schema.Types() {
		names = append(names, typ.Name+" "+strings.Join(typ.Classes, "+"))
	}
	require.Equal(t, []string{
		"ninjarmm_organization Organization", "ninjarmm_location Site", "ninjarmm_device Device+Host", "ninjarmm_alert Alert", "ninjarmm_user User",
		"ninjarmm_organization_has_location HAS", "ninjarmm_organization_has_device HAS", "ninjarmm_organization_has_user HAS",
		"ninjarmm_location_has_device HAS", "ninjarmm_device_hosts_device HOSTS", "ninjarmm_device_has_alert HAS",
	}, names)
}

func TestEveryTypeIsOfOneKind(t *testing.T) {
	c := ninjarmm.New()
	var produced []*graph.Type
	for _, k := range c.Kinds {
		produced = append(produced, k.Produces...)
	}
	require.ElementsMatch(t, c.Types, produced, "every type is made by exactly one kind")
}

func TestRecordsThatCannotBeConverted(t *testing.T) {
	cause := errors.New("cause")
	for name, r := range map[string]collectors.Record{
		"without id":   {Kind: provider.KindDevice, Value: &provider.Device{}},
		"broken":       {Kind: provider.KindDevice, ID: "1", Err: &collectors.RecordError{Kind: provider.KindDevice, ID: "1", Err: cause}},
		"of no type":   {Kind: provider.KindDevice, ID: "1"},
		"nil":          {Kind: provider.KindDevice, ID: "1", Value: (*provider.Device)(nil)},
		"of another":   {Kind: provider.KindDevice, ID: "1", Value: &provider.User{}},
		"user no id":   {Kind: provider.KindUser, Value: &provider.User{}},
		"site no id":   {Kind: provider.KindLocation, Value: &provider.Location{}},
		"tenant no id": {Kind: provider.KindOrganization, Value: &provider.Organization{}},
	} {
		t.Run(name, func(t *testing.T) {
			f := converters.NewFragment("ninjarmm")
			err := ninjarmm.New().Kind(r.Kind).Convert(r, f)
			var broken *collectors.RecordError
			require.ErrorAs(t, err, &broken)
			require.Equal(t, r.Kind, broken.Kind)
			require.Empty(t, f.Elements())
		})
	}
}
