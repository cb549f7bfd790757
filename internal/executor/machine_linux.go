package executor

import (
	"bytes"
	"os"
	"strconv"
)

// machine returns what all processes that see each other by number have in common and no others have: since when the
// machine runs, and the namespace of its numbers. It is "" where that can't be told. The host's name would not do:
// machines are cloned, and containers may share it.
func machine() string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	numbers, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	if self, err := os.Readlink("/proc/self"); err != nil || self != strconv.Itoa(os.Getpid()) {
		return "" // /proc shows processes by the numbers of another namespace
	}
	return shortDigest(boot, []byte(numbers))
}

// ended stands for when a process began that has ended, and of which only its number is left, for its parent to ask
// about.
const ended = ""

// begunAt returns when a process began, in ticks since the machine runs (proc_pid_stat(5)). ok is false where that can't
// be told.
func begunAt(number int) (ticks string, ok bool) {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(number) + "/stat")
	if err != nil {
		return "", false
	}
	const state, start = 0, 19 // of what follows the program's name, which stands in parentheses and may hold any
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	switch {
	case len(fields) <= start:
		return "", false
	case bytes.ContainsAny(fields[state], "ZX"):
		return ended, true
	}
	return string(fields[start]), true
}
