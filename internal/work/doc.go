// Package work shares the instances of a graph out among workers that know nothing of each other.
//
// An instance is due when so much time has passed since its last run began as it says. A worker takes the one that is most
// overdue and that nobody holds, has it done, and takes the next, until none is left. What keeps two from doing the same is
// the instance's lease, and a second look at when it was done last once that is held. Correlating is one more piece of
// work, for whoever is the last to find the graph changed.
package work
