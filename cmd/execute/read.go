package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"assetgraph/graph"
)

// withGraph opens the graph, hands it to f together with the schema, and closes it.
func (a *app) withGraph(
	ctx context.Context, want access, f func(context.Context, graph.Store, *graph.Schema) error,
) error {
	endpoint, err := a.endpoint(ctx)
	if err != nil {
		return err
	}
	schema, err := a.providers.Schema()
	if err != nil {
		return err
	}
	store, err := a.open(ctx, endpoint, schema, want)
	if err != nil {
		return err
	}
	return closing(store, f(ctx, store, schema))
}

// owners returns the instances that own something in the graph.
func owners(ctx context.Context, store graph.Reader) ([]string, error) {
	populations, err := store.Counts(ctx)
	if err != nil {
		return nil, fmt.Errorf("count what the graph holds: %w", err)
	}
	var names []string
	for _, p := range populations {
		if !slices.Contains(names, p.Instance) {
			names = append(names, p.Instance)
		}
	}
	return names, nil
}

// checkOwners returns an error when --instance names one that owns nothing in the graph.
func (a *app) checkOwners(ctx context.Context, store graph.Reader) error {
	if len(a.flags.instances) == 0 {
		return nil
	}
	names, err := owners(ctx, store)
	if err != nil {
		return err
	}
	for _, i := range a.flags.instances {
		if !slices.Contains(names, i) {
			return usagef("", "--instance %s: the graph holds those of %s", i, listOr(names, "none"))
		}
	}
	return nil
}

func listOr(list []string, none string) string {
	if len(list) == 0 {
		return none
	}
	return strings.Join(list, ", ")
}
