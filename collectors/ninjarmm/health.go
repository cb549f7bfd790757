package ninjarmm

import (
	"math"
	"time"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"
)

// KindHealth is a row of device-health, of which there is one for each device.
const KindHealth = "device-health"

// healthRow is what is read of a row.
type healthRow struct {
	DeviceID               rawjson.Int  `json:"deviceId"`
	HealthStatus           rawjson.Text `json:"healthStatus"`        // UNKNOWN, HEALTHY, NEEDS_ATTENTION, UNHEALTHY
	PendingRebootReason    rawjson.Text `json:"pendingRebootReason"` // absent for none
	OSPatchesMissing       rawjson.Int  `json:"pendingOSPatchesCount"`
	OSPatchesFailed        rawjson.Int  `json:"failedOSPatchesCount"`
	SoftwarePatchesMissing rawjson.Int  `json:"pendingSoftwarePatchesCount"`
	SoftwarePatchesFailed  rawjson.Int  `json:"failedSoftwarePatchesCount"`
	Alerts                 rawjson.Int  `json:"alertCount"`

	CriticalVulnerabilities rawjson.Int `json:"criticalVulnerabilityCount"` // not on servers of before 2026
	HighVulnerabilities     rawjson.Int `json:"highVulnerabilityCount"`
}

// Health is what device-health tells of a device.
type Health struct {
	Status, RebootReason string
	HealthCounts
}

// HealthCounts are the numbers of it.
type HealthCounts struct {
	OSPatchesMissing, OSPatchesFailed             Count
	SoftwarePatchesMissing, SoftwarePatchesFailed Count
	Alerts                                        Count
	CriticalVulnerabilities, HighVulnerabilities  Count
}

// keptHealth is Health as it is kept until the devices are read.
type keptHealth struct {
	status, rebootReason collectors.Word
	HealthCounts
}

func (h *keptHealth) health(words *collectors.Words) *Health {
	return &Health{
		Status: words.Text(h.status), RebootReason: words.Text(h.rebootReason), HealthCounts: h.HealthCounts,
	}
}

// A Count is a number that a server may not give. The zero Count was not given.
type Count struct{ next uint32 } // the number and one

// CountOf returns the count for a number: none for a negative one, the largest that there is for a larger one.
func CountOf(n int64) Count {
	return Count{uint32(min(max(n, -1), math.MaxUint32-1) + 1)}
}

// counted returns the count that a server gave.
func counted(n rawjson.Int) Count {
	if !n.Set {
		return Count{}
	}
	return CountOf(n.N)
}

// Given returns the number, and whether there is one.
func (c Count) Given() (n int64, given bool) { return max(int64(c.next)-1, 0), c.next > 0 }

func healthReport(time.Time) report[healthRow] {
	return report[healthRow]{
		route: "/queries/device-health", kind: KindHealth, member: "deviceId", rows: reportRows, filters: true,
		device: func(r *healthRow) rawjson.Int { return r.DeviceID },
	}
}

func (h *keptHealth) add(r *healthRow, words *collectors.Words) {
	h.status, h.rebootReason = words.Keep(string(r.HealthStatus)), words.Keep(string(r.PendingRebootReason))
	h.HealthCounts = HealthCounts{
		OSPatchesMissing:        counted(r.OSPatchesMissing),
		OSPatchesFailed:         counted(r.OSPatchesFailed),
		SoftwarePatchesMissing:  counted(r.SoftwarePatchesMissing),
		SoftwarePatchesFailed:   counted(r.SoftwarePatchesFailed),
		Alerts:                  counted(r.Alerts),
		CriticalVulnerabilities: counted(r.CriticalVulnerabilities),
		HighVulnerabilities:     counted(r.HighVulnerabilities),
	}
}
