package executor

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
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
		if begun, ok := begunAt(os.Getpid()); ok {
			process += ", begun " + begun
		}
	}
	return fmt.Sprintf("%s on %s (process %s)", run, host, process)
}

// shortDigest returns what stands for a machine in the name of a holder.
func shortDigest(parts ...[]byte) string {
	sum := sha256.Sum256(slices.Concat(parts...))
	return hex.EncodeToString(sum[:4])
}

// IsGone reports whether a lease was taken by a process of this machine that has ended. In doubt it has not.
func IsGone(holder string) bool {
	m := regexp.MustCompile(`\(process (\d+) of ([0-9a-f]{8})(?:, begun (\d+))?\)$`).FindStringSubmatch(holder)
	if m == nil || m[2] != machine() {
		return false
	}
	number, err := strconv.Atoi(m[1])
	if err != nil {
		return false
	}
	p, err := os.FindProcess(number)
	if err != nil {
		return false
	}
	if errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone) {
		return true
	}
	begun, ok := begunAt(number) // the number may be another process's by now: in a container that starts anew it is
	return ok && (begun == ended || m[3] != "" && begun != m[3])
}

// acquire takes a lease, also from a run whose process is gone.
func acquire(ctx context.Context, store graph.Leaser, instance, holder string, ttl time.Duration) (graph.Lease, error) {
	l, err := store.Acquire(ctx, instance, holder, ttl)
	held, ok := errors.AsType[*graph.HeldError](err)
	if !ok || !IsGone(held.Holder) {
		return l, err
	}
	if _, err := store.Break(ctx, instance, held.Holder); err != nil {
		return l, err
	}
	return store.Acquire(ctx, instance, holder, ttl)
}
