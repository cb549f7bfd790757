package settings

import (
	"path/filepath"
	"slices"
)

// Names of the variables that belong to the program itself.
const (
	GraphEndpoint = "GRAPH_DB_ENDPOINT"
	GraphUsername = "GRAPH_DB_USERNAME"
	GraphPassword = "GRAPH_DB_PASSWORD"
	GraphDatabase = "GRAPH_DB_DATABASE"
	StateDirName  = "ASSETGRAPH_STATE_DIR"
	Overrides     = "CORRELATION_OVERRIDES"
	ConfigFile    = "ASSETGRAPH_CONFIG"
	AgeIdentity   = "ASSETGRAPH_AGE_IDENTITY"
	MetricsFile   = "ASSETGRAPH_METRICS_FILE"
	MetricsPush   = "ASSETGRAPH_METRICS_PUSH"
	Changes       = "ASSETGRAPH_CHANGES"
	Pace          = "ASSETGRAPH_PACE"
	NotifyURL     = "ASSETGRAPH_NOTIFY_URL"
	NotifyFormat  = "ASSETGRAPH_NOTIFY_FORMAT"
	NotifySecret  = "ASSETGRAPH_NOTIFY_SECRET"
	NotifyOn      = "ASSETGRAPH_NOTIFY_ON"
	OTLPEndpoint  = "OTEL_EXPORTER_OTLP_ENDPOINT"
	OTLPTraces    = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
	OTLPHeaders   = "OTEL_EXPORTER_OTLP_HEADERS"
	NoColor       = "NO_COLOR"
	Accessible    = "ACCESSIBLE"
)

// Graph returns the settings that say where the graph lies.
func Graph() []Setting {
	return []Setting{
		{
			Env: GraphEndpoint, Fallback: "NEO4J_URI", Default: DefaultGraph, Example: "neo4j://localhost:7687",
			Help: "Where the graph lies: sqlite:FILE, neo4j://, neo4j+s:// (Aura), bolt://, bolt+s://, or a bare host name for neo4j://HOST:7687. The flag --graph goes before it.",
		},
		{
			Env: GraphUsername, Fallback: "NEO4J_USERNAME", Default: "neo4j when a password is set", Example: "neo4j",
			Help: "User name for Neo4j. Never part of the URL.",
		},
		{
			Env: GraphPassword, Fallback: "NEO4J_PASSWORD", Secret: true,
			Help: "Password for Neo4j. Never part of the URL.",
		},
		{
			Env: GraphDatabase, Fallback: "NEO4J_DATABASE", Default: "the server's default database", Example: "neo4j",
			Help: "Name of the database within Neo4j.",
		},
	}
}

// Program returns the settings that are neither a provider's nor the graph's.
func Program() []Setting {
	return []Setting{
		{
			Env: ConfigFile, Default: "assetgraph.yaml when it is there", Example: "/etc/assetgraph/assetgraph.yaml",
			Help: "Configuration file, which may hold any number of instances of each product. The flag --config goes before it.",
		},
		{
			Env: AgeIdentity, Path: true, Example: "/etc/assetgraph/age.key",
			Help: "File with the private key (AGE-SECRET-KEY-1…) that opens what `config encrypt` encrypted.",
		},
		{
			Env: StateDirName, Path: true, Default: "assetgraph in XDG_STATE_HOME, else in the user's configuration folder",
			Example: "/var/lib/assetgraph",
			Help:    "Folder for what must outlive a run: a refresh token that the provider replaced. Made when it is first needed, readable by its owner alone.",
		},
		{
			Env: Overrides, Path: true, Example: "overrides.yaml",
			Help: "YAML file with what people decided about machines, as docs/correlation.md describes: which records are the same and which are not, junk serial numbers and MAC addresses, machines that reports leave out. The flag --overrides goes before it.",
		},
		{
			Env: MetricsFile, Path: true, Example: "/var/lib/prometheus/node-exporter/assetgraph.prom",
			Help: "File that holds the metrics of the last run, for node_exporter's textfile collector, as docs/metrics.md describes. Replaced in one piece after each run. The flag --metrics-file goes before it.",
		},
		{
			Env: MetricsPush, Secret: true, Example: "http://pushgateway:9091",
			Help: "Address of a Pushgateway that gets the metrics of each run, with user name and password where it asks for them. The flag --metrics-push goes before it.",
		},
		{
			Env: Changes, Default: "30d", Example: "90d",
			Help: "How long the graph keeps what each run changed, for execute changes: a time such as 12h, 30d or 8w, or off. The flag --changes goes before it.",
		},
		{
			Env: Pace, Default: "1", Example: "0.5",
			Help: "Share of the vendors' rate limits that the program uses: 0.5 leaves half of them to other tools that ask with the same credentials. off keeps to no limit, which is for simulators. The flag --pace goes before it.",
		},
		{
			Env: NotifyURL, Secret: true, Example: "https://hooks.example.com/services/T0/B0/x",
			Help: "Webhook that is told what people have to know of runs, as docs/notifications.md describes.",
		},
		{
			Env: NotifyFormat, Default: "json", Example: "slack",
			Help: "What that webhook understands: json, slack, teams, or ping for healthchecks.io and its like.",
		},
		{
			Env: NotifySecret, Secret: true,
			Help: "Text with which messages are signed (HMAC-SHA256, header X-Assetgraph-Signature).",
		},
		{
			Env: NotifyOn, Default: "all; for ping failed,incomplete", Example: "failed,withheld,recovered",
			Help: "What it is told of, joined by commas: failed, incomplete, withheld, coverage (that of a customer fell), recovered (one of these is over).",
		},
		{
			Env: OTLPEndpoint, Example: "http://otel-collector:4318",
			Help: "Address of an OpenTelemetry collector that gets a trace of each run and plan by OTLP over HTTP, as docs/traces.md describes. Nothing is recorded without.",
		},
		{Env: OTLPTraces, Default: "/v1/traces of " + OTLPEndpoint, Example: "http://otel-collector:4318/v1/traces",
			Help: "The same, with the whole path."},
		{
			Env: OTLPHeaders, Secret: true, Example: "authorization=Basic%20…",
			Help: "Headers for it: NAME=VALUE, joined by commas, with what is special in a URL escaped.",
		},
		{Env: NoColor, Example: "1", Help: "Any value turns colours off. Without a terminal there are none anyway."},
		{
			Env: Accessible, Example: "1",
			Help: "Any value makes `init` ask line by line, as screen readers need it. The flag --accessible does the same.",
		},
	}
}

// Outside returns the settings of the program that lead to others, who are told of runs.
func Outside() []Setting {
	return slices.DeleteFunc(Program(), func(s Setting) bool {
		return !slices.Contains([]string{MetricsFile, MetricsPush, NotifyURL, NotifyFormat, NotifySecret, NotifyOn}, s.Env)
	})
}

// StateDir returns the folder for what must outlive a run, "" when none can be told. userConfig is os.UserConfigDir.
func StateDir(e Environment, userConfig func() (string, error)) string {
	if dir := e.Get(StateDirName); dir != "" {
		return dir
	}
	if dir := e.Get("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "assetgraph")
	}
	if dir, err := userConfig(); err == nil {
		return filepath.Join(dir, "assetgraph")
	}
	return ""
}
