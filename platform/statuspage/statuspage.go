// Package statuspage reads what others publish about the health of a platform: status pages in the form of Atlassian
// Statuspage v2, and JSON health documents of gateways and private deployments.
//
// The configuration names pages and documents once, for all accounts. NewPage and NewDocument make one of each entry; Feed
// returns the feed of one account that follows it. However many accounts follow a page, or a document behind a URL, it is
// asked for once per interval, and each request is conditional on the answer before. A page has components, open incidents
// and scheduled maintenances; an account sees those of its own region and those of no region, or what patterns select. A
// document behind a path is asked for on each account's own API, with the account's token and budget.
package statuspage

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// The operations under which requests are measured.
const (
	opPage     = "status_page"
	opDocument = "document"
)

// Operations lists the operations that path documents run on an account's client, so that their series start at 0.
func Operations() []string { return []string{opDocument} }

// The enum fields whose unknown values are counted.
const (
	fieldPageStatus     = "status_page_status"
	fieldPageImpact     = "status_page_impact"
	fieldDocumentStatus = "document_status"
)

// attempts is how often the client may send a request, plus one for the waits in between. A run may take as many time-outs
// of one attempt.
const attempts = rest.MaxAttempts + 1

func runTimeout(h rest.HTTPConfig) time.Duration {
	return attempts * time.Duration(cmp.Or(h.Timeout, rest.DefaultHTTPConfig.Timeout))
}

// shared returns the cache of what accounts share. As with a feed's own minimum interval, up to a tenth less counts as
// passed: a run every interval would otherwise find every other one not due yet.
func shared[T any](every settings.Interval, h rest.HTTPConfig, fetch func(context.Context) (*T, error)) *rest.Shared[*T] {
	valid := time.Duration(every - every/10)
	return &rest.Shared[*T]{
		Timeout: runTimeout(h),
		Valid:   func(error) time.Duration { return valid },
		Fetch:   fetch,
	}
}

// warnPatterns logs the patterns of a configuration that may mean something else than its author thinks.
func warnPatterns(log *slog.Logger, key string, patterns []string) {
	for _, warning := range settings.PatternWarnings(key, patterns) {
		log.Warn("pattern may not be meant so", "pattern", warning)
	}
}

// follow returns a poll of what get returns, which is unchanged while get returns the same pointer. The value is shared
// between accounts and at most an interval old; snapshot copies it for one of them.
func follow[T any](get func(context.Context) (*T, error), snapshot func(*T) *platform.Snapshot) feed.Poll {
	var last *T
	return func(ctx context.Context) (*platform.Snapshot, error) {
		now, err := get(ctx)
		switch {
		case err != nil:
			return nil, err
		case now == last:
			return nil, feed.Unchanged
		}
		last = now
		return snapshot(now), nil
	}
}

// normalise makes spellings of a word or name equal that differ in case, accents or the blanks around.
func normalise(text string) string { return strings.ToLower(strings.TrimSpace(withoutAccents(text))) }

// withoutAccents turns São Paulo into Sao Paulo.
func withoutAccents(text string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(text)))
}

// decodes reads one entity into v as far as its types allow, and reports whether all of them were right.
func decodes(raw json.RawMessage, v any) bool { return json.Unmarshal(raw, v) == nil }

// evidence returns what showed a status, one line for each entity, cut to what is logged at most.
func evidence(correlationID string, raws ...json.RawMessage) platform.Evidence {
	var b bytes.Buffer
	for i, raw := range raws {
		if i > 0 {
			b.WriteByte('\n')
		}
		if json.Compact(&b, raw) != nil {
			b.Write(raw)
		}
	}
	payload := b.Bytes()
	if len(payload) > feed.MaxPayload {
		payload = bytes.Clone(bytes.ToValidUTF8(payload[:feed.MaxPayload], nil))
	}
	return platform.Evidence{CorrelationID: correlationID, Payload: payload}
}
