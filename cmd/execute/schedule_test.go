package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// What docs/cron.md shows is what the commands print that it names, and deploy/systemd has the same units.
func TestDocumentShowsWhatSchedulePrintPrints(t *testing.T) {
	document, err := os.ReadFile("../../docs/cron.md")
	require.NoError(t, err)
	units := ""
	for _, name := range []string{"assetgraph.service", "assetgraph.timer"} {
		text, err := os.ReadFile(filepath.Join("../../deploy/systemd", name))
		require.NoError(t, err)
		units += "\n" + string(text)
	}
	workIn(t)
	shown := regexp.MustCompile("(?s)<!-- output of: execute ([^\n]*) -->\n```[a-z]+\n(.*?)```\n<!-- end of output -->")
	blocks := shown.FindAllStringSubmatch(string(document), -1)
	require.Len(t, blocks, 4)
	for _, block := range blocks {
		var args []string
		for i, part := range strings.Split(block[1], "'") {
			if i%2 == 1 {
				args = append(args, part)
			} else {
				args = append(args, strings.Fields(part)...)
			}
		}
		r := execute(t, nil, args...)
		require.Zero(t, r.code, r.stderr)
		require.Empty(t, r.stderr)
		require.Equal(t, block[2], r.stdout, block[1])
		if args[2] == "--systemd" {
			require.Equal(t, strings.TrimPrefix(units, "\n"), r.stdout)
		}
	}
}

// A schedule starts this very program in this very folder, with the settings that a run here would find.
func TestSchedulesStartThisProgramHere(t *testing.T) {
	dir := workIn(t)
	program, err := os.Executable()
	require.NoError(t, err)

	r := execute(t, nil, "schedule", "print", "--cron")
	require.Zero(t, r.code, r.stderr)
	require.Contains(t, r.stdout, "cd "+dir+" && "+program+" --timeout 50m ")
	require.Contains(t, r.stderr, "note: no --config or --env-file")

	require.NoError(t, os.WriteFile(".env", nil, 0o600))
	r = execute(t, nil, "schedule", "print", "--cron", "--every", "30m", "--timeout", "20m",
		"--graph", "neo4j://h:7687", "--instance", "sentinelone", "--instance", "immybot", "--log-format", "json",
		"--user", "me", "--", "--max-deletes", "25", "--page-size=100")
	require.Zero(t, r.code, r.stderr)
	require.Empty(t, r.stderr)
	require.Equal(t, "# /etc/cron.d/assetgraph\n17,47 * * * * me cd "+dir+" && "+program+" --env-file "+dir+"/.env"+
		" --graph neo4j://h:7687 --instance sentinelone --instance immybot --log-format json --max-deletes 25"+
		" --page-size=100 --timeout 20m >>run.log 2>&1\n", r.stdout)

	r = execute(t, nil, "schedule", "print", "--systemd", "--env-file", "../other.env")
	require.Zero(t, r.code, r.stderr)
	require.Contains(t, r.stdout, "ExecStart="+program+" --env-file %d/other.env --timeout 50m\n")
	require.Contains(t, r.stdout, "LoadCredential=other.env:"+filepath.Dir(dir)+"/other.env\n")
	require.Contains(t, r.stdout, "StateDirectory=assetgraph\n")
}

// A configuration file has what it says done when it is due: by workers.
func TestSchedulesOfAConfigurationFileStartWorkers(t *testing.T) {
	dir := workIn(t)
	require.NoError(t, os.WriteFile("assetgraph.yaml", nil, 0o600))
	for _, args := range [][]string{{"--config", "assetgraph.yaml"}, nil} {
		args = append([]string{"schedule", "print", "--cron", "--every", "15m"}, args...)
		r := execute(t, nil, args...)
		require.Zero(t, r.code, r.stderr)
		require.Contains(t, r.stdout, " work --config "+dir+"/assetgraph.yaml --for 12m30s ")
	}
	r := execute(t, nil, "schedule", "print", "--kubernetes", "--", "--parallel", "4")
	require.Zero(t, r.code, r.stderr)
	_, rest, ok := strings.Cut(r.stdout, "args: ")
	require.True(t, ok)
	line, _, _ := strings.Cut(rest, "\n")
	var list []string
	require.NoError(t, yaml.Unmarshal([]byte(line), &list))
	requireUnderstood(t, list...)
	require.Equal(t, []string{"work", "--config", "/etc/assetgraph/assetgraph.yaml", "--parallel", "4"}, list[:5])
}

// Runs are started with what they understand: the arguments of a printed crontab are those of a run.
func TestPrintedArgumentsAreThoseOfARun(t *testing.T) {
	dir := workIn(t)
	require.NoError(t, os.WriteFile("settings of mine.env", nil, 0o600))
	r := execute(t, nil, "schedule", "print", "--cron", "--env-file", "settings of mine.env")
	require.Zero(t, r.code, r.stderr)
	_, line, ok := strings.Cut(r.stdout, " && ")
	require.True(t, ok)
	line = strings.TrimSuffix(line, " >>run.log 2>&1\n")
	_, flags, ok := strings.Cut(line, " ")
	require.True(t, ok)
	require.Equal(t, "--env-file '"+dir+"/settings of mine.env' --timeout 50m", flags)
	run := execute(t, nil, "--env-file", dir+"/settings of mine.env", "--timeout", "50m")
	run.requireFailed(t, exitUsage, "no provider is configured")
}

func TestSchedulesThatCannotBe(t *testing.T) {
	workIn(t)
	for name, tt := range map[string]struct {
		args string // after schedule
		want []string
	}{
		"of what":              {"", []string{"execute schedule print --systemd|--cron|--kubernetes|--windows-task"}},
		"for whom":             {"print", []string{"systemd", "windows-task"}},
		"for several":          {"print --cron --systemd", []string{"cron", "systemd"}},
		"of an odd interval":   {"print --cron --every 7m", []string{"7m0s", "schedulers keep", "hint: say another --every"}},
		"longer than the wait": {"print --cron --timeout 2h", []string{"a run may take 2h0m0s"}},
		"of the demo":          {"print --cron --demo", []string{"--demo"}},
		"as JSON":              {"print --cron --output json", []string{"--output json: this command knows text"}},
		"with an argument":     {"print --cron now", []string{`unknown argument "now"`}},
		"with no flag":         {"print --cron -- --colour", []string{"behind -- stand flags of run: --colour"}},
		"with a command":       {"print --cron -- plan", []string{"behind -- stand flags of run: plan"}},
		"for a relative path":  {"print --windows-task --program a.exe", []string{"--program a.exe", "no absolute path"}},
		"in a home":            {"print --systemd --directory /home/me", []string{"/var/lib"}},
		"of two lines":         {"print --cron --user a;b", []string{"no name of a user"}},
	} {
		t.Run(name, func(t *testing.T) {
			execute(t, nil, append([]string{"schedule"}, strings.Fields(tt.args)...)...).requireFailed(t, exitUsage, tt.want...)
		})
	}
}
