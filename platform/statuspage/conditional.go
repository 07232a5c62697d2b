package statuspage

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// validators make a request conditional on an earlier answer. The zero value makes it unconditional.
type validators struct{ etag, modified string }

func (v validators) header() http.Header {
	h := http.Header{}
	for key, value := range map[string]string{"If-None-Match": v.etag, "If-Modified-Since": v.modified} {
		if value != "" {
			h.Set(key, value)
		}
	}
	return h
}

// getIfChanged asks whether something changed since the answer with the validators v, and decodes what did. It returns the
// validators of the answer that holds now, and reports whether that is a new one.
func getIfChanged(ctx context.Context, client *rest.Client, r rest.Request, v validators,
	decode func(body json.RawMessage, correlationID string) error,
) (now validators, changed bool, err error) {
	r.Header = v.header()
	err = client.Do(ctx, r, func(answer rest.Response) error {
		if answer.Status == http.StatusNotModified {
			if v == (validators{}) {
				return errors.New("304 answers a request without conditions")
			}
			now, changed = v, false
			return nil
		}
		var body json.RawMessage
		if err := rest.JSON(&body)(answer); err != nil {
			return err
		}
		now = validators{answer.Header.Get("ETag"), answer.Header.Get("Last-Modified")}
		changed = true
		return decode(body, answer.CorrelationID)
	})
	return now, changed, err
}
