package schedule

import (
	"bytes"
	"embed"
	"encoding/xml"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
	"text/template"
	"time"
)

//go:embed templates
var templates embed.FS

// A File is one file that a scheduler reads: the place where it belongs, and its text.
type File struct {
	Name string // absolute path, or a name where the scheduler takes it from anywhere
	Text string
}

// Systemd returns a service and its timer. The service runs the program without rights, as a user that exists while it
// runs. The settings are a credential: root alone need be able to read them. Directory is the state folder of the
// service, and so one below /var/lib.
func Systemd(j Job) ([]File, error) {
	if err := j.check(); err != nil {
		return nil, err
	}
	folder, ok := strings.CutPrefix(path.Clean(j.Directory), "/var/lib/")
	if !ok || strings.Contains(folder, "/") {
		return nil, fmt.Errorf("a service keeps its files in a folder of /var/lib, not in %s", j.Directory)
	}
	minutes, hours := j.times()
	settings, credential := "", ""
	if j.Settings.File != "" {
		credential = path.Base(j.Settings.File)
		settings = "%d/" + credential
	}
	words := []string{systemdWord(j.Program)}
	for _, a := range j.args(settings) {
		word := systemdWord(a)
		if a == settings {
			word = "%d/" + systemdWord(credential) // the specifier is meant
		}
		words = append(words, word)
	}
	data := map[string]any{
		"Command": strings.Join(words, " "), "Credential": credential, "Settings": j.Settings.File, "User": j.User,
		"Config": j.Settings.Flag == "config",
		"Folder": folder, "Calendar": calendar(minutes, hours), "Spread": duration(j.spread()),
		"Stop": duration(j.stop()),
	}
	var files []File
	for _, name := range []string{"assetgraph.service", "assetgraph.timer"} {
		f, err := file("/etc/systemd/system/"+name, name, data)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// Cron returns a file with one line for cron.
func Cron(j Job) (File, error) {
	if err := j.check(); err != nil {
		return File{}, err
	}
	minutes, hours := j.times()
	words := []string{shellWord(j.Program)}
	for _, a := range j.args(j.Settings.File) {
		words = append(words, shellWord(a))
	}
	command := "cd " + shellWord(j.Directory) + " && " + strings.Join(words, " ")
	return file("/etc/cron.d/assetgraph", "crontab", map[string]any{
		"Minutes": numbers(minutes), "Hours": numbers(hours), "User": j.User,
		"Command": strings.ReplaceAll(command, "%", `\%`), // which is a line break to cron
	})
}

// Kubernetes returns a CronJob. Its settings are a Secret that is made of the settings file. The chart in deploy/helm
// can do more.
func Kubernetes(j Job) (File, error) {
	if err := j.check(); err != nil {
		return File{}, err
	}
	minutes, hours := j.times()
	settings := ""
	if j.Settings.Flag == "config" {
		settings = "/etc/assetgraph/" + path.Base(j.Settings.File)
	}
	args := j.args(settings)
	args = append(args, "--soft-exit", "incomplete,withheld,busy", "--log-format", "json")
	words := make([]string, 0, len(args))
	for _, a := range args {
		words = append(words, strconv.Quote(a))
	}
	return file("cronjob.yaml", "cronjob.yaml", map[string]any{
		"Schedule": numbers(minutes) + " " + numbers(hours) + " * * *", "Image": j.Image,
		"Args":     strings.Join(words, ", "),
		"Settings": j.Settings.File, "Config": settings != "", "Late": int(j.Every.Seconds() / 6),
		"Stop": int(j.stop().Seconds()),
	})
}

// WindowsTask returns a task for the Task Scheduler of Windows, as XML. Program, Directory and Settings are paths of
// Windows.
func WindowsTask(j Job) (File, error) {
	if err := j.check(); err != nil {
		return File{}, err
	}
	minutes, hours := j.times()
	first := 0
	if hours != nil {
		first = hours[0]
	}
	words := []string{}
	for _, a := range j.args(j.Settings.File) {
		words = append(words, windowsWord(a))
	}
	return file("assetgraph.xml", "task.xml", map[string]any{
		"Program": j.Program, "Arguments": strings.Join(words, " "), "Directory": j.Directory,
		"Start": fmt.Sprintf("2026-01-01T%02d:%02d:00", first, minutes[0]), "Every": iso(j.Every),
		"Repeated": j.Every < 24*time.Hour, "Spread": iso(j.spread()), "Stop": iso(j.stop()),
	})
}

// file makes a file of a template.
func file(name, of string, data map[string]any) (File, error) {
	data["File"] = name
	t, err := template.New(of).Funcs(template.FuncMap{"xml": escapeXML}).ParseFS(templates, "templates/"+of)
	if err != nil {
		return File{}, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, data)
	return File{name, b.String()}, err
}

// numbers writes numbers as cron does, "*" for all.
func numbers(list []int) string {
	if list == nil {
		return "*"
	}
	texts := make([]string, 0, len(list))
	for _, n := range list {
		texts = append(texts, strconv.Itoa(n))
	}
	return strings.Join(texts, ",")
}

// calendar writes times as systemd does.
func calendar(minutes, hours []int) string {
	two := func(list []int) string {
		if list == nil {
			return "*"
		}
		texts := make([]string, 0, len(list))
		for _, n := range list {
			texts = append(texts, fmt.Sprintf("%02d", n))
		}
		return strings.Join(texts, ",")
	}
	return "*-*-* " + two(hours) + ":" + two(minutes) + ":00"
}

// plain is a word that no shell, and no systemd, takes for anything else.
func plain(word string) bool { return regexp.MustCompile(`^[A-Za-z0-9_@+=:,./-]+$`).MatchString(word) }

func shellWord(word string) string {
	if plain(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// systemdWord writes a word of ExecStart=: what stands for something else is doubled, the rest is quoted.
func systemdWord(word string) string {
	word = strings.NewReplacer("%", "%%", "$", "$$", `\`, `\\`, `"`, `\"`).Replace(word)
	if plain(strings.ReplaceAll(word, "%%", "")) {
		return word
	}
	return `"` + word + `"`
}

// windowsWord writes an argument as programs on Windows read it: backslashes before a quotation mark are doubled.
func windowsWord(word string) string {
	if word != "" && !strings.ContainsAny(word, " \t\"") {
		return word
	}
	word = regexp.MustCompile(`(\\*)"`).ReplaceAllString(word, `$1$1\"`)
	return `"` + regexp.MustCompile(`(\\+)$`).ReplaceAllString(word, `$1$1`) + `"`
}

func escapeXML(text string) (string, error) {
	var b strings.Builder
	err := xml.EscapeText(&b, []byte(text))
	return b.String(), err
}
