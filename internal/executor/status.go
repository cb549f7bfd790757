package executor

import "assetgraph/internal/plaintext"

// runStatus returns how a run ended that ended with err.
func runStatus(r *Report, err error) string {
	status := stepsStatus(r.Steps)
	switch {
	case err != nil || len(r.Refused) > 0:
		return StatusFailed
	case status == StatusComplete && len(r.Withheld) > 0:
		return StatusWithheld
	}
	return status
}

// stepsStatus is failed when no step gave anything, incomplete when one did not give all.
func stepsStatus(steps []StepReport) string {
	status, gave := StatusComplete, len(steps) == 0
	for _, s := range steps {
		if s.Status != StatusComplete && !leftOut(s) {
			status = StatusIncomplete
		}
		gave = gave || s.Status == StatusComplete || s.Records > 0
	}
	if !gave {
		return StatusFailed
	}
	return status
}

// instanceStatus returns how the run went for one instance, and its first error.
func (f finished) instanceStatus(instance string) (status, reason string) {
	if f.err != nil {
		return StatusFailed, plaintext.Clip(f.err.Error(), plaintext.Message)
	}
	for _, refused := range f.record.Refused {
		if refused.Instance == instance {
			return StatusFailed, refused.Reason
		}
	}
	var steps []StepReport
	for _, s := range f.record.Steps {
		if s.Instance == instance {
			steps = append(steps, s)
			if reason == "" {
				reason = s.Error
			}
		}
	}
	if status = stepsStatus(steps); status != StatusComplete {
		return status, reason
	}
	for _, w := range f.record.Withheld {
		if w.Instance == instance {
			return StatusWithheld, ""
		}
	}
	return StatusComplete, ""
}
