package ninjarmm

import (
	"strings"
	"time"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"
)

// KindAntivirus is a row of antivirus-status: one product on one device.
const KindAntivirus = "antivirus-status"

// antivirusRow is what is read of a row.
type antivirusRow struct {
	DeviceID         rawjson.Int  `json:"deviceId"`
	ProductName      rawjson.Text `json:"productName"`
	ProductState     rawjson.Text `json:"productState"`     // ON, OFF; others are possible
	DefinitionStatus rawjson.Text `json:"definitionStatus"` // Up-to-Date; others are possible
}

// Antivirus is what antivirus-status tells of a device. Several products are normal: Windows switches Defender off
// beside another one.
type Antivirus struct {
	On []string // names of the products that are on, in order
	AntivirusState
}

// AntivirusState is what is so of one or more of the products.
type AntivirusState struct {
	Told     bool // there is a product
	Active   bool // one is on
	Current  bool // one that is on has the newest definitions
	Outdated bool // one that is on has not
}

// keptAntivirus is Antivirus as it is kept until the devices are read.
type keptAntivirus struct {
	on collectors.Word // a list
	AntivirusState
}

func (a *keptAntivirus) antivirus(words *collectors.Words) *Antivirus {
	return &Antivirus{On: words.List(a.on), AntivirusState: a.AntivirusState}
}

func antivirusReport(time.Time) report[antivirusRow] {
	return report[antivirusRow]{
		route: "/queries/antivirus-status", kind: KindAntivirus, member: "deviceId", rows: reportRows, filters: true,
		device: func(r *antivirusRow) rawjson.Int { return r.DeviceID },
	}
}

func (a *keptAntivirus) add(r *antivirusRow, words *collectors.Words) {
	a.Told = a.Told || r.ProductState != ""
	if !strings.EqualFold(string(r.ProductState), "ON") {
		return
	}
	a.Active = true
	a.on = words.With(a.on, string(r.ProductName))
	switch status := strings.ToLower(string(r.DefinitionStatus)); {
	case strings.HasPrefix(status, "up"):
		a.Current = true
	case strings.HasPrefix(status, "out"):
		a.Outdated = true
	}
}

// Protected reports whether a product is on.
func (a *Antivirus) Protected() (protected, given bool) {
	if a == nil {
		return false, false
	}
	return a.Active, a.Told
}

// UpToDate reports whether a product that is on has the newest definitions.
func (a *Antivirus) UpToDate() (current, given bool) {
	if a == nil {
		return false, false
	}
	return a.Current, a.Current || a.Outdated
}

// Products returns the names of the products that are on.
func (a *Antivirus) Products() []string {
	if a == nil {
		return nil
	}
	return a.On
}
