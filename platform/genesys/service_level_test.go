package genesys

import (
	"encoding/json"
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// A share of no contacts is not known; it is not 0 %.
func TestServiceLevels(t *testing.T) {
	for stats, want := range map[string]platform.QueueChannel{
		`{"ratio":0.9,"numerator":9,"denominator":10,"target":0.8}`: {Channel: platform.ChannelVoice, ServiceLevel: new(0.9), ServiceLevelTarget: new(0.8)},
		`{"ratio":0,"numerator":0,"denominator":10,"target":0.8}`:   {Channel: platform.ChannelVoice, ServiceLevel: new(0.0), ServiceLevelTarget: new(0.8)},
		`{"ratio":0,"numerator":0,"denominator":0,"target":0.8}`:    {Channel: platform.ChannelVoice, ServiceLevelTarget: new(0.8)},
		`{"ratio":0.5}`: {Channel: platform.ChannelVoice, ServiceLevel: new(0.5)},
	} {
		var anomalies platform.Anomalies
		raw := `{"group":{"queueId":"` + queueID + `","mediaType":"voice"},"data":[{"metrics":[{"metric":"oServiceLevel","stats":` + stats + `}]}]}`
		queues := translateServiceLevels([]json.RawMessage{json.RawMessage(raw)}, []queueName{{queueID, "Sales DE"}}, &anomalies)
		diff(t, stats, queues[0].Channels, []platform.QueueChannel{want})
		if !anomalies.Empty() {
			t.Errorf("anomalies of %s = %+v, want none", stats, anomalies)
		}
	}
}
