// Command pagecheck loads pages in a headless Chromium, one after the other, and prints what a reader would see as JSON lines.
//
// It reads requests as JSON lines from standard input, one for each page, so that the browser is started once.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"sync"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// request is a page to load.
type request struct {
	URL        string `json:"url"`
	Width      int64  `json:"width"` // of the window, in CSS pixels
	Dark       bool   `json:"dark"`
	Screenshot string `json:"screenshot"` // file to write; "" = none
}

// seen is what a reader sees.
type seen struct {
	layout
	Requests []string `json:"requests"` // every URL that was asked for
	Problems []string `json:"problems"` // exceptions, and what the browser reports, such as what a policy refuses
}

// layout is the page as it is laid out.
type layout struct {
	Title      string `json:"title"`
	Text       string `json:"text"`      // hidden text is missing
	Overflows  bool   `json:"overflows"` // the content is wider than the window
	Background string `json:"background"`
	Scripts    int    `json:"scripts"` // elements
}

// layoutOf is JavaScript that returns a layout.
const layoutOf = `({
	title: document.title,
	text: document.body.innerText,
	overflows: document.documentElement.scrollWidth > document.documentElement.clientWidth,
	background: getComputedStyle(document.body).backgroundColor,
	scripts: document.scripts.length,
})`

const most = time.Minute // for one page

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "pagecheck:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, in io.Reader, out io.Writer) error {
	// Containers forbid the browser's own sandbox; the pages are ours.
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.NoSandbox, chromedp.Flag("no-proxy-server", true))
	ctx, cancel := chromedp.NewExecAllocator(ctx, options...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	b, err := open(ctx)
	if err != nil {
		return fmt.Errorf("chromium: %w", err)
	}
	requests, answers := json.NewDecoder(in), json.NewEncoder(out)
	requests.DisallowUnknownFields()
	for {
		var r request
		if err := requests.Decode(&r); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("standard input: %w", err)
		}
		got, err := b.look(ctx, r)
		if err == nil {
			err = answers.Encode(got)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", r.URL, err)
		}
	}
}

// browser is a browser with one tab, which is in front: the browser draws no other.
type browser struct {
	mu                 sync.Mutex
	requests, problems []string // since the page before
}

// open starts the browser and listens to its tab.
func open(ctx context.Context) (*browser, error) {
	b := &browser{}
	return b, chromedp.Listen(ctx, func(event any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			b.requests = append(b.requests, e.Request.URL)
		case *runtime.EventExceptionThrown:
			b.problems = append(b.problems, e.ExceptionDetails.Text)
		case *log.EventEntryAdded: // what the content security policy refuses, among others
			b.problems = append(b.problems, e.Entry.Text)
		}
	})
}

// look loads a page.
func (b *browser) look(ctx context.Context, r request) (*seen, error) {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	b.mu.Lock()
	b.requests, b.problems = []string{}, []string{}
	b.mu.Unlock()
	scheme := "light"
	if r.Dark {
		scheme = "dark"
	}
	err := chromedp.Do(ctx,
		chromedp.EmulateViewport(r.Width, 900),
		chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
			})
			return err
		}),
		chromedp.Navigate(r.URL),
	)
	if err != nil {
		return nil, err
	}
	got := &seen{}
	if got.layout, err = chromedp.Run(ctx, chromedp.Evaluate[layout](layoutOf)); err != nil {
		return nil, err
	}
	b.mu.Lock()
	got.Requests, got.Problems = b.requests, b.problems
	b.mu.Unlock()
	if r.Screenshot == "" {
		return got, nil
	}
	return got, shoot(ctx, r)
}

// tallest is how many pixels of a page are pictured: a taller picture is more than the browser draws.
const tallest = 6000

// shoot writes a picture of the page.
func shoot(ctx context.Context, r request) error {
	height, err := chromedp.Run(ctx, chromedp.Evaluate[float64]("document.documentElement.scrollHeight"))
	if err != nil {
		return err
	}
	shot, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatPng, CaptureBeyondViewport: new(true),
		Clip: &page.Viewport{Width: float64(r.Width), Height: min(height, tallest), Scale: 1},
	})
	if err != nil {
		return err
	}
	return os.WriteFile(r.Screenshot, shot.Data, 0o600)
}
