package genesys

import (
	"cmp"
	"strings"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// edgeMetricsWire are the host metrics of an edge: percent become ratios, milliseconds become durations.
type edgeMetricsWire struct {
	Edge       *ref            `json:"edge"`
	EventTime  string          `json:"eventTime"`
	UpTime     any             `json:"upTimeMsec"`
	Processors []processorWire `json:"processors"`
	Memory     []memoryWire    `json:"memory"`
	Disks      []diskWire      `json:"disks"`
	Networks   []networkWire   `json:"networks"`
	Subsystems []subsystemWire `json:"subsystems"`
}

type processorWire struct {
	CPU    string `json:"cpuId"` // "total" stands for all
	Active any    `json:"activeTimePct"`
}

type memoryWire struct {
	Type      string `json:"type"` // physical or virtual
	Available any    `json:"availableBytes"`
	Total     any    `json:"totalBytes"`
}

type diskWire struct {
	Partition string `json:"partitionName"`
	Available any    `json:"availableBytes"`
	Total     any    `json:"totalBytes"`
}

type networkWire struct {
	Interface   string `json:"ifname"`
	Sent        any    `json:"sentBytesPerSec"`
	Received    any    `json:"receivedBytesPerSec"`
	Utilization any    `json:"utilizationPct"`
}

type subsystemWire struct {
	Process string         `json:"processName"`
	Delay   any            `json:"delayMs"`
	Media   *subsystemWire `json:"mediaSubsystem"`
}

func (w edgeMetricsWire) objectID() string { return w.Edge.id() }

func (w edgeMetricsWire) measuredAt() string { return w.EventTime }

// pathEdgeMetrics is where a row of metrics stands.
const pathEdgeMetrics = opEdgesMetrics + ": []"

// edgeMetricsByID reads rows of GET /telephony/providers/edges/metrics by the id of their edge.
func edgeMetricsByID(rows []row[edgeMetricsWire], anomalies *platform.Anomalies) map[string]*platform.EdgeMetrics {
	metrics := make(map[string]*platform.EdgeMetrics, len(rows))
	for _, row := range rows {
		if !row.readable || row.wire.objectID() == "" {
			anomalies.Violate(pathEdgeMetrics, cmp.Or(row.misfit, ".edge.id"))
		}
		if row.wire.objectID() != "" {
			metrics[row.wire.objectID()] = row.wire.translate(anomalies)
		}
	}
	return metrics
}

func (w edgeMetricsWire) translate(anomalies *platform.Anomalies) *platform.EdgeMetrics {
	number := func(value any, field string) *float64 {
		return optional[float64](value, anomalies, pathEdgeMetrics+field)
	}
	m := &platform.EdgeMetrics{
		Observed: moment(w.EventTime, anomalies, pathEdgeMetrics+".eventTime"), Uptime: milliseconds(number(w.UpTime, ".upTimeMsec")),
	}
	for _, processor := range w.Processors {
		if strings.EqualFold(processor.CPU, "total") {
			m.CPU = scaled(number(processor.Active, ".processors[].activeTimePct"), 0.01)
		}
	}
	for _, memory := range w.Memory {
		if strings.EqualFold(memory.Type, "physical") {
			m.MemoryAvailable, m.Memory = number(memory.Available, ".memory[].availableBytes"), number(memory.Total, ".memory[].totalBytes")
		}
	}
	first := firstOf(anomalies)
	for _, disk := range w.Disks {
		if first(".disks[].partitionName", disk.Partition) {
			m.Disks = append(m.Disks, platform.Disk{
				Partition: disk.Partition, Available: number(disk.Available, ".disks[].availableBytes"), Total: number(disk.Total, ".disks[].totalBytes"),
			})
		}
	}
	for _, network := range w.Networks {
		if first(".networks[].ifname", network.Interface) {
			m.Networks = append(m.Networks, platform.Network{
				Interface: network.Interface, Receive: number(network.Received, ".networks[].receivedBytesPerSec"), Transmit: number(network.Sent, ".networks[].sentBytesPerSec"),
				Utilization: scaled(number(network.Utilization, ".networks[].utilizationPct"), 0.01),
			})
		}
	}
	for _, top := range w.Subsystems {
		for subsystem := &top; subsystem != nil; subsystem = subsystem.Media {
			if first(".subsystems[].processName", subsystem.Process) {
				m.Subsystems = append(m.Subsystems, platform.Subsystem{
					Name: subsystem.Process, Delay: milliseconds(number(subsystem.Delay, ".subsystems[].delayMs")),
				})
			}
		}
	}
	return m
}

// firstOf reports whether a name is met for the first time in its field: it becomes a label, so it must be there and
// be unique within the edge. Any other breaks the documented form.
func firstOf(anomalies *platform.Anomalies) func(field, name string) bool {
	seen := map[[2]string]bool{}
	return func(field, name string) bool {
		key := [2]string{field, name}
		if name == "" || seen[key] {
			anomalies.Violate(pathEdgeMetrics, field)
			return false
		}
		seen[key] = true
		return true
	}
}
