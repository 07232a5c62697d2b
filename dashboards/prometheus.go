package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// answer is a series of now.
type answer struct {
	labels map[string]string
	value  float64
}

// instant asks a Prometheus for what a query returns now, with all of the board's variables at All.
func instant(ctx context.Context, server, expr string, now time.Time) ([]answer, error) {
	form := url.Values{"query": {readable.Replace(expression(expr))}, "time": {strconv.FormatInt(now.Unix(), 10)}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(server, "/")+"/api/v1/query", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var body struct {
		Error string
		Data  struct {
			Result []struct {
				Metric map[string]string
				Value  [2]any
			}
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		return nil, fmt.Errorf("prometheus: status %d: %w", response.StatusCode, err)
	}
	if body.Error != "" {
		return nil, fmt.Errorf("prometheus: %s", body.Error)
	}
	var list []answer
	for _, one := range body.Data.Result {
		text, _ := one.Value[1].(string)
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, fmt.Errorf("prometheus: value: %w", err)
		}
		list = append(list, answer{one.Metric, value})
	}
	return list, nil
}

// legendOf writes the legend of a series.
func legendOf(format string, labels map[string]string) string {
	for label, value := range labels {
		format = strings.ReplaceAll(format, "{{"+label+"}}", value)
	}
	return strings.TrimSpace(missingLabel.ReplaceAllString(format, ""))
}
