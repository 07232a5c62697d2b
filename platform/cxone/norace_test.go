//go:build !race

package cxone

// mostAllocations is how many a read of 10,000 agents may make.
const mostAllocations = 1000
