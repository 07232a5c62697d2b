package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// look is a page in the browser, as pagecheck reads it.
type look struct {
	URL        string `json:"url"`
	Width      int    `json:"width"`
	Dark       bool   `json:"dark"`
	Screenshot string `json:"screenshot,omitempty"`
}

// sight is what pagecheck saw.
type sight struct {
	Title, Text, Background string
	Overflows               bool
	Scripts                 int
	Requests, Problems      []string
}

// looks are a desk by day and a phone by night.
var looks = []look{{Width: 1280}, {Width: 360, Dark: true}}

// browser is a pagecheck at work. It is started by the first test that needs it: a browser of its own costs each test seconds of
// processor time.
type browser struct {
	mu     sync.Mutex
	check  *exec.Cmd // nil = not started
	in     io.WriteCloser
	out    *json.Decoder
	stderr bytes.Buffer
}

var theBrowser browser

// start must be called with the lock held.
func (b *browser) start() (err error) {
	if b.check != nil {
		return nil
	}
	check := exec.Command("pagecheck")
	check.Stderr = &b.stderr
	if b.in, err = check.StdinPipe(); err != nil {
		return err
	}
	out, err := check.StdoutPipe()
	if err != nil {
		return err
	}
	b.check, b.out = check, json.NewDecoder(out)
	return check.Start()
}

// see looks at one page.
func (b *browser) see(l look) (got sight, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.start(); err != nil {
		return got, err
	}
	if err := json.NewEncoder(b.in).Encode(l); err != nil {
		return got, err
	}
	return got, b.out.Decode(&got)
}

func (b *browser) stop() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.check == nil || b.check.Process == nil {
		return nil
	}
	_ = b.in.Close()
	if err := b.check.Wait(); err != nil {
		return fmt.Errorf("pagecheck: %w\n%s", err, &b.stderr)
	}
	return nil
}

// browse opens a page as people see it, and wants a page that fits, needs no script, loads nothing but itself and has these
// texts. CCAAS_SCREENSHOTS names a folder for pictures of it.
func browse(t *testing.T, url string, texts ...string) {
	t.Helper()
	for _, program := range []string{"pagecheck", "chromium"} {
		if _, err := exec.LookPath(program); err == nil {
			continue
		}
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is missing: make test installs it", program)
		}
		t.Logf("NOT CHECKED: the page in a browser, because %s is missing", program)
		return
	}
	for _, l := range looks {
		l.URL = url
		if folder := os.Getenv("CCAAS_SCREENSHOTS"); folder != "" {
			light := map[bool]string{true: "dark", false: "light"}[l.Dark]
			l.Screenshot = filepath.Join(folder, strings.ReplaceAll(t.Name(), "/", "-")+"-"+light+".png")
		}
		got, err := theBrowser.see(l)
		if err != nil {
			t.Fatalf("pagecheck: %v", err)
		}
		for _, text := range texts {
			if !strings.Contains(got.Text, text) {
				t.Errorf("%d pixels wide the page lacks %q:\n%s", l.Width, text, got.Text)
			}
		}
		want := sight{
			Title: got.Title, Text: got.Text, Background: map[bool]string{true: "rgb(20, 23, 26)", false: "rgb(255, 255, 255)"}[l.Dark],
			Requests: []string{url}, Problems: []string{},
		}
		got.Requests = slices.DeleteFunc(got.Requests, func(url string) bool { return url == "data:," }) // the icon
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d pixels wide (-want +got):\n%s", l.Width, diff)
		}
	}
}

// TestPageInBrowser looks at states that no demo shows.
func TestPageInBrowser(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status *status
		texts  []string
	}{
		"nothing configured": {&status{Time: at}, []string{"No configuration is applied yet"}},
		"200 accounts":       {fleetStatus(), []string{"account-077 is critical, 199 accounts are operational", "account-000", "account-199", "500 more are in api/status"}},
		"hostile names":      {hostileStatus(), []string{`"><script>alert(1)</script><img src=x onerror='a()'>{{.}}</style>`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := render(t, tc.status)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				protect(w.Header(), "text/html; charset=utf-8")
				_, _ = io.WriteString(w, page)
			}))
			t.Cleanup(server.Close)
			browse(t, server.URL+"/", tc.texts...)
		})
	}
}
