package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"assetgraph/internal/schedule"
)

// schedules are the commands whose output docs/cron.md shows, by their flag. A test of cmd/execute runs them and
// compares.
func schedules() (map[string][]schedule.File, error) {
	job := schedule.Job{
		Program: "/usr/local/bin/execute", Directory: "/var/lib/assetgraph", User: "assetgraph",
		Settings: schedule.Settings{Flag: "env-file", File: "/etc/assetgraph/assetgraph.env"},
		Image:    "registry.example.com/assetgraph:1", Every: time.Hour,
	}
	windows := job
	windows.Program, windows.Directory = `C:\Program Files\assetgraph\execute.exe`, `C:\ProgramData\assetgraph`
	windows.Settings.File = `C:\ProgramData\assetgraph\assetgraph.env`
	units, err := schedule.Systemd(job)
	all := map[string][]schedule.File{"systemd": units}
	for flag, print := range map[string]func(schedule.Job) (schedule.File, error){
		"cron": schedule.Cron, "kubernetes": schedule.Kubernetes, "windows-task": schedule.WindowsTask,
	} {
		j := job
		if flag == "windows-task" {
			j = windows
		}
		f, printErr := print(j)
		all[flag] = []schedule.File{f}
		err = errors.Join(err, printErr)
	}
	return all, err
}

// scheduled returns the units of deploy/systemd and docs/cron.md with the outputs that it shows:
//
//	<!-- output of: execute schedule print --cron … -->
//	```cron
//	what it prints
//	```
//	<!-- end of output -->
func scheduled(root string) ([]file, error) {
	all, err := schedules()
	if err != nil {
		return nil, err
	}
	var files []file
	for _, unit := range all["systemd"] {
		files = append(files, file{"deploy/systemd/" + filepath.Base(unit.Name), unit.Text})
	}
	text, err := os.ReadFile(filepath.Join(root, "docs/cron.md"))
	if errors.Is(err, fs.ErrNotExist) {
		return files, nil
	}
	if err != nil {
		return nil, err
	}
	shown := regexp.MustCompile("(?s)(<!-- output of: execute schedule print --([a-z-]+) [^\n]*-->\n```[a-z]+\n)" +
		".*?(```\n<!-- end of output -->)")
	renewed := shown.ReplaceAllStringFunc(string(text), func(block string) string {
		m := shown.FindStringSubmatch(block)
		texts := []string{}
		for _, f := range all[m[2]] {
			texts = append(texts, f.Text)
		}
		if len(texts) == 0 {
			err = fmt.Errorf("docs/cron.md: schedule print knows no --%s", m[2])
		}
		return m[1] + strings.Join(texts, "\n") + m[3]
	})
	return append(files, file{"docs/cron.md", renewed}), err
}
