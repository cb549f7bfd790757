package metrics

import (
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"assetgraph/internal/executor"
)

// A Section is the metrics about one thing. It replaces what an earlier run said of the same thing.
type Section struct {
	about   string // name of an instance, "" for the run
	open    bool   // the run did not get far enough to know all of it: a metric that it lacks stays as it was told before
	metrics []metric
	index   map[string]int // of metrics, by name and labels
}

type metric struct {
	family string
	labels []string // values, in the order of the declaration
	value  float64
}

// set adds a metric. Names of others, which may be of any form, become labels as far as they are UTF-8; what is told
// twice, since names were cut, is added up.
func (s *Section) set(family string, value float64, labels ...string) {
	for i, text := range labels {
		labels[i] = strings.ToValidUTF8(text, "\uFFFD")
	}
	name := family + "\x00" + strings.Join(labels, "\x00")
	if i, told := s.index[name]; told {
		s.metrics[i].value += value
		return
	}
	if s.index == nil {
		s.index = make(map[string]int)
	}
	s.index[name] = len(s.metrics)
	s.metrics = append(s.metrics, metric{family, labels, value})
}

// choose adds one metric for each of the choices: 1 for the one that holds.
func (s *Section) choose(family, holds string, choices []string, labels ...string) {
	for _, c := range choices {
		s.set(family, truth(c == holds), append(slices.Clone(labels), c)...)
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func statuses() []string {
	return []string{
		executor.StatusComplete, executor.StatusIncomplete, executor.StatusWithheld, executor.StatusFailed,
	}
}

// gather returns the metrics of sections as Prometheus' library has them.
func gather(sections []Section) (prometheus.Gatherer, error) {
	r := prometheus.NewRegistry()
	return r, r.Register(collector(sections))
}

// collector tells Prometheus' library the metrics of sections.
type collector []Section

// Describe implements prometheus.Collector; without descriptions every metric is checked when it is collected.
func (collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c collector) Collect(out chan<- prometheus.Metric) {
	declared := make(map[string]*prometheus.Desc)
	for _, f := range Families() {
		declared[f.Name] = prometheus.NewDesc(f.Name, f.Help, f.Labels, nil)
	}
	for _, s := range c {
		for _, m := range s.metrics {
			out <- prometheus.MustNewConstMetric(declared[m.family], prometheus.GaugeValue, m.value, m.labels...)
		}
	}
}
