package main

import (
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every mistake in flags and settings is found before anything is contacted or written.
func TestMistakesContactAndWriteNothing(t *testing.T) {
	without := func(name string) func(map[string]string) { return func(e map[string]string) { delete(e, name) } }
	with := func(name, value string) func(map[string]string) {
		return func(e map[string]string) { e[name] = value }
	}
	tests := map[string]struct {
		change func(map[string]string)
		args   []string
		want   []string
	}{
		"unknown command":            {args: []string{"collect"}, want: []string{"collect", "--help"}},
		"unknown flag":               {args: []string{"--dry-run"}, want: []string{"--dry-run"}},
		"flag of another command":    {args: []string{"check", "--max-deletes", "1"}, want: []string{"--max-deletes"}},
		"argument of a run":          {args: []string{"run", "now"}, want: []string{"now"}},
		"no provider":                {change: func(e map[string]string) { clear(e) }, want: []string{"SentinelOne", "NinjaRMM", "ImmyBot", "--demo"}},
		"one variable missing":       {change: without("SENTINELONE_API_TOKEN"), want: []string{"SENTINELONE_API_TOKEN is missing"}},
		"one variable empty":         {change: with("NINJARMM_CLIENT_SECRET", " "), want: []string{"NINJARMM_CLIENT_SECRET is missing"}},
		"either of two missing":      {change: without("IMMYBOT_URL"), want: []string{"IMMYBOT_URL (or IMMYBOT_SUBDOMAIN) is missing"}},
		"only an optional one":       {change: func(e map[string]string) { clear(e); e["NINJARMM_SCOPE"] = "monitoring" }, want: []string{"NINJARMM_URL", "NINJARMM_SCOPE is set"}},
		"http to another host":       {change: with("SENTINELONE_URL", "http://x.sentinelone.net"), want: []string{"SENTINELONE_URL", "https"}},
		"http token endpoint":        {change: with("IMMYBOT_AUTHORITY_URL", "http://login.example.com"), want: []string{"IMMYBOT_AUTHORITY_URL"}},
		"password in a URL":          {change: with("NINJARMM_URL", "https://me:hunter2@exa mple.com"), want: []string{"NINJARMM_URL"}},
		"proxy that is no address":   {change: with("HTTPS_PROXY", "http://me:hunter2@exa mple.com"), want: []string{"HTTPS_PROXY: this is no address of a proxy", "http://HOST:PORT"}},
		"proxy of another kind":      {args: []string{"check"}, change: with("http_proxy", "ftp://me:hunter2@h:21"), want: []string{"http_proxy: the scheme"}},
		"list that can't be skipped": {args: []string{"check"}, change: with("SENTINELONE_SKIP", "sites"), want: []string{`SENTINELONE_SKIP: "sites" can't be left out; what can be is accounts, groups, users`}},
		"unknown instance":           {args: []string{"--instance", "ninja"}, want: []string{"--instance ninja", "sentinelone, ninjarmm, immybot"}},
		"graph scheme":               {args: []string{"--graph", "mysql://h"}, want: []string{"--graph", "mysql"}},
		"graph in the environment":   {change: with("GRAPH_DB_ENDPOINT", "mysql://h"), want: []string{"GRAPH_DB_ENDPOINT", "mysql"}},
		"graph as Aura names it":     {change: with("NEO4J_URI", "mysql://h"), want: []string{"NEO4J_URI"}},
		"password in the graph URL":  {args: []string{"--graph", "neo4j://me:hunter2@h"}, want: []string{"GRAPH_DB_PASSWORD"}},
		"user without password":      {args: []string{"--graph", "neo4j://h"}, change: with("GRAPH_DB_USERNAME", "me"), want: []string{"GRAPH_DB_PASSWORD"}},
		"max deletes":                {args: []string{"--max-deletes", "some"}, want: []string{"--max-deletes", "some"}},
		"negative max deletes":       {args: []string{"plan", "--max-deletes=-1"}, want: []string{"--max-deletes"}},
		"request timeout":            {args: []string{"run", "--request-timeout", "0s"}, want: []string{"--request-timeout"}},
		"retry time":                 {args: []string{"run", "--retry-time=-1s"}, want: []string{"--retry-time"}},
		"page size":                  {args: []string{"run", "--page-size=-1"}, want: []string{"--page-size"}},
		"lease":                      {args: []string{"--lease", "0s"}, want: []string{"--lease"}},
		"wait":                       {args: []string{"--wait=-1s"}, want: []string{"--wait"}},
		"soft exit":                  {args: []string{"--soft-exit", "withheld,failed"}, want: []string{"--soft-exit failed", "known are incomplete, withheld, busy"}},
		"exit code of a run":         {args: []string{"run", "--exit-code"}, want: []string{"--exit-code"}},
		"timeout":                    {args: []string{"--timeout=-1s"}, want: []string{"--timeout"}},
		"timeout without unit":       {args: []string{"--timeout", "30"}, want: []string{"--timeout"}},
		"output of a run":            {args: []string{"--output", "csv"}, want: []string{"--output csv", "text, json"}},
		"output of a query":          {args: []string{"query", "select 1", "--output", "text"}, want: []string{"table, json, csv"}},
		"output of the schema":       {args: []string{"schema", "--output", "csv"}, want: []string{"table, json, markdown"}},
		"output of the export":       {args: []string{"export", "--output", "text"}, want: []string{"json"}},
		"raw table":                  {args: []string{"query", "select 1", "--raw"}, want: []string{"--raw", "csv"}},
		"log level":                  {args: []string{"--log-level", "trace"}, want: []string{"--log-level trace"}},
		"log format":                 {args: []string{"--log-format", "xml"}, want: []string{"--log-format xml"}},
		"settings file missing":      {args: []string{"--env-file", "prod.env"}, want: []string{"prod.env"}},
		"query without text":         {args: []string{"query"}, want: []string{"the text of the query is missing"}},
		"query without quotes":       {args: []string{"query", "select", "1"}, want: []string{"in quotes"}},
		"no report":                  {args: []string{"report"}, want: []string{"which report", "coverage"}},
		"unknown report":             {args: []string{"report", "cover"}, want: []string{"cover"}},
		"unknown check":              {args: []string{"report", "posture", "--check", "encryption"}, want: []string{"--check encryption", "encrypted, malwareProtected"}},
		"attention of customers":     {args: []string{"report", "posture", "--attention"}, want: []string{"--attention", "--by device"}},
		"age of a backup":            {args: []string{"report", "posture", "--backup", "old"}, want: []string{"--backup", "30d"}},
		"support within":             {args: []string{"report", "eol", "--within", "soon"}, want: []string{"--within"}},
		"dormant":                    {args: []string{"report", "people", "--dormant", "long"}, want: []string{"--dormant"}},
		"bill that is not there":     {args: []string{"report", "seats", "--billed", "none.csv"}, want: []string{"--billed", "none.csv"}},
		"customer without a name":    {args: []string{"report", "customer"}, want: []string{"the name of the customer", "--all DIR"}},
		"all customers as csv":       {args: []string{"report", "customer", "--all", "out", "--output", "csv"}, want: []string{"--all", "HTML"}},
		"rows of a report":           {args: []string{"report", "coverage", "--by", "site"}, want: []string{"--by site", "organization, device"}},
		"output of a report":         {args: []string{"report", "coverage", "--output", "text"}, want: []string{"table, csv, json"}},
		"unknown tool":               {args: []string{"report", "coverage", "--missing", "erd"}, want: []string{"--missing", "there is no tool erd", "edr, rmm, deployment"}},
		"unknown column":             {args: []string{"report", "coverage", "--by", "device", "--sort", "name"}, want: []string{"--sort", "there is no column name", "hostname"}},
		"column of the other rows":   {args: []string{"report", "coverage", "--sort", "hostname"}, want: []string{"--sort with --by organization", "devices"}},
		"no percentage":              {args: []string{"report", "coverage", "--fail-over", "five"}, want: []string{"--fail-over", "five"}},
		"negative percentage":        {args: []string{"report", "coverage", "--fail-over=-1%"}, want: []string{"--fail-over"}},
		"more than all":              {args: []string{"report", "coverage", "--fail-over", "101"}, want: []string{"--fail-over"}},
		"stale":                      {args: []string{"report", "coverage", "--stale", "soon"}, want: []string{"--stale", "30d"}},
		"system":                     {args: []string{"report", "coverage", "--os", "beos"}, want: []string{"--os beos", "darwin"}},
		"pattern":                    {args: []string{"report", "coverage", "--exclude", "lab-["}, want: []string{"--exclude", "lab-["}},
		"no overrides file":          {args: []string{"report", "coverage", "--overrides", "x.yaml"}, want: []string{"--overrides", "x.yaml"}},
		"nothing to explain":         {args: []string{"explain"}, want: []string{"the text to explain is missing"}},
		"explain without quotes":     {args: []string{"explain", "a", "b"}, want: []string{"in quotes"}},
		"unknown question":           {args: []string{"query", "@nobody"}, want: []string{"@nobody", "--list"}},
		"clear of nothing":           {args: []string{"clear", "--yes"}, want: []string{"--instance NAME or --all"}},
		"clear of both":              {args: []string{"clear", "--all", "--instance", "ninjarmm", "--yes"}, want: []string{"--instance NAME or --all"}},
		"clear with nobody to ask":   {args: []string{"clear", "--all"}, want: []string{"--yes"}},
		"check without provider":     {args: []string{"check"}, change: func(e map[string]string) { clear(e) }, want: []string{"--demo"}},
		"plan with part of provider": {args: []string{"plan"}, change: without("IMMYBOT_TENANT_ID"), want: []string{"IMMYBOT_TENANT_ID is missing"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dir := workIn(t)
			env, hits := watched(t)
			if tt.change != nil {
				tt.change(env)
			}
			r := execute(t, env, tt.args...)
			r.requireFailed(t, exitUsage, tt.want...)
			require.NotContains(t, r.stderr, "very-secret")
			require.NotContains(t, r.stderr, "hunter2")
			require.Zero(t, hits.Load(), "nothing was contacted")
			requireUntouched(t, dir)
		})
	}
}

func TestBrokenSettingsFileNamesTheLine(t *testing.T) {
	dir := workIn(t)
	env, hits := watched(t)
	require.NoError(t, os.WriteFile(".env", []byte("# mine\nSENTINELONE_API_TOKEN hunter2\n"), 0o600))
	r := execute(t, env)
	r.requireFailed(t, exitUsage, ".env", "line 2")
	require.NotContains(t, r.stderr, "hunter2")
	require.Zero(t, hits.Load())
	requireUntouched(t, dir, ".env")
}

func TestSettingsFile(t *testing.T) {
	workIn(t)
	require.NoError(t, os.WriteFile(".env", []byte("SENTINELONE_URL=https://a.sentinelone.net\nNINJARMM_SCOPE=monitoring\n"), 0o600))
	require.NoError(t, os.WriteFile("other.env", []byte("IMMYBOT_CLIENT_ID=x\n"), 0o600))
	execute(t, nil).requireFailed(t, exitUsage, "SENTINELONE_API_TOKEN is missing", "NINJARMM_URL")
	r := execute(t, nil, "--env-file", "other.env")
	r.requireFailed(t, exitUsage, "IMMYBOT_CLIENT_SECRET")
	require.NotContains(t, r.stderr, "SENTINELONE", "the default file is not read beside a named one")
}

// Commands that read the graph need no provider; without a graph they say how to make one.
func TestReadingWithoutGraph(t *testing.T) {
	for name, args := range map[string][]string{
		"query": {"query", "select 1"}, "report": {"report", "coverage"}, "explain": {"explain", "x"}, "question": {"query", "@without-edr"}, "history": {"history"}, "export": {"export"}, "clear": {"clear", "--all", "--yes"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := workIn(t)
			r := execute(t, nil, args...)
			r.requireFailed(t, exitFailed, "sqlite:assetgraph.db", "there is no graph yet", "hint: make one first: execute")
			r = execute(t, nil, append(args, "--demo")...)
			r.requireFailed(t, exitFailed, "sqlite:demo.db", "execute --demo")
			requireUntouched(t, dir)
		})
	}
}

func TestNotAGraph(t *testing.T) {
	dir := workIn(t)
	file := filepath.Join(dir, "x.db")
	require.NoError(t, os.WriteFile(file, []byte("this is no database, but it is long enough to be looked at"), 0o600))
	for _, args := range [][]string{{"query", "select 1"}, {"run"}, {"plan"}, {"clear", "--all", "--yes"}} {
		env, hits := watched(t)
		r := execute(t, env, append(args, "--graph", "sqlite:x.db")...)
		r.requireFailed(t, exitFailed, "x.db")
		require.Zero(t, hits.Load(), "an unusable graph is said before anything is collected")
	}
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "this is no database, but it is long enough to be looked at", string(text))
}

func TestUnreachableGraphIsSaidBeforeAnythingIsCollected(t *testing.T) {
	workIn(t)
	env, hits := watched(t)
	env["GRAPH_DB_PASSWORD"] = "very-secret-password"
	r := execute(t, env, "--graph", "neo4j://127.0.0.1:1")
	r.requireFailed(t, exitFailed, "neo4j://127.0.0.1:1", "hint: ")
	require.NotContains(t, r.stderr, "very-secret")
	require.Zero(t, hits.Load())
}

func TestHelpTeaches(t *testing.T) {
	workIn(t)
	r := execute(t, nil, "--help")
	require.Equal(t, exitDone, r.code)
	for _, s := range []string{"Examples:", "--demo", ".env", "docs/configuration.md", "75", "--max-deletes", "--env-file"} {
		require.Contains(t, r.stdout, s)
	}
	common := []string{"--env-file", "--graph", "--instance", "--log-level", "--log-format", "--timeout", "--output", "--demo"}
	own := []string{"--max-deletes", "--approve", "--request-timeout", "--retry-time", "--lease", "--wait", "--overrides", "--soft-exit"}
	for name, flags := range map[string][]string{"run": own, "plan": own, "check": nil, "query": {"--list", "--raw"}, "explain": nil, "schema": nil, "history": nil, "version": nil, "export": {"--type"}, "clear": {"--all", "--yes"}} {
		r := execute(t, nil, name, "--help")
		require.Equal(t, exitDone, r.code, name)
		require.Contains(t, r.stdout, "Examples:", name)
		for _, f := range append(flags, common...) {
			require.Contains(t, r.stdout, f, name)
		}
	}
}

func TestSchemaNeedsNothing(t *testing.T) {
	dir := workIn(t)
	for form, want := range map[string]string{"table": "sentinelone_agent", "json": `"_type": "sentinelone_agent"`, "markdown": "| [`sentinelone_agent`]"} {
		r := execute(t, nil, "schema", "--output", form)
		require.Equal(t, exitDone, r.code, r.stderr)
		require.Contains(t, r.stdout, want)
		require.Empty(t, r.stderr)
	}
	requireUntouched(t, dir)
}

func TestDemoIgnoresRealSettingsAndSaysSo(t *testing.T) {
	workIn(t)
	env, hits := watched(t)
	env["GRAPH_DB_ENDPOINT"] = "neo4j://127.0.0.1:1"
	r := execute(t, maps.Clone(env), "query", "select 1", "--demo")
	r.requireFailed(t, exitFailed, "note: --demo ignores", "SENTINELONE_URL", "GRAPH_DB_ENDPOINT", "sqlite:demo.db")
	require.Zero(t, hits.Load())
}

func TestApprovalsAreIDs(t *testing.T) {
	dir := workIn(t)
	env, hits := watched(t)
	for _, value := range []string{"", "deadbeef", "a,b", "3f2a91c07d5be846,", "3f2a91c07d5be846 x", "yes", "3f2a91c07d5be84g"} {
		r := execute(t, env, "run", "--approve", value)
		r.requireFailed(t, exitUsage, "16 hexadecimal digits")
	}
	require.Zero(t, hits.Load())
	requireUntouched(t, dir)
	ids, err := approvals([]string{"3f2a91c07d5be846, 00000000000000ff", "3F2A91C07D5BE847"})
	require.NoError(t, err)
	require.Equal(t, []string{"3f2a91c07d5be846", "00000000000000ff", "3f2a91c07d5be847"}, ids)
}
