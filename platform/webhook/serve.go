package webhook

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// refusalTime is how long a refusal takes from the end of the body: longer than any check, so that its length does not
// show which check it was.
const refusalTime = 100 * time.Millisecond

// ServeHTTP serves POST /webhook/NAME. What is refused is answered in the same way, and as late, for every path.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	why, ended := r.serve(req)
	status := why.status()
	switch status {
	case http.StatusNotFound:
		wait(req.Context(), time.Until(ended.Add(refusalTime)))
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "1")
	}
	if why == tooLarge || why == notRead || why == badEncoding || why == busy {
		w.Header().Set("Connection", "close") // what is left of the body is not worth reading
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, strings.ToLower(http.StatusText(status))+"\n") // a sender that has left needs no answer
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// serve checks the head of a request, reads its body, and hands both to the hook. A hook is held only while it checks,
// so that a slow body delays no reload; the hook of the path may be another one once the body has arrived.
func (r *Receiver) serve(req *http.Request) (why reason, ended time.Time) {
	b := body{req: req, from: sourceOf(req.RemoteAddr), buffers: &r.buffers}
	defer b.close()
	limits := r.limits()
	refused := r.judgeHead(req)
	if refused == "" {
		why = b.keep(limits)
	} else if why = b.discard(limits); why == "" {
		why = refused
	}
	ended = time.Now()
	h := r.acquire(req.URL.Path)
	if h == nil {
		r.stray.Inc()
		if why == "" {
			why = unknownHook
		}
		return why, ended
	}
	defer h.requests.Done()
	if why == "" {
		var repeated bool
		if why, repeated = h.take(req, b.content, ended); why == "" && !repeated {
			r.known.add(b.from.sum(), ended)
		}
	}
	h.answered(why)
	return why, ended
}

// judgeHead returns why a request is refused whatever its body is, or "".
func (r *Receiver) judgeHead(req *http.Request) reason {
	h := r.acquire(req.URL.Path)
	if h == nil {
		return unknownHook
	}
	defer h.requests.Done()
	return h.judgeHead(req, time.Now())
}

// acquire returns the hook of a path, or nil. The caller of a hook's acquire calls its requests.Done.
func (r *Receiver) acquire(path string) *hook {
	name, ok := strings.CutPrefix(path, "/webhook/")
	r.mu.RLock()
	defer r.mu.RUnlock()
	h := r.hooks[name]
	if !ok || h == nil {
		return nil
	}
	h.requests.Add(1)
	return h
}

// body is the body of one request.
type body struct {
	req     *http.Request
	from    source
	buffers *buffers
	content []byte
	taken   int64 // of the buffers
}

// close gives the memory back.
func (b *body) close() { b.buffers.give(b.from, b.taken) }

const (
	// firstChunk is how much of a body is read at first: a voice event fits in.
	firstChunk = 4096
	// discardChunk is all that a body needs which is read for nothing.
	discardChunk = 512
)

// oversized returns why the head of a request forbids its body.
func (b *body) oversized(l limits) reason {
	switch encoding := b.req.Header.Get("Content-Encoding"); {
	case encoding != "" && !strings.EqualFold(encoding, "identity"):
		return badEncoding // no decompression: small requests stay small
	case b.req.ContentLength > l.body:
		return tooLarge
	}
	return ""
}

// keep reads the body into memory. It takes memory as the body arrives: a sender that announces much and sends little
// holds little.
func (b *body) keep(l limits) reason {
	if why := b.oversized(l); why != "" {
		return why
	}
	content := []byte(nil)
	for {
		if len(content) == cap(content) {
			// One byte more than the largest body shows that a body is larger.
			more := min(int64(max(firstChunk, cap(content))), l.body+1-b.taken)
			if !b.buffers.take(b.from, more, l.buffered, l.bufferedBySource) {
				return busy
			}
			b.taken += more
			content = append(make([]byte, 0, b.taken), content...)
		}
		n, err := b.req.Body.Read(content[len(content):cap(content)])
		content = content[:len(content)+n]
		switch {
		case int64(len(content)) > l.body:
			return tooLarge
		case errors.Is(err, io.EOF):
			b.content = content
			return ""
		case err != nil:
			return notRead
		}
	}
}

// discard reads the body and keeps nothing of it. The sender sees no difference to keep.
func (b *body) discard(l limits) reason {
	if why := b.oversized(l); why != "" {
		return why
	}
	chunk := make([]byte, discardChunk)
	for length := int64(0); ; {
		n, err := b.req.Body.Read(chunk)
		length += int64(n)
		switch {
		case length > l.body:
			return tooLarge
		case errors.Is(err, io.EOF):
			return ""
		case err != nil:
			return notRead
		}
	}
}
