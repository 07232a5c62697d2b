package genesys

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// This file learns the state of SIP trunks. What the API calls a trunk is one instance: a trunk base (what an
// administrator calls the trunk) on one edge. A BYOC Cloud trunk has one on every cloud media edge, and those come and
// go, so instances are summed up by their base.

// trunkType selects carrier and PBX trunks; PHONE are station trunks, EDGE are ties between edges.
const trunkType = "EXTERNAL"

type instanceWire struct {
	ID               string          `json:"id"`
	State            string          `json:"state"`
	Base             *ref            `json:"trunkBase"`
	InService        any             `json:"inService"`
	Enabled          any             `json:"enabled"`
	ConnectedStatus  connectedWire   `json:"connectedStatus"`
	OptionsEnabled   string          `json:"optionsEnabledStatus"`
	Options          []optionsWire   `json:"optionsStatus"`
	RegistersEnabled string          `json:"registersEnabledStatus"`
	Registers        []registersWire `json:"registersStatus"`
	Proxies          []string        `json:"proxyAddressList"`
}

type connectedWire struct {
	Connected any    `json:"connected"`
	Since     string `json:"connectedStateTime"`
}

type optionsWire struct {
	Proxy string `json:"proxyAddress"`
	Up    any    `json:"optionState"`
	Since string `json:"optionStateTime"`
}

type registersWire struct {
	Proxy string `json:"proxyAddress"`
	Up    any    `json:"registerState"`
	Since string `json:"registerStateTime"`
}

func (t instanceWire) identity() string { return t.ID }

func (t instanceWire) deleted() bool { return normalise(t.State) == "deleted" }

func (t instanceWire) hasMetrics() bool { return t.Base.id() != "" && !t.deleted() }

var (
	checkWords     = []string{"ENABLED", "DISABLED", "NOT_SUPPORTED"}
	trunkState     = enum{"trunk_state", []string{"active", "inactive", "deleted"}}
	trunkOptions   = enum{"trunk_options_enabled_status", checkWords}
	trunkRegisters = enum{"trunk_registers_enabled_status", checkWords}
)

// readTrunks takes 1 call per 100 instances, and 1 per 100 for their metrics.
func (c *client) readTrunks(ctx context.Context) (listing[instanceWire, instanceMetricsWire], error) {
	list := rest.Request{
		Operation: opTrunks, URL: c.api + pathTrunks, Query: url.Values{"trunkType": {trunkType}},
		Priority: rest.Priority(platform.ClassTrunks),
	}
	metrics := rest.Request{Operation: opTrunksMetrics, URL: c.api + pathTrunksMetrics, Priority: list.Priority}
	return readListing[instanceWire, instanceMetricsWire](ctx, c, list, metrics, "trunkIds", instanceWire.hasMetrics)
}

// translateTrunks leaves deleted instances out, and drops those that name no trunk base.
func translateTrunks(m listing[instanceWire, instanceMetricsWire]) platform.Snapshot {
	snapshot := platform.Snapshot{Anomalies: m.anomalies}
	bases := map[string]*trunk{}
	baseOf := map[string]*trunk{} // by the id of an instance
	for _, item := range m.items {
		wire := item.wire
		if wire.deleted() {
			continue
		}
		if wire.Base.id() == "" {
			snapshot.Violate()
			continue
		}
		base := bases[wire.Base.ID]
		if base == nil {
			base = &trunk{proxies: map[string]*platform.Proxy{}, measured: true}
			base.ID, base.Name = wire.Base.ID, nameOr(wire.Base.Name, wire.Base.ID, &snapshot.Anomalies)
			bases[base.ID] = base
		}
		baseOf[wire.ID] = base
		base.measured = base.measured && m.answered[wire.ID]
		base.add(wire.read(&snapshot.Anomalies), item.entity)
	}
	addInstanceMetrics(m.metrics, baseOf, &snapshot.Anomalies)
	for _, id := range slices.Sorted(maps.Keys(bases)) {
		snapshot.Trunks = append(snapshot.Trunks, bases[id].sum())
	}
	return snapshot
}

// instance is what is known of one; nil and "" are not known.
type instance struct {
	state                           string
	connected, inService, enabled   *bool
	options, registers              string // whether that check is on
	optionsAnswers, registerAnswers []proxyAnswer
	addresses                       []string
}

// proxyAnswer is how one proxy answers a check.
type proxyAnswer struct {
	address string
	up      *bool
	since   time.Time
}

func (t instanceWire) read(anomalies *platform.Anomalies) instance {
	i := instance{
		state:     trunkState.read(t.State, anomalies),
		connected: optional[bool](t.ConnectedStatus.Connected, anomalies),
		inService: optional[bool](t.InService, anomalies),
		enabled:   optional[bool](t.Enabled, anomalies),
		options:   trunkOptions.read(t.OptionsEnabled, anomalies),
		registers: trunkRegisters.read(t.RegistersEnabled, anomalies),
		addresses: t.Proxies,
	}
	for _, o := range t.Options {
		i.optionsAnswers = append(i.optionsAnswers, proxyAnswer{address(o.Proxy, anomalies), optional[bool](o.Up, anomalies), moment(o.Since, anomalies)})
	}
	for _, r := range t.Registers {
		i.registerAnswers = append(i.registerAnswers, proxyAnswer{address(r.Proxy, anomalies), optional[bool](r.Up, anomalies), time.Time{}})
	}
	return i
}

// address of a far end. One without breaks the documented form.
func address(text string, anomalies *platform.Anomalies) string {
	if text = strings.TrimSpace(text); text == "" {
		anomalies.Violate()
	}
	return text
}

// status is operational when the instance is active, in service, enabled and connected, and one of its far ends
// answers OPTIONS where that check is on. It is unknown when that cannot be told. It is critical otherwise, also when
// somebody switched the trunk off: it carries no calls, and the API does not say whether that is on purpose.
func (i instance) status() platform.Status {
	if i.connected == nil { // not known, not down
		return platform.Unknown
	}
	facts := []*bool{i.connected, i.inService, i.enabled, nil}
	if i.state != "" {
		active := i.state == "active"
		facts[3] = &active
	}
	if i.options == "ENABLED" {
		facts = append(facts, anyProxyUp(i.optionsAnswers))
	}
	switch {
	case slices.ContainsFunc(facts, func(fact *bool) bool { return fact != nil && !*fact }):
		return platform.Critical
	case slices.Contains(facts, nil):
		return platform.Unknown
	}
	return platform.Operational
}

// anyProxyUp tells whether a far end answers; nil when none is known to and not all are known.
func anyProxyUp(farEnds []proxyAnswer) (up *bool) {
	unknown := len(farEnds) == 0
	for _, f := range farEnds {
		up = anyTrue(up, f.up)
		unknown = unknown || f.up == nil
	}
	if unknown && oneIf(up) == 0 {
		return nil
	}
	return up
}
