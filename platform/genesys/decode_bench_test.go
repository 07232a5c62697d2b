package genesys

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// BenchmarkDecode reads lists of trunk instances, and numbers of queues, and compares that with encoding/json decoding the
// same bytes into the smallest struct that holds them. Bar: ratio, our time over its time, is at most 0.8.
func BenchmarkDecode(b *testing.B) {
	b.Run("trunks=60", func(b *testing.B) { benchmarkTrunks(b, 60) })
	b.Run("trunks=600", func(b *testing.B) { benchmarkTrunks(b, 600) })
	b.Run("queues=1500", benchmarkObservations)
}

func benchmarkTrunks(b *testing.B, n int) {
	type plain struct {
		PageCount int
		Entities  []struct {
			ID, State, OptionsEnabledStatus, RegistersEnabledStatus string
			TrunkBase                                               struct{ ID, Name string }
			InService, Enabled                                      *bool
			ConnectedStatus                                         struct {
				Connected          *bool
				ConnectedStateTime string
			}
			OptionsStatus []struct {
				ProxyAddress, OptionStateTime string
				OptionState                   *bool
			}
			RegistersStatus []struct {
				ProxyAddress, RegisterStateTime string
				RegisterState                   *bool
			}
			ProxyAddressList []string
		}
	}
	compareDecoding(b, trunksBody(n), func(body io.Reader) int {
		p, err := readPage[instanceWire](body, "c0ffee")
		if err != nil {
			b.Fatal(err)
		}
		return len(p.items)
	}, func(answer plain) int { return len(answer.Entities) })
}

func benchmarkObservations(b *testing.B) {
	type plain struct {
		SystemToOrganizationMappings map[string][]string
		Results                      []struct {
			Group struct{ QueueID, MediaType string }
			Data  []struct {
				Metric, Qualifier string
				Stats             struct{ Count, CalculatedMetricValue *float64 }
			}
		}
	}
	compareDecoding(b, observationsBody(1500), func(body io.Reader) (n int) {
		if _, err := readObservations(body, &platform.Anomalies{}, func(*observationWire, bool) { n++ }); err != nil {
			b.Fatal(err)
		}
		return n
	}, func(answer plain) int { return len(answer.Results) })
}

// compareDecoding reads a body in turns as we do and as encoding/json does, so that a busy machine slows down both.
func compareDecoding[P any](b *testing.B, body string, decode func(io.Reader) int, count func(P) int) {
	b.Helper()
	var ours, plain time.Duration
	for b.Loop() {
		start := time.Now()
		got := decode(strings.NewReader(body))
		ours += time.Since(start)
		start = time.Now()
		var answer P
		if err := json.NewDecoder(strings.NewReader(body)).Decode(&answer); err != nil {
			b.Fatal(err)
		}
		plain += time.Since(start)
		if want := count(answer); got != want {
			b.Fatalf("read %d, want %d", got, want)
		}
	}
	b.ReportMetric(ours.Seconds()/plain.Seconds(), "ratio")
}

// trunksBody is an answer with so many instances, with all the fields that the platform sends.
func trunksBody(n int) string {
	items := make([]string, n)
	for i := range items {
		items[i] = fmt.Sprintf(`{"id":"2b7c0000-0000-4000-8000-%012d","name":"Carrier %[1]d","state":"active","trunkType":"EXTERNAL",`+
			`"edge":{"id":"3f0a6c1e-5d0b-4c55-9c0e-%012[1]d","name":"edge-%[1]d"},"trunkBase":{"id":"ba5e0000-0000-4000-8000-%012[2]d","name":"Carrier %[2]d"},`+
			`"trunkMetabase":{"id":"external_sip.json","name":"Generic SIP"},"inService":true,"enabled":true,"logicalInterface":{"id":"eth0","name":"Port 1 (WAN)"},`+
			`"connectedStatus":{"connected":true,"connectedStateTime":"2026-03-21T08:00:00.000Z"},"optionsStatus":[`+
			`{"proxyAddress":"192.0.2.10:5060","optionState":true,"optionStateTime":"2026-03-21T08:00:01.000Z"},`+
			`{"proxyAddress":"192.0.2.11:5060","optionState":true,"optionStateTime":"2026-03-21T09:30:00.000Z"}],"registersStatus":[],`+
			`"optionsEnabledStatus":"ENABLED","registersEnabledStatus":"DISABLED","family":2,"proxyAddressList":["192.0.2.10:5060","192.0.2.11:5060"]}`, i, i/5)
	}
	return `{"entities":[` + strings.Join(items, ",") + `],"pageSize":100,"pageNumber":1,"total":` + fmt.Sprint(n) + `,"pageCount":1}`
}

// observationsBody is an answer about so many queues: their voice and their members.
func observationsBody(n int) string {
	results := make([]string, 0, 2*n)
	for i := range n {
		results = append(results, fmt.Sprintf(`{"group":{"queueId":"9c010000-0000-4000-8000-%012d","mediaType":"voice"},"data":[`+
			`{"metric":"oWaiting","stats":{"count":%d}},{"metric":"oInteracting","stats":{"count":4}},{"metric":"oAlerting","stats":{"count":1}},`+
			`{"metric":"oLongestWaiting","stats":{"calculatedMetricValue":90000}}]}`, i, i%7), fmt.Sprintf(`{"group":{"queueId":"9c010000-0000-4000-8000-%012d"},"data":[`+
			`{"metric":"oOnQueueUsers","qualifier":"IDLE","stats":{"count":2}},{"metric":"oOnQueueUsers","qualifier":"INTERACTING","stats":{"count":3}},`+
			`{"metric":"oOffQueueUsers","qualifier":"ccf3c10a-aa2c-4845-8e8d-f59fa48c58e5","stats":{"count":7}}]}`, i))
	}
	return `{"systemToOrganizationMappings":{"OFFLINE":["ccf3c10a-aa2c-4845-8e8d-f59fa48c58e5"]},"results":[` + strings.Join(results, ",") + `]}`
}
