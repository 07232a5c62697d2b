package app

import (
	"fmt"
	"io"
	"sync"
)

// progress is a line on a terminal that says how far the check has come. It writes nothing where no person reads.
type progress struct {
	out io.Writer // nil: nothing is written

	mu           sync.Mutex
	ended, total int
	latest       string
}

func newProgress(out io.Writer) *progress {
	if !isTerminal(out) {
		out = nil
	}
	return &progress{out: out}
}

// expect adds feeds to those that are to be checked.
func (p *progress) expect(feeds int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.total += feeds
}

// begin shows which feed is checked.
func (p *progress) begin(account, feed string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.latest = account + " " + feed
	p.show()
}

// done counts a feed.
func (p *progress) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended++
	p.show()
}

func (p *progress) show() {
	if p.out != nil {
		fmt.Fprintf(p.out, "\r\x1b[Kchecking: %d of %d feeds (%.60s)", p.ended, p.total, p.latest)
	}
}

// end removes the line.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.out != nil {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}
