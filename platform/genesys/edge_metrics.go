package genesys

import (
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

// edgeMetricsByID reads rows of GET /telephony/providers/edges/metrics by the id of their edge.
func edgeMetricsByID(rows []row[edgeMetricsWire], anomalies *platform.Anomalies) map[string]*platform.EdgeMetrics {
	metrics := make(map[string]*platform.EdgeMetrics, len(rows))
	for _, row := range rows {
		if !row.readable || row.wire.objectID() == "" {
			anomalies.Violate()
		}
		if row.wire.objectID() != "" {
			metrics[row.wire.objectID()] = row.wire.translate(anomalies)
		}
	}
	return metrics
}

func (w edgeMetricsWire) translate(anomalies *platform.Anomalies) *platform.EdgeMetrics {
	number := func(value any) *float64 { return optional[float64](value, anomalies) }
	m := &platform.EdgeMetrics{Observed: moment(w.EventTime, anomalies), Uptime: milliseconds(number(w.UpTime))}
	for _, processor := range w.Processors {
		if strings.EqualFold(processor.CPU, "total") {
			m.CPU = scaled(number(processor.Active), 0.01)
		}
	}
	for _, memory := range w.Memory {
		if strings.EqualFold(memory.Type, "physical") {
			m.MemoryAvailable, m.Memory = number(memory.Available), number(memory.Total)
		}
	}
	first := firstOf(anomalies)
	for _, disk := range w.Disks {
		if first("disk", disk.Partition) {
			m.Disks = append(m.Disks, platform.Disk{
				Partition: disk.Partition, Available: number(disk.Available), Total: number(disk.Total),
			})
		}
	}
	for _, network := range w.Networks {
		if first("network", network.Interface) {
			m.Networks = append(m.Networks, platform.Network{
				Interface: network.Interface, Receive: number(network.Received), Transmit: number(network.Sent),
				Utilization: scaled(number(network.Utilization), 0.01),
			})
		}
	}
	for _, top := range w.Subsystems {
		for subsystem := &top; subsystem != nil; subsystem = subsystem.Media {
			if first("subsystem", subsystem.Process) {
				m.Subsystems = append(m.Subsystems, platform.Subsystem{
					Name: subsystem.Process, Delay: milliseconds(number(subsystem.Delay)),
				})
			}
		}
	}
	return m
}

// firstOf reports whether a name is met for the first time among its kind: it becomes a label, so it must be there and
// be unique within the edge. Any other breaks the documented form.
func firstOf(anomalies *platform.Anomalies) func(kind, name string) bool {
	seen := map[[2]string]bool{}
	return func(kind, name string) bool {
		key := [2]string{kind, name}
		if name == "" || seen[key] {
			anomalies.Violate()
			return false
		}
		seen[key] = true
		return true
	}
}
