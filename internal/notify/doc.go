// Package notify tells people what they have to know of runs, by webhooks: that an instance fails, is incomplete, has
// deletes withheld, that the coverage of a customer fell, and that each of these is over.
//
// What is to be known is a finding, which lasts over many runs under one id. A target is told when a finding opens, when
// it becomes another one, and when it closes; what it was told is remembered, so that it is told once, however many runs
// lie between, and again in the next run when a message could not be delivered.
//
// Nothing here fails a run or keeps it from ending for longer than the context that is given.
package notify
