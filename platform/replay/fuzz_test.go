package replay_test

import (
	"bytes"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform/replay"
)

// FuzzRead wants that whatever is sent as a bundle is refused, or can be played without a panic.
func FuzzRead(f *testing.F) {
	good, err := os.ReadFile("testdata/bundle.tar.gz")
	if err != nil {
		f.Fatal(err)
	}
	forms := accountForms(f)
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte("hello"))
	f.Fuzz(func(t *testing.T, packed []byte) {
		bundle, err := replay.Read(bytes.NewReader(packed))
		if err != nil {
			return
		}
		if config := bundle.Config("http://127.0.0.1:1", forms); !strings.Contains(config, "health:") {
			t.Errorf("the configuration lacks its section health:\n%s", config)
		}
		platforms := replay.NewPlatforms(bundle)
		for _, call := range bundle.Calls {
			if call.Failure != "" || call.Status < 200 || call.Status > 599 || strings.ContainsAny(call.Path+call.Method, " \r\n\t?#%") || !strings.HasPrefix(call.Path, "/") {
				continue // a server sends and gets no such thing
			}
			request := httptest.NewRequestWithContext(t.Context(), "GET", call.Path, nil)
			request.Method = call.Method
			request.Header.Set("Authorization", "Bearer "+call.Account)
			platforms.ServeHTTP(httptest.NewRecorder(), request)
		}
	})
}
