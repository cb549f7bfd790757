package main

import (
	"fmt"
	"strings"

	"assetgraph/internal/metrics"
)

const metricsHead = `# Metrics

Generated from the code by ` + "`go run ./tools/docs`" + `; do not edit.

After each run the program hands on what it came to, as [Prometheus](https://prometheus.io) metrics:

` + "```sh" + `
execute --metrics-file /var/lib/prometheus/node-exporter/assetgraph.prom    # or ASSETGRAPH_METRICS_FILE
execute --metrics-push http://pushgateway:9091                             # or ASSETGRAPH_METRICS_PUSH
` + "```" + `

**The file** is for the [textfile collector](https://github.com/prometheus/node_exporter#textfile-collector) of node_exporter
(` + "`--collector.textfile.directory`" + `; its name must end in ` + "`.prom`" + `). It is replaced in one piece, with mode 0644. It is the
right way on a host that runs the program by cron or systemd. Runs that overlap need a file each.

**The [Pushgateway](https://github.com/prometheus/pushgateway)** is the right way for containers and for several workers. What is
about the run lies there under the job ` + "`assetgraph`" + `, what is about an instance under the job and ` + "`instance`" + `: the name of the
configured instance, or ` + "`assetgraph`" + ` for what is derived. Each push replaces what was there under the same names. A path
` + "`…/metrics/job/NAME`" + ` in the address gives another job: graphs that share a gateway need one each. Let Prometheus scrape the gateway
with ` + "`honor_labels: true`" + `. Pushing takes 10 seconds at most; what can't be handed on is a warning in the log and changes
nothing about the run.

A plan publishes only where its own flags say so.

## What an alert sees

All metrics are gauges: what the last run came to. A run replaces what it has something to say of and leaves the rest as it is.

| what happens | ` + "`assetgraph_run_*`" + ` | ` + "`assetgraph_instance_*`, `assetgraph_step_*`" + ` | ` + "`assetgraph_coverage_*`" + ` |
|---|---|---|---|
| a run, whatever its status | replaced | of the instances that it worked on replaced | replaced, unless it failed before it had them |
| a run fails before it begins: settings, or a graph that can't be opened | status failed, its time | stay; the time of the last success gets older | stay |
| a run meets the lock of another one (exit code 75) | stay: the other run tells | stay | stay |
| a mistake on the command line, a process that is killed, a machine that is off, nobody starts it | stay | stay; the time of the last success gets older | stay |

So ` + "`assetgraph_run_status`" + ` alone can be a success that is long past. The one thing that no way to fail can hide from is the
age of ` + "`assetgraph_instance_last_success_timestamp_seconds`" + `: alert on that first. It comes from the graph, so a new
container knows it too.

An instance that is not configured any more goes from the file with the next run, and stays in a Pushgateway until somebody
deletes it there: ` + "`curl -X DELETE http://pushgateway:9091/metrics/job/assetgraph/instance/NAME`" + `.

Rules for alerts are in [deploy/prometheus/alerts.yaml](../deploy/prometheus/alerts.yaml), with unit tests beside them; a
dashboard for Grafana is in [deploy/grafana/assetgraph.json](../deploy/grafana/assetgraph.json).

## Reference

` + "`provider_instance`" + ` is the name of a configured instance; Prometheus keeps ` + "`instance`" + ` for what it scrapes.

| metric | labels | |
|---|---|---|
`

func metricsDocument() string {
	var b strings.Builder
	b.WriteString(metricsHead)
	for _, f := range metrics.Families() {
		labels := ""
		if len(f.Labels) > 0 {
			labels = "`" + strings.Join(f.Labels, "`, `") + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.Name, labels, f.Help)
	}
	return b.String()
}
