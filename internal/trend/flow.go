package trend

import "assetgraph/graph"

// A place is how a machine stood with one tool at a look.
type place struct {
	customer graph.Key
	name     string // of the customer
	there    bool   // the graph had the machine
	excluded bool   // it was left out
	counts   bool   // it should have the tool, or has it
	has      bool
}

func (p *place) counted() bool { return p.there && !p.excluded && p.counts }

// flowsOf returns in which flow a machine left the customer that it was counted for, and in which it came to the one
// that it is counted for now; "" for none. What becomes of the tool on a machine that stays is a flow by itself, the
// second. All flows of a customer together are the difference between the two figures.
func flowsOf(before, now place, merged bool) (out, in graph.Flow) {
	was, is := before.counted(), now.counted()
	switch {
	case was && is && before.customer == now.customer:
		return "", ofTool(before.has, now.has)
	case was && is:
		return either(before.has, graph.MovedOutWith, graph.MovedOutWithout),
			either(now.has, graph.MovedInWith, graph.MovedInWithout)
	case was && merged:
		return either(before.has, graph.MergedWith, graph.MergedWithout), ""
	case was && !now.there:
		return either(before.has, graph.GoneWith, graph.GoneWithout), ""
	case was && now.excluded:
		return either(before.has, graph.ExcludedWith, graph.ExcludedWithout), ""
	case was:
		return either(before.has, graph.UnfitWith, graph.UnfitWithout), ""
	case is && !before.there:
		return "", either(now.has, graph.NewWith, graph.NewWithout)
	case is && before.excluded:
		return "", either(now.has, graph.IncludedWith, graph.IncludedWithout)
	case is:
		return "", either(now.has, graph.FitWith, graph.FitWithout)
	}
	return "", ""
}

func ofTool(had, has bool) graph.Flow {
	switch {
	case had && !has:
		return graph.Lost
	case has && !had:
		return graph.Gained
	}
	return ""
}

func either(has bool, with, without graph.Flow) graph.Flow {
	if has {
		return with
	}
	return without
}
