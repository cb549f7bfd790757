package executor

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"syscall"
	"time"

	"assetgraph/graph"
)

// holderName tells people which process holds a lease, and others on the same machine whether it still lives.
func holderName(run string) string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	process := strconv.Itoa(os.Getpid())
	if m := machine(); m != "" {
		process += " of " + m
	}
	return fmt.Sprintf("%s on %s (process %s)", run, host, process)
}

// machine returns what all processes that see each other by number have in common and no others have: since when the
// machine runs, and the namespace of its numbers. It is "" where that can't be told, which is everywhere but on Linux.
// The host's name would not do: machines are cloned, and containers may share it.
func machine() string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	numbers, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(append(boot, numbers...))
	return hex.EncodeToString(sum[:4])
}

// isGone reports whether a lease was taken by a process of this machine that has ended. In doubt it has not.
func isGone(holder string) bool {
	m := regexp.MustCompile(`\(process (\d+) of ([0-9a-f]{8})\)$`).FindStringSubmatch(holder)
	if m == nil || m[2] != machine() {
		return false
	}
	number, err := strconv.Atoi(m[1])
	if err != nil {
		return false
	}
	p, err := os.FindProcess(number)
	return err == nil && errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone)
}

// acquire takes a lease, also from a run whose process is gone.
func acquire(ctx context.Context, store graph.Leaser, instance, holder string, ttl time.Duration) (graph.Lease, error) {
	l, err := store.Acquire(ctx, instance, holder, ttl)
	held, ok := errors.AsType[*graph.HeldError](err)
	if !ok || !isGone(held.Holder) {
		return l, err
	}
	if _, err := store.Break(ctx, instance, held.Holder); err != nil {
		return l, err
	}
	return store.Acquire(ctx, instance, holder, ttl)
}
