// Package schedule writes what makes a scheduler start the program: units of systemd, a line of a crontab, a CronJob of
// Kubernetes, a task of Windows. What it writes is there to be read and changed; nothing is installed.
//
// It may import nothing. Commands and documentation use it.
package schedule

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// A Job is what is to be started, and when.
type Job struct {
	Program   string   // absolute path
	Directory string   // absolute path of the folder in which it works
	Args      []string // but those for Settings and Timeout
	Settings  Settings
	User      string // who runs it, where a scheduler asks that
	Image     string // container image, for Kubernetes
	Every     time.Duration
	Timeout   time.Duration // after which the program gives up; 0 for five sixths of Every
}

// Settings is the file that says what is read.
type Settings struct {
	Flag string // by which the program is told of it: "env-file" or "config"
	File string // absolute path; "" when the settings are elsewhere
}

// ErrEvery is in errors of intervals that not all schedulers can keep.
var ErrEvery = errors.New("schedulers keep 5m, 10m, 15m, 20m, 30m, 1h, 2h, 3h, 4h, 6h, 8h, 12h and 24h")

// offset is the minute at which jobs start: not that of everybody, since providers are busiest on the hour.
const offset = 17

// firstHour is the hour at which a daily job starts, and the first of the day for one every some hours.
const firstHour = 3

// check says what is wrong with a job.
func (j Job) check() error {
	for _, text := range append([]string{j.Program, j.Directory, j.Settings.File, j.User, j.Image}, j.Args...) {
		if strings.ContainsFunc(text, unicode.IsControl) {
			return fmt.Errorf("%q would break the line that it stands in", text)
		}
	}
	if j.User != "" && !regexp.MustCompile(`^[a-z_][a-z0-9_-]*$`).MatchString(j.User) {
		return fmt.Errorf("%q is no name of a user", j.User)
	}
	minutes := int(j.Every / time.Minute)
	whole := j.Every == time.Duration(minutes)*time.Minute
	switch {
	case whole && minutes >= 5 && minutes <= 60 && 60%minutes == 0 && minutes != 6 && minutes != 12:
	case whole && minutes > 60 && minutes%60 == 0 && 24%(minutes/60) == 0 && minutes <= 24*60:
	default:
		return fmt.Errorf("%s is no interval that fits into an hour or a day: %w", j.Every, ErrEvery)
	}
	if limit := j.limit(); limit <= 0 || limit > j.Every {
		return fmt.Errorf("a run may take %s, and the next one starts after %s", limit, j.Every)
	}
	return nil
}

// limit is the time after which the program gives up.
func (j Job) limit() time.Duration {
	if j.Timeout != 0 {
		return j.Timeout
	}
	return j.Every * 5 / 6
}

// stop is the time after which the scheduler ends a program that did not end by itself.
func (j Job) stop() time.Duration { return j.limit() + j.Every/12 }

// spread is the time within which a start may be put off, so that not all machines start at once.
func (j Job) spread() time.Duration { return j.Every / 12 }

// args returns all arguments, with the settings file at the given place: schedulers may move it.
func (j Job) args(settings string) []string {
	var list []string
	limit := "--timeout"
	if j.Settings.Flag == "config" {
		list, limit = append(list, "work"), "--for"
	}
	if settings != "" {
		list = append(list, "--"+j.Settings.Flag, settings)
	}
	return append(append(list, j.Args...), limit, duration(j.limit()))
}

// duration writes a time as flags and systemd take it, without zeros at its end.
func duration(d time.Duration) string {
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = text[:len(text)-len("0s")]
		}
	}
	return text
}

// iso writes a time as XML Schema does.
func iso(d time.Duration) string { return "PT" + strings.ToUpper(duration(d)) }

// times returns the minutes of an hour and the hours of a day at which a job starts; no hours stand for each.
func (j Job) times() (minutes, hours []int) {
	every := int(j.Every / time.Minute)
	for m := offset % min(every, 60); m < 60; m += min(every, 60) {
		minutes = append(minutes, m)
	}
	if every <= 60 {
		return minutes, nil
	}
	for h := firstHour % (every / 60); h < 24; h += every / 60 {
		hours = append(hours, h)
	}
	return minutes, hours
}
