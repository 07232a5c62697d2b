package genesys

import (
	"cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// instanceMetricsWire are the numbers of an instance: one row for each of its logical interfaces.
type instanceMetricsWire struct {
	EventTime string `json:"eventTime"`
	Trunk     *ref   `json:"trunk"`
	Calls     struct {
		Inbound  any `json:"inboundCallCount"` // in progress
		Outbound any `json:"outboundCallCount"`
	} `json:"calls"`
	QoS struct {
		Mismatches any `json:"mismatchCount"` // over a sliding 24 h: it can fall
	} `json:"qos"`
}

func (w instanceMetricsWire) objectID() string { return w.Trunk.id() }

func (w instanceMetricsWire) measuredAt() string { return w.EventTime }

// pathTrunkMetrics is where a row of metrics stands.
const pathTrunkMetrics = opTrunksMetrics + ": []"

// addInstanceMetrics adds rows of GET /telephony/providers/edges/trunks/metrics to the bases of their instances. An
// instance may have several rows, one per logical interface.
func addInstanceMetrics(rows []row[instanceMetricsWire], baseOf map[string]*trunk, anomalies *platform.Anomalies) {
	for _, row := range rows {
		wire := row.wire
		if !row.readable || wire.objectID() == "" {
			anomalies.Violate(pathTrunkMetrics, cmp.Or(row.misfit, ".trunk.id"))
		}
		base := baseOf[wire.objectID()]
		if base == nil { // of an instance that went away in between
			continue
		}
		broken := anomalies.Violations
		base.Inbound = platform.Sum(base.Inbound, optional[float64](wire.Calls.Inbound, anomalies, pathTrunkMetrics+".calls.inboundCallCount"))
		base.Outbound = platform.Sum(base.Outbound, optional[float64](wire.Calls.Outbound, anomalies, pathTrunkMetrics+".calls.outboundCallCount"))
		base.QoSMismatches = platform.Sum(base.QoSMismatches, optional[float64](wire.QoS.Mismatches, anomalies, pathTrunkMetrics+".qos.mismatchCount"))
		base.Observed = oldest(base.Observed, moment(wire.EventTime, anomalies, pathTrunkMetrics+".eventTime"))
		base.measured = base.measured && row.readable && anomalies.Violations == broken // what cannot be read is missing in the sum
	}
}
