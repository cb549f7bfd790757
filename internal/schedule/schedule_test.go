package schedule

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

func job() Job {
	return Job{
		Program: "/usr/local/bin/execute", Directory: "/var/lib/assetgraph", User: "assetgraph", Every: time.Hour,
		Settings: Settings{"env-file", "/etc/assetgraph/assetgraph.env"}, Image: "registry.example.com/assetgraph:1",
	}
}

func intervals() []time.Duration {
	var list []time.Duration
	for text := range strings.SplitSeq("5m 10m 15m 20m 30m 1h 2h 3h 4h 6h 8h 12h 24h", " ") {
		d, err := time.ParseDuration(text)
		if err != nil {
			panic(err)
		}
		list = append(list, d)
	}
	return list
}

// A line of cron, and so the schedule of a CronJob, starts runs that are as far apart as was asked for.
func TestCronKeepsIntervals(t *testing.T) {
	for _, every := range intervals() {
		t.Run(every.String(), func(t *testing.T) {
			j := job()
			j.Every = every
			f, err := Cron(j)
			require.NoError(t, err)
			head, line, _ := strings.Cut(f.Text, "\n")
			require.Equal(t, "# /etc/cron.d/assetgraph", head)
			fields := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 7)
			require.Equal(t, "assetgraph", fields[5])
			requireSpaced(t, strings.Join(fields[:5], " "), every)

			k, err := Kubernetes(j)
			require.NoError(t, err)
			requireSpaced(t, cronJob(t, k.Text).Spec.Schedule, every)
		})
	}
}

func requireSpaced(t *testing.T, text string, every time.Duration) {
	t.Helper()
	times, err := cron.ParseStandard(text)
	require.NoError(t, err)
	at := times.Next(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	for range 100 {
		next := times.Next(at)
		require.Equal(t, every, next.Sub(at), "%s: from %s to %s", text, at, next)
		at = next
	}
}

// systemd itself says when the timer elapses, where it is installed.
func TestSystemdKeepsIntervals(t *testing.T) {
	analyze := systemdAnalyze(t)
	elapse := regexp.MustCompile(`(?:Next elapse|Iter\. #\d+): (.*)\n`)
	for _, every := range intervals() {
		t.Run(every.String(), func(t *testing.T) {
			j := job()
			j.Every = every
			files, err := Systemd(j)
			require.NoError(t, err)
			_, rest, ok := strings.Cut(files[1].Text, "OnCalendar=")
			require.True(t, ok)
			calendar, _, _ := strings.Cut(rest, "\n")
			out := analyze("calendar", "--iterations=50", "--base-time=2026-03-01 00:00:00 UTC", calendar)
			var at []time.Time
			for line := range strings.Lines(out) {
				m := elapse.FindStringSubmatch(line)
				if m == nil {
					continue
				}
				when, err := time.Parse("Mon 2006-01-02 15:04:05 MST", m[1])
				require.NoError(t, err)
				at = append(at, when)
			}
			require.Len(t, at, 50, out)
			for i := range at[1:] {
				require.Equal(t, every, at[i+1].Sub(at[i]), out)
			}
		})
	}
}

func TestIntervalsThatDriftAreRefused(t *testing.T) {
	for _, every := range []time.Duration{
		0, time.Second, time.Minute, 7 * time.Minute, 45 * time.Minute, 90 * time.Minute, 5 * time.Hour, 36 * time.Hour,
		48 * time.Hour, -time.Hour, time.Hour + time.Second,
	} {
		j := job()
		j.Every = every
		_, err := Cron(j)
		require.ErrorIs(t, err, ErrEvery, every.String())
	}
	j := job()
	j.Timeout = 2 * time.Hour
	_, err := Cron(j)
	require.ErrorContains(t, err, "a run may take 2h0m0s, and the next one starts after 1h0m0s")
}

// Words reach the program as they are, whatever they hold: asked of a real shell.
func TestWordsPassThroughCronsShell(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip(err)
	}
	for _, word := range words() {
		f, err := Cron(Job{
			Program: "printf", Directory: t.TempDir(), Args: []string{"%s\n", word}[1:], User: "u", Every: time.Hour,
		})
		require.NoError(t, err)
		_, command, ok := strings.Cut(f.Text, " u ")
		require.True(t, ok)
		command = strings.ReplaceAll(command, `\%`, "%") // as cron does
		command = strings.Replace(command, "&& printf ", `&& printf '[%s]' `, 1)
		command = strings.Replace(command, ">>run.log", ">&1", 1)
		out, err := exec.CommandContext(t.Context(), shell, "-c", command).Output()
		require.NoError(t, err)
		require.Equal(t, "["+word+"][--timeout][50m]", string(out))
	}
}

func words() []string {
	return []string{
		"a", "with blank", "it's", `"quoted"`, "$HOME", "100%", `back\slash`, "a;b", "ä", "*", "~", "--flag=x y",
	}
}

func TestWordsAreQuotedForSystemd(t *testing.T) {
	for word, want := range map[string]string{
		"a": "a", "with blank": `"with blank"`, "100%": "100%%", "$HOME": `"$$HOME"`, `a"b`: `"a\"b"`, `a\b`: `"a\\b"`,
	} {
		require.Equal(t, want, systemdWord(word))
	}
}

func TestWordsAreQuotedForWindows(t *testing.T) {
	for word, want := range map[string]string{
		"a": "a", "": `""`, `C:\Program Files\x.env`: `"C:\Program Files\x.env"`, `a"b`: `"a\"b"`, `a\"b`: `"a\\\"b"`,
		`C:\a b\`: `"C:\a b\\"`, `C:\a\`: `C:\a\`,
	} {
		require.Equal(t, want, windowsWord(word))
	}
}

func TestTextsThatWouldBreakALineAreRefused(t *testing.T) {
	for _, change := range []func(*Job){
		func(j *Job) { j.Program = "/a\nb" }, func(j *Job) { j.Directory = "/var/lib/a\r" },
		func(j *Job) { j.Args = []string{"a\x00"} }, func(j *Job) { j.User = "a b" }, func(j *Job) { j.User = "root\n" },
		func(j *Job) { j.Image = "a\nb" }, func(j *Job) { j.Settings.File = "/a\n" },
	} {
		j := job()
		change(&j)
		_, cronErr := Cron(j)
		require.Error(t, cronErr)
		_, kubernetesErr := Kubernetes(j)
		require.Error(t, kubernetesErr)
		_, systemdErr := Systemd(j)
		require.Error(t, systemdErr)
		_, windowsErr := WindowsTask(j)
		require.Error(t, windowsErr)
	}
	j := job()
	j.Directory = "/home/me"
	_, err := Systemd(j)
	require.ErrorContains(t, err, "a folder of /var/lib, not in /home/me")
}

// systemd finds nothing wrong with the units, and rates what the service may do, where it is installed. The rating goes
// from 0, nothing, to 10; docs/cron.md states it.
func TestUnitsAreSoundAndHardened(t *testing.T) {
	analyze := systemdAnalyze(t)
	for _, settings := range []Settings{job().Settings, {"config", "/etc/assetgraph/assetgraph.yaml"}, {}} {
		j := job()
		j.Settings = settings
		j.Program = "/bin/sh" // one that exists: verify looks
		files, err := Systemd(j)
		require.NoError(t, err)
		dir := t.TempDir()
		for _, f := range files {
			require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.Base(f.Name)), []byte(f.Text), 0o600))
		}
		service := filepath.Join(dir, "assetgraph.service")
		out := analyze("verify", "--man=no", service, filepath.Join(dir, "assetgraph.timer"))
		require.NotContains(t, out, "assetgraph.", "nothing to complain about")
		out = analyze("security", "--offline=true", "--no-pager", "--threshold=15", service)
		require.Contains(t, out, "Overall exposure level for assetgraph.service")
	}
}

// systemdAnalyze returns how to run systemd-analyze.
func systemdAnalyze(t *testing.T) func(args ...string) string {
	t.Helper()
	program, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd is not installed: ", err)
	}
	return func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), program, args...)
		cmd.Env = append(os.Environ(), "TZ=UTC", "LC_ALL=C.UTF-8", "SYSTEMD_PAGER=")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "systemd-analyze %s\n%s", strings.Join(args, " "), out)
		return string(out)
	}
}

// The task has the elements that the schema of Windows' tasks knows, those of a sequence in its order.
func TestTaskFollowsTheSchema(t *testing.T) {
	// After MS-TSCH, "XML Task Definition Format": complex types by element, "!" for those whose order matters.
	known := map[string]string{
		"Task":             "RegistrationInfo Triggers Settings Data Principals Actions",
		"RegistrationInfo": "URI SecurityDescriptor Source Date Author Version Description Documentation",
		"Triggers":         "CalendarTrigger",
		"CalendarTrigger":  "! Enabled StartBoundary EndBoundary Repetition ExecutionTimeLimit RandomDelay ScheduleByDay",
		"Repetition":       "Interval Duration StopAtDurationEnd",
		"ScheduleByDay":    "DaysInterval",
		"Principals":       "Principal",
		"Principal":        "UserId LogonType GroupId DisplayName RunLevel",
		"Settings": "AllowStartOnDemand RestartOnFailure MultipleInstancesPolicy DisallowStartIfOnBatteries" +
			" StopIfGoingOnBatteries AllowHardTerminate StartWhenAvailable NetworkProfileName RunOnlyIfNetworkAvailable" +
			" WakeToRun Enabled Hidden DeleteExpiredTaskAfter IdleSettings NetworkSettings ExecutionTimeLimit Priority" +
			" RunOnlyIfIdle",
		"Actions": "! Exec",
		"Exec":    "Command Arguments WorkingDirectory",
	}
	for _, every := range intervals() {
		j := job()
		j.Every, j.Program, j.Directory = every, `C:\Program Files\a & b\execute.exe`, `C:\ProgramData\assetgraph`
		j.Settings.File = `C:\ProgramData\a & b\assetgraph.env`
		f, err := WindowsTask(j)
		require.NoError(t, err)
		texts := map[string]string{}
		var path []string
		last := map[string]int{}
		for d := xml.NewDecoder(strings.NewReader(f.Text)); ; {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			switch e := token.(type) {
			case xml.StartElement:
				require.Equal(t, "http://schemas.microsoft.com/windows/2004/02/mit/task", e.Name.Space)
				if len(path) > 0 {
					parent := path[len(path)-1]
					list := strings.Fields(known[parent])
					place := slices.Index(list, e.Name.Local)
					require.GreaterOrEqual(t, place, 0, "%s in %s", e.Name.Local, parent)
					if list[0] == "!" {
						require.Greater(t, place, last[parent], "%s in %s comes too late", e.Name.Local, parent)
						last[parent] = place
					}
				}
				path = append(path, e.Name.Local)
			case xml.EndElement:
				path = path[:len(path)-1]
			case xml.CharData:
				if len(path) > 0 {
					texts[path[len(path)-1]] += strings.TrimSpace(string(e))
				}
			}
		}
		require.Equal(t, j.Program, texts["Command"])
		require.Equal(t, `--env-file "`+j.Settings.File+`" --timeout `+duration(every*5/6), texts["Arguments"])
		require.Equal(t, j.Directory, texts["WorkingDirectory"])
		if every < 24*time.Hour {
			require.Equal(t, "PT"+strings.ToUpper(duration(every)), texts["Interval"])
		}
	}
}

type manifest struct {
	Spec struct {
		Schedule    string
		JobTemplate struct {
			Spec struct {
				ActiveDeadlineSeconds int `yaml:"activeDeadlineSeconds"`
				Template              struct {
					Spec struct {
						Containers []struct {
							Image string
							Args  []string
						}
						Volumes []struct{ Name string }
					}
				}
			}
		} `yaml:"jobTemplate"`
	}
}

func cronJob(t *testing.T, text string) (m manifest) {
	t.Helper()
	require.NoError(t, yaml.Unmarshal([]byte(text), &m))
	return m
}

// Arguments reach the container as they are.
func TestCronJobHasTheArguments(t *testing.T) {
	for _, flag := range []string{"env-file", "config"} {
		j := job()
		j.Args = words()
		j.Settings.Flag = flag
		f, err := Kubernetes(j)
		require.NoError(t, err)
		spec := cronJob(t, f.Text).Spec.JobTemplate.Spec
		c := spec.Template.Spec.Containers[0]
		require.Equal(t, j.Image, c.Image)
		require.Equal(t, 3300, spec.ActiveDeadlineSeconds)
		var first []string
		last := strings.Fields("--timeout 50m --soft-exit incomplete,withheld,busy --log-format json")
		volumes := 1
		if flag == "config" {
			first, last[0], volumes = []string{"work", "--config", "/etc/assetgraph/assetgraph.env"}, "--for", 2
		}
		require.Equal(t, slices.Concat(first, words(), last), c.Args)
		require.Len(t, spec.Template.Spec.Volumes, volumes)
	}
}

func TestDurations(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Hour: "1h PT1H", 50 * time.Minute: "50m PT50M", 90 * time.Second: "1m30s PT1M30S",
		20 * time.Hour: "20h PT20H", 70 * time.Minute: "1h10m PT1H10M",
	} {
		require.Equal(t, want, fmt.Sprint(duration(d), " ", iso(d)))
	}
}
