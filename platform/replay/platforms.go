package replay

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/shape"
)

// Platforms are the platforms of a bundle, as an HTTP server. Every account logs in with its name as id.
type Platforms struct {
	mu    sync.Mutex
	calls map[string][]Call // by account, method and path
	used  map[string]int
}

// NewPlatforms returns the platforms of a bundle.
func NewPlatforms(b *Bundle) *Platforms {
	p := &Platforms{calls: map[string][]Call{}, used: map[string]int{}}
	for _, c := range b.Calls {
		key := c.key()
		p.calls[key] = append(p.calls[key], c)
	}
	return p
}

// key is where a call is answered. What the customer's own addresses were is under the name of the feed.
func (c Call) key() string {
	switch {
	case c.Operation == Login:
		return c.Account + " " + Login
	case c.Path == "":
		return c.Method + " /" + c.Feed
	}
	return c.Account + " " + c.Method + " " + c.Path
}

// loginPath is where an account logs in, with its name behind it. A request with a Basic authorization is a login too, of the
// account that is named as the user.
const loginPath = "/login/"

// ServeHTTP answers with the call that was recorded next for the path. The last one is repeated.
func (p *Platforms) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	path := request.URL.Path
	account, _, isLogin := request.BasicAuth()
	if name, named := strings.CutPrefix(path, loginPath); named {
		account, isLogin = name, true
	}
	if token, ok := strings.CutPrefix(request.Header.Get("Authorization"), "Bearer "); ok {
		account = token
	}
	key := account + " " + request.Method + " " + PathOf(path)
	switch {
	case isLogin:
		key = account + " " + Login
	case account == "":
		key = request.Method + " " + path
	}
	call, ok := p.next(key)
	switch {
	case !ok:
		w.WriteHeader(http.StatusNotFound)
	case call.Failure != "":
		panic(http.ErrAbortHandler)
	case call.Operation == Login && call.Status == http.StatusOK:
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": account, "token_type": "bearer", "expires_in": 3600})
	default:
		call.answer(w, request)
	}
}

func (p *Platforms) next(key string) (Call, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	calls := p.calls[key]
	if len(calls) == 0 {
		return Call{}, false
	}
	n := min(p.used[key], len(calls)-1)
	p.used[key]++
	return calls[n], true
}

// answer writes the answer as it was recorded.
func (c Call) answer(w http.ResponseWriter, request *http.Request) {
	for _, name := range []string{"Content-Type", "Retry-After"} { // others are of another day
		if value := c.Headers[name]; value != "" {
			w.Header().Set(name, value)
		}
	}
	body, err := shape.Answer(c.Body, time.Now())
	if c.Body == nil || err != nil {
		body = []byte(c.Other)
	}
	body = aboutIntervalOf(request, body)
	w.WriteHeader(c.Status)
	_, _ = w.Write(body)
}

// aboutIntervalOf makes an answer that names its interval one about the interval that is asked for.
func aboutIntervalOf(request *http.Request, answer []byte) []byte {
	var asked struct{ Interval string }
	var fields map[string]any
	if json.NewDecoder(request.Body).Decode(&asked) != nil || json.Unmarshal(answer, &fields) != nil || fields["interval"] == nil {
		return answer
	}
	fields["interval"] = asked.Interval
	edited, err := json.Marshal(fields)
	if err != nil {
		return answer
	}
	return edited
}

var (
	apiVersion = regexp.MustCompile(`^v\d{1,3}(\.\d{1,2})?$`)
	ownSegment = regexp.MustCompile(`^\.?[a-zA-Z]+([_-][a-zA-Z]+)*$`)
)

// PathOf is the path of a call of a platform's API as a bundle holds it. Its words stand in the program; all else in it is an id.
func PathOf(path string) string {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if segment != "" && !apiVersion.MatchString(segment) && !ownSegment.MatchString(segment) {
			segments[i] = "{id}"
		}
	}
	return strings.Join(segments, "/")
}
