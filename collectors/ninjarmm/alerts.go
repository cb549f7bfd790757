package ninjarmm

import (
	"context"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"
)

// Alert is an item of /v2/alerts: a condition that is triggered now. One that is reset is in the list no more. Message,
// subject and the parameters of the message may hold anything that is on the machine, and are not read.
type Alert struct {
	UID          rawjson.Text  `json:"uid"` // of the series: the same when it is triggered again
	DeviceID     rawjson.Int   `json:"deviceId"`
	SourceType   rawjson.Text  `json:"sourceType"` // CONDITION_AGENT_DISK_FREE_SPACE, AGENT_OFFLINE, …
	SourceName   rawjson.Text  `json:"sourceName"`
	Condition    rawjson.Text  `json:"conditionName"` // this and the next three: not on servers of before 2025
	HealthStatus rawjson.Text  `json:"conditionHealthStatus"`
	Severity     rawjson.Text  `json:"severity"`
	Priority     rawjson.Text  `json:"priority"`
	Created      rawjson.Epoch `json:"createTime"`
	Updated      rawjson.Epoch `json:"updateTime"`

	// Elsewhere says that its device is left out: the alert names none that is read.
	Elsewhere bool `json:"-"`
}

// alertStep returns the step that reads alerts. Which organization one is of its device alone tells: where people chose
// organizations the devices are read first.
func (n *Collector) alertStep() collectors.Step {
	step := collectors.Step{
		Name: alertsPart, Route: "GET " + apiPath + alertsRoute, Kinds: []string{KindAlert},
		Records: n.alerts, Count: counter(n.allAlerts),
	}
	if n.leavesDevicesOut() {
		step.After = []string{devicesStep}
	}
	return n.config.Options.Collect.Mark(part(alertsPart), step)
}

// allAlerts reads all alerts of what is chosen, as far as the server honours the filter.
func (n *Collector) allAlerts(ctx context.Context, m *collectors.Meter) records {
	return func(yield func(collectors.Record, error) bool) {
		s, err := n.scope(ctx)
		if err != nil {
			yield(collectors.Record{}, err)
			return
		}
		if s != nil && len(s.organizations) == 0 {
			yield(collectors.Record{}, s.missing)
			return
		}
		for r, err := range n.wholeOrCut(ctx, m, s) {
			if !yield(r, err) || err != nil {
				return
			}
		}
		if s != nil && s.missing != nil {
			yield(collectors.Record{}, s.missing)
		}
	}
}

// alerts reads the alerts of the devices that are read. One of a device that nobody knows is of no customer: it is read
// where all are chosen. One of a device that waits for approval, where these are left out, is read without its device: a
// device that is named is one that the list should have shown.
func (n *Collector) alerts(ctx context.Context, m *collectors.Meter) records {
	if !n.leavesDevicesOut() {
		return n.allAlerts(ctx, m)
	}
	narrows := n.narrows()
	return func(yield func(collectors.Record, error) bool) {
		lost := 0
		for r, err := range n.allAlerts(ctx, m) {
			r = rawjson.Require(r, "deviceId")
			if a, ok := r.Value.(*Alert); ok && !n.chosenDevice(a.DeviceID) {
				if a.Elsewhere = true; narrows {
					lost++
					continue
				}
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
		if lost > 0 && !n.shown.whole {
			yield(collectors.Record{}, &collectors.IncompleteError{
				Reason: "not all devices could be read, so whose some of the alerts are can't be told",
			})
		}
	}
}

// A shownDevices are the devices that were read, kept where people leave some out.
type shownDevices struct {
	ids   map[int64]struct{}
	whole bool // the list was read to its end
}

// narrows reports whether people chose organizations.
func (n *Collector) narrows() bool {
	_, narrow := n.config.Options.Filter[byOrganization]
	return narrow
}

// leavesDevicesOut reports whether people leave out devices, by their organization or because they wait for approval.
func (n *Collector) leavesDevicesOut() bool {
	return n.narrows() || n.config.Options.Skip.Has(pendingPart)
}

func (n *Collector) chosenDevice(id rawjson.Int) bool {
	_, ok := n.shown.ids[id.N]
	return ok
}

// showing notes which devices are read.
func (n *Collector) showing(devices records) records {
	if !n.leavesDevicesOut() {
		return devices
	}
	return func(yield func(collectors.Record, error) bool) {
		n.shown = shownDevices{ids: make(map[int64]struct{}), whole: true}
		for r, err := range devices {
			n.shown.whole = n.shown.whole && err == nil && r.Err == nil
			if d, ok := r.Value.(*Device); ok {
				n.shown.ids[d.ID.N] = struct{}{}
			}
			if !yield(r, err) {
				n.shown.whole = false
				return
			}
		}
	}
}
