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
		if s.Status != StatusComplete && !s.Excused() {
			status = StatusIncomplete
		}
		gave = gave || s.Status == StatusComplete || s.Records > 0
	}
	if !gave {
		return StatusFailed
	}
	return status
}

// succeeded reports whether all of an instance was read.
func succeeded(status string) bool { return status == StatusComplete || status == StatusWithheld }

// Waiting returns the withheld deletes of an instance, or of what is derived, that somebody has to look at. Where not all
// was read, those that no approval lets go are none of them: they wait for their list.
func (r *Report) Waiting(instance string) (list []Withheld) {
	whole := true
	for _, in := range r.Instances {
		whole = whole && (in.Instance != instance || succeeded(in.Status))
	}
	for _, w := range r.Withheld {
		if w.Instance == instance && (whole || w.Approval != "") {
			list = append(list, w)
		}
	}
	return list
}

// instanceStatus returns how a run that ended with err went for one instance, and its first error.
func (r *Report) instanceStatus(instance string, err error) (status, reason string) {
	if err != nil {
		return StatusFailed, plaintext.Clip(err.Error(), plaintext.Message)
	}
	for _, refused := range r.Refused {
		if refused.Instance == instance {
			return StatusFailed, refused.Reason
		}
	}
	var steps []StepReport
	for _, s := range r.Steps {
		if s.Instance == instance {
			steps = append(steps, s)
			if reason == "" && !s.Excused() {
				reason = s.Error
			}
		}
	}
	if status = stepsStatus(steps); status != StatusComplete {
		return status, reason
	}
	for _, w := range r.Withheld {
		if w.Instance == instance {
			return StatusWithheld, ""
		}
	}
	return StatusComplete, ""
}
