//go:build race

package cxone

// mostAllocations is how many a read of 10,000 agents may make. The race detector drops every fourth thing that is put back into
// a sync.Pool, and the decoder then makes a new one.
const mostAllocations = 9500
