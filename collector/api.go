package collector

import (
	"fmt"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// apiFamilies are counted by an account's API client as calls happen. They are listed here too because the client's
// descriptions keep their parts to themselves; a test holds both against each other.
var apiFamilies = []Family{
	{
		Name: "ccaas_api_request_duration_seconds", Type: "histogram", Labels: by("operation"),
		Help: "Time from sending a request until its answer was read, by operation. " +
			"Every request sent counts, failed ones and retries too; waiting for the budget does not.",
	},
	{
		Name: "ccaas_api_request_failures_total", Type: "counter", Labels: by("operation", "reason"),
		Help: "Calls that failed for good, after all retries, by operation and reason. " +
			"Calls that our own pacing, a pause or the circuit breaker kept from being sent count too.",
	},
	{
		Name: "ccaas_api_retries_total", Type: "counter", Labels: by("operation"),
		Help: "Requests sent again after a failure, by operation.",
	},
	{
		Name: "ccaas_api_rate_limit_allowed", Type: "gauge",
		Help: "Requests that the platform allows in its current window, from its last answer. Absent when it never said.",
	},
	{
		Name: "ccaas_api_rate_limit_remaining", Type: "gauge",
		Help: "Requests left in the platform's current window, from its last answer. Absent when it never said.",
	},
	{
		Name: "ccaas_api_rate_limit_paused_until_timestamp_seconds", Type: "gauge",
		Help: "When the account's pause that the platform asked for ends, as Unix time; 0 when it does not pause.",
	},
	{
		Name: "ccaas_api_throttled_seconds_total", Type: "counter",
		Help: "Time that calls waited for the account's own budget, summed over all calls.",
	},
	{
		Name: "ccaas_api_rate_limited_total", Type: "counter",
		Help: "Answers of status 429 to authorised requests.",
	},
	{
		Name: "ccaas_api_breaker_open", Type: "gauge",
		Help: "1 from when a host is left alone after repeated failures until a request to it succeeds, else 0.",
	},
	{
		Name: "ccaas_token_expiry_timestamp_seconds", Type: "gauge",
		Help: "When the last access token received expires, as Unix time. Absent before the first token.",
	},
	{
		Name: "ccaas_token_refreshes_total", Type: "counter",
		Help: "Logins tried, whether they succeeded or failed.",
	},
	{
		Name: "ccaas_token_refresh_failures_total", Type: "counter", Labels: by("reason"),
		Help: "Logins that failed, by reason.",
	},
	{
		Name: "ccaas_clock_skew_seconds", Type: "gauge",
		Help: "Platform's clock minus ours, from the last answer that told it; exact to about a second. Absent until known.",
	},
}

var clientDescs = func() map[string]*prometheus.Desc {
	descs := map[string]*prometheus.Desc{}
	for _, f := range slices.Concat(apiFamilies, streamFamilies) {
		descs[f.Name] = f.desc()
	}
	return descs
}()

// described is a metric of a client with the standard labels added, under a description of ours.
type described struct {
	prometheus.Metric
	desc     *prometheus.Desc
	standard []*dto.LabelPair
}

func (d described) Desc() *prometheus.Desc { return d.desc }

func (d described) Write(out *dto.Metric) error {
	if err := d.Metric.Write(out); err != nil {
		return err
	}
	out.Label = slices.Concat(d.standard, out.GetLabel()) // a new list: the metric writes its own
	slices.SortFunc(out.Label, func(x, y *dto.LabelPair) int { return strings.Compare(x.GetName(), y.GetName()) })
	return nil
}

// client passes on the metrics of an account's API client with the standard labels.
func (a *account) client(ch chan<- prometheus.Metric, labels []string, client prometheus.Collector) {
	var standard []*dto.LabelPair
	for i, name := range standardLabels {
		standard = append(standard, &dto.LabelPair{Name: &name, Value: &labels[i]})
	}
	raw := make(chan prometheus.Metric)
	go func() {
		defer close(raw)
		client.Collect(raw)
	}()
	descs := map[*prometheus.Desc]*prometheus.Desc{} // ours by the client's
	var waits []prometheus.Metric
	for m := range raw {
		desc, met := descs[m.Desc()]
		if !met {
			desc = clientDescs[nameOf(m.Desc())]
			descs[m.Desc()] = desc
		}
		switch desc {
		case nil:
			ch <- prometheus.NewInvalidMetric(m.Desc(), fmt.Errorf("%s is not in the table of API metrics", nameOf(m.Desc())))
		case clientDescs[waitFamily]:
			waits = append(waits, m)
		default:
			ch <- described{m, desc, standard}
		}
	}
	for _, m := range a.admit(labels[1], waits) {
		ch <- described{m, clientDescs[waitFamily], standard}
	}
}

// nameOf finds out what a Desc tells only as a part of its text.
func nameOf(desc *prometheus.Desc) string {
	_, text, _ := strings.Cut(desc.String(), `fqName: "`)
	name, _, _ := strings.Cut(text, `"`)
	return name
}
