package ninjarmm

import (
	"context"
	"log/slog"
	"time"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rest"
)

// Rows of a page of a report, as clients are known to ask for (docs/providers/ninjarmm-api.md, "Reports").
const (
	reportRows = 1000
	patchRows  = 5000
)

// A Posture is what reports tell of how a device does: nil for a report that has no row of it, that people did not
// choose, or that could not be read.
type Posture struct {
	Health    *Health
	Antivirus *Antivirus
	Volumes   *Volumes
	Backup    *Backup
	Patching  *Patching
}

// The reports hold what they tell until the devices are read.
type reports struct {
	health    collectors.Beside[keptHealth]
	antivirus collectors.Beside[keptAntivirus]
	volumes   collectors.Beside[keptVolumes]
	backups   collectors.Beside[Backup]
	patches   collectors.Beside[Patching]
}

// reportSteps returns the steps whose rows are joined to devices.
func (n *Collector) reportSteps() []collectors.Step {
	return []collectors.Step{
		reportStep(n, healthPart, &n.reports.health, healthReport, (*keptHealth).add),
		reportStep(n, antivirusPart, &n.reports.antivirus, antivirusReport, (*keptAntivirus).add),
		reportStep(n, volumesPart, &n.reports.volumes, volumesReport, (*keptVolumes).add),
		reportStep(n, backupsPart, &n.reports.backups, backupsReport, (*Backup).add),
		reportStep(n, patchesPart, &n.reports.patches, patchesReport, (*Patching).add),
	}
}

// reportStep returns the step that reads a report of T and folds its rows into one P for each device.
func reportStep[T, P any](
	n *Collector, name string, into *collectors.Beside[P], of func(now time.Time) report[T],
	add func(*P, *T, *collectors.Words),
) collectors.Step {
	r := of(time.Time{})
	return n.config.Options.Collect.Mark(part(name), collectors.Step{
		Name: name, Route: "GET " + apiPath + r.route, Kinds: []string{r.kind},
		Records: func(ctx context.Context, m *collectors.Meter) records {
			size := new(rest.Size)
			return untilWhole(func() records {
				return into.Records(readReport(ctx, n, m, of(n.now), size), func(row collectors.Record, have *P) {
					add(have, row.Value.(*T), &n.words)
				})
			}, func(gap error) { n.begunAnew(ctx, name, gap) })
		},
		Count: func(ctx context.Context) (int, error) {
			r := of(n.now)
			return -1, r.probe(ctx, n)
		},
	})
}

// begunAnew notes that a report is walked again.
func (n *Collector) begunAnew(ctx context.Context, name string, gap error) {
	if log := n.config.Options.Logger; log != nil {
		log.LogAttrs(ctx, slog.LevelDebug, "report is begun anew", slog.String("instance", n.config.Instance),
			slog.String("step", name), slog.String("error", gap.Error()))
	}
}

// join gives a device what the reports tell of it, and returns the parts that could not be read for it.
func (n *Collector) join(d *Device) (lacks []string) {
	r := &n.reports
	joinPart(n, healthPart, &r.health, ofEach, d, (*keptHealth).health, &d.Posture.Health, &lacks)
	joinPart(n, antivirusPart, &r.antivirus, ofSome, d, (*keptAntivirus).antivirus, &d.Posture.Antivirus, &lacks)
	joinPart(n, volumesPart, &r.volumes, ofSome, d, (*keptVolumes).volumes, &d.Posture.Volumes, &lacks)
	joinPart(n, backupsPart, &r.backups, ofEach, d, (*Backup).kept, &d.Posture.Backup, &lacks)
	joinPart(n, patchesPart, &r.patches, ofSome, d, (*Patching).kept, &d.Posture.Patching, &lacks)
	return lacks
}

// Whether a report has a row of each device: where it has, one that is missing was lost, and tells nothing
// (docs/providers/ninjarmm-api.md, "Reports").
const (
	ofSome = false
	ofEach = true
)

func joinPart[K, P any](
	n *Collector, name string, from *collectors.Beside[K], each bool, d *Device,
	told func(*K, *collectors.Words) *P, into **P, lacks *[]string,
) {
	if !n.chosen[name] {
		return
	}
	row, given, known := from.Of(d.ID.N)
	switch {
	case !known, each && !given:
		*lacks = append(*lacks, name)
	case given:
		*into = told(&row, &n.words)
	}
}

// withPosture completes devices by what the reports tell of them, which is needed for nothing else.
func (n *Collector) withPosture(devices records) records {
	return func(yield func(collectors.Record, error) bool) {
		defer func() { n.reports = reports{} }()
		for r, err := range devices {
			if d, ok := r.Value.(*Device); ok {
				r.Lacks = n.join(d)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}
