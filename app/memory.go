package app

import (
	"os"
	"runtime/debug"
)

// garbagePercent is how much garbage may come to what is in use before it is collected; Go's own default is 100. With 200
// accounts, queues and streams that is a sixth of the memory for about a thirtieth of a processor.
const garbagePercent = 50

// saveMemory collects garbage earlier than Go does by itself, unless GOGC in the environment says when: the exporter works for
// a moment of each scrape interval, and holds its memory all the time. Before the first page it holds little, and is in a hurry.
func saveMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
}
