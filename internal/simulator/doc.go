// Package simulator plays SentinelOne, NinjaRMM, ImmyBot and the Entra token endpoint on loopback, all from one made-up
// fleet whose machines, customers and people overlap as they do in life.
//
// It is an independent reading of the vendors' documentation: it imports nothing of the project, is as strict as that
// documentation where a client can go wrong, and keeps a list of what a client did wrong ([Simulator.Mistakes]). Texts
// that must never leave the HTTP client are planted in the answers ([Simulator.Secrets]), and what the answers hold is
// known beforehand ([Simulator.Truth], [Simulator.Totals]).
//
// On top of the fleet come habits of real fleets where they are asked for ([Habits], [Options.Habits],
// [Options.Foreign]): machines, customers and people that are known to be mistaken for each other, each with the truth
// ([Simulator.Labels], [Simulator.CustomerLabels], [Simulator.PersonLabels]).
//
// Nothing but 36 bytes per machine is stored. Every record is rendered on demand from the seed and the machine's
// number, so the same options give the same bytes, and a fleet of a million machines starts within seconds.
package simulator
