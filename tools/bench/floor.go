package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// A floor is started as this program with its name as the first argument, reads what it needs as JSON from standard
// input and prints what it did as JSON.
const (
	floorPrefix = "floor-"
	floorFetch  = floorPrefix + "fetch"
	floorSQLite = floorPrefix + "sqlite"
	floorNeo4j  = floorPrefix + "neo4j"
)

// work is what a floor did.
type work struct {
	Seconds  float64 `json:"seconds"` // of the loop itself, without the time to get ready
	Requests int     `json:"requests,omitempty"`
	Bytes    int64   `json:"bytes,omitempty"`
	Rows     int     `json:"rows,omitempty"`
	Variant  string  `json:"variant,omitempty"`
}

func isFloor(args []string) bool { return len(args) == 2 && strings.HasPrefix(args[1], floorPrefix) }

// runFloor is the process of a floor.
func runFloor(ctx context.Context, name string, in io.Reader, out, errs io.Writer) int {
	w, err := doFloor(ctx, name, json.NewDecoder(in))
	if err == nil {
		err = json.NewEncoder(out).Encode(w)
	}
	if err != nil {
		fmt.Fprintln(errs, name+":", err)
		return exitFailed
	}
	return 0
}

func doFloor(ctx context.Context, name string, in *json.Decoder) (work, error) {
	switch name {
	case floorFetch:
		return decoded(ctx, in, fetch)
	case floorSQLite:
		return decoded(ctx, in, loadSQLite)
	case floorNeo4j:
		return decoded(ctx, in, loadNeo4j)
	}
	return work{}, errors.New("no such floor")
}

func decoded[T any](ctx context.Context, in *json.Decoder, do func(context.Context, T) (work, error)) (work, error) {
	var input T
	if err := in.Decode(&input); err != nil {
		return work{}, err
	}
	return do(ctx, input)
}

// floor starts the process of a floor and returns what it did, as a sample of that name.
func (f *fleet) floor(ctx context.Context, floor, name, store string, input any) (sample, error) {
	self, err := os.Executable()
	if err != nil {
		return sample{}, err
	}
	text, err := json.Marshal(input)
	if err != nil {
		return sample{}, err
	}
	cmd := exec.CommandContext(ctx, self, floor)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Dir = bytes.NewReader(text), &out, &errs, f.session.folder
	if err := cmd.Run(); err != nil {
		return sample{}, fmt.Errorf("%s: %w\n%s", name, err, errs.String())
	}
	one := sample{Name: name, Store: store, Machines: f.machines, Floor: &work{}}
	if err := json.Unmarshal(out.Bytes(), one.Floor); err != nil {
		return sample{}, fmt.Errorf("%s: %w", name, err)
	}
	one.Seconds = one.Floor.Seconds
	one.CPU, one.PeakMiB = usage(cmd)
	f.session.record(one)
	return one, nil
}

// fetchAll reads all pages that a run reads and throws them away.
func (f *fleet) fetchAll(ctx context.Context) (sample, error) {
	r, err := f.recording(ctx)
	if err != nil {
		return sample{}, err
	}
	return f.fetch(ctx, floorFetch, r)
}

// fetch reads pages and throws them away.
func (f *fleet) fetch(ctx context.Context, name string, r recording) (sample, error) {
	one, err := f.floor(ctx, floorFetch, name, "", fetchInput{Requests: r})
	if err == nil && one.Floor.Bytes != r.bytes() {
		err = fmt.Errorf("%s: %d bytes instead of %d", name, one.Floor.Bytes, r.bytes())
	}
	return one, err
}
