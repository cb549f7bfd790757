// Command bench measures whole runs of execute against the least that the same work can cost, side by side on one
// machine:
//
//	go run ./tools/bench --machines 100000 --write docs/performance.md
//
// Ours is the program itself, built from this working copy and started as people start it. Each floor is a small plain
// program (floor_*.go) that does the unavoidable part and nothing else, in a process of its own. What a case measures
// is said in its case_*.go.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

// Exit codes.
const (
	exitFailed = 1 // a case could not be measured, or what it requires of a run does not hold
	exitUsage  = 2
)

func main() {
	if isFloor(os.Args) {
		os.Exit(runFloor(context.Background(), os.Args[1], os.Stdin, os.Stdout, os.Stderr))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// options are what the command line asks for.
type options struct {
	machines int
	repeat   int
	cases    []string // names; empty for all
	stores   []string // sqlite, neo4j
	document string   // Markdown file that gets the table, "" for none
	raw      string   // file that gets every sample, "" for none
	programs string   // for tests: folder of execute and simulate, "" to build them
	brief    bool     // for tests, since Neo4j takes long to learn statements: one server, SentinelOne alone, no MERGE
}

const usageText = `Usage: go run ./tools/bench [flags]

Builds execute and simulate, serves a made-up fleet from a process of its own, and measures each case against
its floor, alternating, --repeat times. Prints a table; progress goes to standard error.

Flags:
`

func parse(args []string, help io.Writer) (*options, error) {
	o := &options{}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(help)
	flags.Usage = func() {
		fmt.Fprint(help, usageText)
		flags.PrintDefaults()
		fmt.Fprintln(help, "\nCases:")
		for _, c := range cases() {
			fmt.Fprintf(help, "  %-13s %s\n", c.name, c.about)
		}
	}
	flags.IntVar(&o.machines, "machines", 10_000, "how many machines the fleet has")
	flags.IntVar(&o.repeat, "repeat", 3, "how often each figure is taken")
	names := flags.String("case", "", "`names` of cases, joined by commas (default all but peer)")
	store := flags.String("graph", "both", "`store`: sqlite, neo4j or both")
	flags.StringVar(&o.document, "write", "", "Markdown `file` whose table is replaced")
	flags.StringVar(&o.raw, "json", "", "`file` for every sample and every row, as JSON lines")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if o.machines < 20 || o.repeat < 1 {
		return nil, errors.New("at least 20 machines and one repetition are needed")
	}
	if *names != "" {
		o.cases = strings.Split(*names, ",")
	}
	return o, o.chooseStores(*store)
}

func (o *options) chooseStores(name string) error {
	switch name {
	case "both":
		o.stores = []string{sqliteStore, neo4jStore}
	case sqliteStore, neo4jStore:
		o.stores = []string{name}
	default:
		return fmt.Errorf("--graph %s: known are sqlite, neo4j, both", name)
	}
	for _, name := range o.cases {
		if !slices.ContainsFunc(cases(), func(c benchCase) bool { return c.name == name }) {
			return fmt.Errorf("--case %s: no such case", name)
		}
	}
	return nil
}

func run(ctx context.Context, args []string, out, log io.Writer) int {
	o, err := parse(args, log)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintln(log, "bench:", err, "(see --help)")
		return exitUsage
	}
	results, err := measure(ctx, o, log)
	if results != nil {
		fmt.Fprint(out, results.markdown())
		err = errors.Join(err, results.save(o))
	}
	if err != nil {
		fmt.Fprintln(log, "bench:", err)
		return exitFailed
	}
	return 0
}

// results are all that one bench found.
type results struct {
	Machine machine
	Sizes   *sizes // nil when no case read and wrote the whole fleet
	Rows    []row
	Samples []sample
}

// save writes what was asked for.
func (r *results) save(o *options) error {
	var errs []error
	if o.document != "" {
		errs = append(errs, writeSection(o.document, r.markdown()))
	}
	if o.raw != "" {
		errs = append(errs, r.saveRaw(o.raw))
	}
	return errors.Join(errs...)
}

// saveRaw writes one JSON object a line: the machine, every sample, every row.
func (r *results) saveRaw(path string) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	e := json.NewEncoder(f)
	lines := []any{map[string]any{"machine": r.Machine}}
	if r.Sizes != nil {
		lines = append(lines, map[string]any{"sizes": r.Sizes})
	}
	for _, s := range r.Samples {
		lines = append(lines, map[string]any{"sample": s})
	}
	for _, row := range r.Rows {
		lines = append(lines, map[string]any{"row": row})
	}
	for _, line := range lines {
		if err := e.Encode(line); err != nil {
			return err
		}
	}
	return nil
}
