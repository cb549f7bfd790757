// Command simulate serves a made-up fleet as SentinelOne, NinjaRMM, ImmyBot and the Entra token endpoint on loopback
// until it is interrupted, and prints the settings under which the program finds it:
//
//	go run ./tools/simulate --machines 100000 > sim.env
//
// At the end it prints, on standard error, what was asked and what clients did wrong.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"assetgraph/internal/simulator"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, out, report io.Writer) error {
	var o simulator.Options
	export, control, habits := false, false, ""
	flags := flag.NewFlagSet("simulate", flag.ContinueOnError)
	flags.SetOutput(report)
	flags.IntVar(&o.Machines, "machines", 500, "how many machines the fleet has")
	flags.IntVar(&o.Customers, "customers", 20, "how many customers they belong to")
	flags.Uint64Var(&o.Seed, "seed", 0, "another seed, another fleet")
	flags.DurationVar(&o.Latency, "latency", 0, "added to each answer")
	flags.IntVar(&o.PageCap, "page-limit", 1000, "NinjaRMM's silent maximum of rows in a page")
	flags.IntVar(&o.FirstPort, "port", 0, "first of four ports; 0 = any free ones")
	flags.BoolVar(&o.Gzip, "gzip", false, "compress answers")
	flags.BoolVar(&o.Unlimited, "unlimited", false, "no limit of requests a second or in flight")
	flags.BoolVar(&o.RefreshToken, "refresh-token", false, "NinjaRMM is set up for the authorization-code flow")
	flags.BoolVar(&o.AccountsForbidden, "site-token", false, "the SentinelOne token is one of a site: no accounts")
	flags.StringVar(&habits, "habits", "",
		"plant habits of real fleets: all, or names joined by commas; list prints them")
	flags.IntVar(&o.Foreign, "foreign", 0, "plant so many machines with several habits each")
	flags.IntVar(&o.Docked, "docked", 0, "plant so many laptops of one customer that share docks")
	flags.BoolVar(&control, "control", false, "let others change the fleet: POST $"+controlVariable+"/advance?edit=N")
	flags.BoolVar(&export, "export", false, "print the settings as shell commands")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch habits {
	case "":
	case "all":
		o.Habits = simulator.AllHabits()
	case "list":
		for name, practice := range simulator.Habits() {
			fmt.Fprintf(out, "%s: %s\n", name, practice)
		}
		return nil
	default:
		o.Habits = strings.Split(habits, ",")
	}
	s, err := simulator.Start(o)
	if err != nil {
		return err
	}
	env, stop := s.Env(), func() error { return nil }
	if control {
		if env[controlVariable], stop, err = serveControl(s); err != nil {
			return errors.Join(err, s.Close())
		}
	}
	printEnv(out, env, export)
	<-ctx.Done()
	summarise(report, s)
	return errors.Join(stop(), s.Close())
}

// printEnv prints one variable on each line.
func printEnv(out io.Writer, env map[string]string, export bool) {
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if export {
			fmt.Fprintf(out, "export %s='%s'\n", name, strings.ReplaceAll(env[name], "'", `'\''`))
		} else {
			fmt.Fprintf(out, "%s='%s'\n", name, env[name])
		}
	}
}

// summarise prints what clients asked for and what they did wrong.
func summarise(report io.Writer, s *simulator.Simulator) {
	requests := s.Requests()
	for _, route := range slices.Sorted(maps.Keys(requests)) {
		fmt.Fprintf(report, "%7d %s\n", requests[route], route)
	}
	fmt.Fprintf(report, "%7.1f MB served\n", float64(s.Bytes())/1e6)
	for _, mistake := range s.Mistakes() {
		fmt.Fprintln(report, "mistake:", mistake)
	}
}
