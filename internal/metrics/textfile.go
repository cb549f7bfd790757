package metrics

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// WriteFile puts the sections into a file in Prometheus' text format, in place of those about the same things. What it
// holds of other instances stays when they are among the configured ones, nil for all. The file is replaced in one piece
// and everybody may read it. One that can't be read as metrics is replaced as a whole.
//
// Runs that use one file must not end at the same moment: the later one would not see what the other wrote.
func WriteFile(path string, sections []Section, configured []string) error {
	before, err := readFile(path)
	if err != nil {
		return err
	}
	g, err := gather(append(slices.Clone(sections), kept(before, sections, configured)))
	if err != nil {
		return err
	}
	return prometheus.WriteToTextfile(path, g)
}

// readFile returns the metrics of a file that earlier runs wrote, none when there is no such file.
func readFile(path string) (list []metric, _ error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	read, err := parser.TextToMetricFamilies(f)
	if err != nil {
		return nil, nil
	}
	for _, declared := range Families() {
		for _, m := range read[declared.Name].GetMetric() {
			if labels, ok := values(m, declared.Labels); ok && m.Gauge != nil {
				list = append(list, metric{declared.Name, labels, m.Gauge.GetValue()})
			}
		}
	}
	return list, nil
}

// values returns the values of the named labels; ok is false when a metric has others.
func values(m *dto.Metric, names []string) (list []string, ok bool) {
	for _, name := range names {
		i := slices.IndexFunc(m.GetLabel(), func(l *dto.LabelPair) bool { return l.GetName() == name })
		if i < 0 {
			return nil, false
		}
		list = append(list, m.GetLabel()[i].GetValue())
	}
	return list, len(list) == len(m.GetLabel())
}

// kept returns what stays of what a file held.
func kept(before []metric, sections []Section, configured []string) (out Section) {
	for _, m := range before {
		about := m.about()
		i := slices.IndexFunc(sections, func(s Section) bool { return s.about == about })
		known := configured == nil || about == derived || slices.Contains(configured, about)
		switch {
		case about == "" || !known:
		case i < 0, sections[i].open && !sections[i].has(m.family):
			out.metrics = append(out.metrics, m)
		}
	}
	return out
}

func (s *Section) has(family string) bool {
	return slices.ContainsFunc(s.metrics, func(m metric) bool { return m.family == family })
}

// about says which section a metric belongs to.
func (m metric) about() string {
	switch {
	case strings.HasPrefix(m.family, "assetgraph_run_"):
		return ""
	case strings.HasPrefix(m.family, "assetgraph_coverage_"):
		return derived
	}
	return m.labels[0]
}
