package ninjarmm

import (
	"math"
	"time"

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
	Status, RebootReason                          Word
	OSPatchesMissing, OSPatchesFailed             Count
	SoftwarePatchesMissing, SoftwarePatchesFailed Count
	Alerts                                        Count
	CriticalVulnerabilities, HighVulnerabilities  Count
}

// A Count is a number that a server may not give.
type Count struct {
	N   int32
	Set bool
}

func countOf(n rawjson.Int) Count {
	return Count{int32(min(n.N, math.MaxInt32)), n.Set && n.N >= 0}
}

// Given returns the number, and whether there is one.
func (c Count) Given() (n int64, given bool) { return int64(c.N), c.Set }

func healthReport(time.Time) report[healthRow] {
	return report[healthRow]{
		route: "/queries/device-health", kind: KindHealth, member: "deviceId", rows: reportRows, filters: true,
		device: func(r *healthRow) rawjson.Int { return r.DeviceID },
	}
}

func (h *Health) add(r *healthRow) {
	*h = Health{
		Status: WordOf(string(r.HealthStatus)), RebootReason: WordOf(string(r.PendingRebootReason)),
		OSPatchesMissing:        countOf(r.OSPatchesMissing),
		OSPatchesFailed:         countOf(r.OSPatchesFailed),
		SoftwarePatchesMissing:  countOf(r.SoftwarePatchesMissing),
		SoftwarePatchesFailed:   countOf(r.SoftwarePatchesFailed),
		Alerts:                  countOf(r.Alerts),
		CriticalVulnerabilities: countOf(r.CriticalVulnerabilities),
		HighVulnerabilities:     countOf(r.HighVulnerabilities),
	}
}
