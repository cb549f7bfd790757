package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// A row is one figure of one case.
type row struct {
	Case  string    `json:"case"`
	Store string    `json:"store"`
	What  string    `json:"what"`
	Unit  string    `json:"unit"`
	Ours  []float64 `json:"ours"`
	Floor []float64 `json:"floor,omitempty"` // nil for a figure that is held against Limit itself
	Limit float64   `json:"limit"`           // of the ratio of the medians, or without a floor of the median
	Note  string    `json:"note,omitempty"`
}

// ratio is that of the medians, or without a floor that of the median and the limit.
func (r row) ratio() float64 {
	if len(r.Floor) > 0 {
		return median(r.Ours) / median(r.Floor)
	}
	return median(r.Ours) / r.Limit
}

func (r row) met() bool {
	if len(r.Floor) > 0 {
		return r.ratio() <= r.Limit
	}
	return r.ratio() <= 1
}

// scaled multiplies all values.
func scaled(values []float64, by float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = v * by
	}
	return out
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// median of no values is NaN.
func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// markdown returns the row as one of the table.
func (r row) markdown() string {
	verdict, limit := "**missed**", number(r.Limit)
	switch {
	case len(r.Ours) == 0:
		return fmt.Sprintf("| %s | %s | %s | %s | | | | | | | **not measured** | %s |", r.Case, r.Store, r.What, r.Unit,
			cell(r.Note))
	case r.met():
		verdict = "met"
	}
	floors := " | "
	if len(r.Floor) > 0 {
		floors = number(slices.Min(r.Floor)) + " | " + number(median(r.Floor))
	} else {
		limit += " " + r.Unit
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s | %s | %s | %.2f | %s | %s | %s |", r.Case, r.Store, r.What, r.Unit,
		number(slices.Min(r.Ours)), number(median(r.Ours)), floors, r.ratio(), limit, verdict, cell(r.Note))
}

// cell makes a text one line without bars, and not longer than people read.
func cell(s string) string {
	const most = 300
	s = strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "|", `\|`)
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + " …"
	}
	return s
}

// number writes three digits that count, and whole numbers whole.
func number(f float64) string {
	switch {
	case f >= 100 || f == math.Trunc(f):
		return fmt.Sprintf("%.0f", f)
	case f >= 10:
		return fmt.Sprintf("%.1f", f)
	case f >= 1:
		return fmt.Sprintf("%.2f", f)
	}
	return fmt.Sprintf("%.3g", f)
}
