package executor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"assetgraph/collectors"
	"assetgraph/converters"
	"assetgraph/differ"
	"assetgraph/internal/correlate"
	"assetgraph/internal/panics"
	"assetgraph/internal/plaintext"
	"assetgraph/internal/span"
)

// A stepReader reads one step into the spool.
type stepReader struct {
	in    *Instance
	step  collectors.Step
	meter *collectors.Meter
	spool *differ.Spool
	limit int64                 // bytes of one type
	links *correlate.Statements // what the records say of counterparts goes here; nil = nowhere

	keeper keeper
}

// read reads the step. Its error is one of the spool or of the context. Only a walk that came to its end makes the step
// complete.
func (s *stepReader) read(ctx context.Context) (report StepReport, err error) {
	start := time.Now()
	report = StepReport{Instance: s.in.Name, Step: s.step.Name}
	ctx, mark := span.Start(ctx, "step "+s.step.Name)
	defer func() {
		span.End(mark, report.Status != StatusComplete, attribute.String("assetgraph.status", report.Status),
			attribute.Int("assetgraph.records", report.Records), attribute.Int("assetgraph.pages", report.Pages),
			attribute.Int("assetgraph.expected", report.Expected))
	}()
	err = s.walk(ctx, &report)
	switch {
	case err != nil && ctx.Err() != nil:
		report.Error = stopped(ctx)
	case err != nil:
		report.Error = err.Error()
	}
	switch {
	case report.Status == StatusUnavailable && report.Records == 0 && ctx.Err() == nil:
	case report.Error == "":
		report.Status = StatusComplete
	case report.Records == 0:
		report.Status = StatusFailed
	default:
		report.Status = StatusIncomplete
	}
	report.Pages, report.Expected, report.Seconds = s.meter.Pages(), s.meter.Expected(), time.Since(start).Seconds()
	return report, err
}

// walk reads the records, counts them, and says in the report what is missing.
func (s *stepReader) walk(ctx context.Context, report *StepReport) error {
	fragment := converters.NewFragment(s.in.Name)
	var broken recordErrors
	var lacking []collectors.Record
	for record, err := range s.step.Records(ctx, s.meter) {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			if panics.Of(err) != nil {
				return err
			}
			report.Error = err.Error()
			if collectors.IsUnavailable(err) {
				report.Status = StatusUnavailable
			}
			break
		}
		report.Records++
		s.meter.Saw(record)
		if len(record.Lacks) > 0 {
			if lacking = append(lacking, record); len(lacking) < keptTogether {
				continue
			}
			goOn, err := s.takeLacking(ctx, lacking, fragment, report, &broken)
			if lacking = lacking[:0]; err != nil || !goOn {
				return err
			}
			continue
		}
		if goOn, err := s.take(record, nil, fragment, report, &broken); err != nil || !goOn {
			return err
		}
	}
	if _, err := s.takeLacking(ctx, lacking, fragment, report, &broken); err != nil {
		return err
	}
	if broken.count > 0 {
		report.Error = strings.TrimPrefix(report.Error+"; "+broken.String(), "; ")
	}
	return context.Cause(ctx)
}

// take spools what a record becomes, with what was kept of it. It reports whether the list may go on.
func (s *stepReader) take(
	record collectors.Record, kept kept, fragment *converters.Fragment, report *StepReport, broken *recordErrors,
) (goOn bool, _ error) {
	if err := convert(s.in.Converter, record, kept, fragment); err != nil {
		broken.add(err)
		return true, nil
	}
	for _, e := range fragment.Elements() {
		ref, err := s.spool.Add(e)
		if err != nil {
			return false, err
		}
		if ref.Size() > s.limit {
			report.Error = fmt.Sprintf("the list did not end: its %s records take more than %d bytes", e.Type.Name,
				s.limit)
			return false, nil
		}
	}
	s.link(fragment)
	return true, nil
}

// takeLacking takes records of which parts could not be read.
func (s *stepReader) takeLacking(
	ctx context.Context, records []collectors.Record, fragment *converters.Fragment, report *StepReport,
	broken *recordErrors,
) (goOn bool, _ error) {
	kept, err := s.keeper.look(ctx, s.in.Converter, records, fragment)
	if err != nil {
		return false, err
	}
	for _, r := range records {
		if goOn, err := s.take(r, kept, fragment, report, broken); err != nil || !goOn {
			return goOn, err
		}
	}
	return true, nil
}

// link keeps what a record says of its counterparts.
func (s *stepReader) link(f *converters.Fragment) {
	if s.links == nil {
		return
	}
	for _, a := range f.Connections() {
		s.links.AddConnection(a)
	}
	for _, l := range f.Links() {
		s.links.AddLink(l)
	}
}

// convert turns one record into sealed elements in the fragment, with what was kept of them; all of them or, with an
// error, none that may be used.
func convert(c *converters.Converter, record collectors.Record, kept kept, f *converters.Fragment) error {
	f.Reset()
	if record.Err != nil {
		return record.Err
	}
	kind := c.Kind(record.Kind)
	if kind == nil {
		return &collectors.RecordError{Kind: record.Kind, ID: record.ID, Err: fmt.Errorf("no converter for this kind")}
	}
	if err := kind.Convert(record, f); err != nil {
		return err
	}
	for _, e := range f.Elements() {
		kept.restore(e, record.Lacks)
		if err := e.Seal(); err != nil {
			return &collectors.RecordError{Kind: record.Kind, ID: record.ID, Err: err}
		}
	}
	return nil
}

// recordErrors counts the records that were left out and keeps the first reasons.
type recordErrors struct {
	count   int
	reasons []string
}

func (e *recordErrors) add(err error) {
	if e.count++; len(e.reasons) < 3 {
		e.reasons = append(e.reasons, plaintext.Clip(err.Error(), plaintext.Message/4))
	}
}

func (e *recordErrors) String() string {
	text := strings.Join(e.reasons, "; ")
	if more := e.count - len(e.reasons); more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	noun := "records"
	if e.count == 1 {
		noun = "record"
	}
	return fmt.Sprintf("%d %s left out: %s", e.count, noun, text)
}
