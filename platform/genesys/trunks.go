package genesys

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys/notify"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// feedTrunks is the name of the feed.
const feedTrunks = "trunks"

// The topics of an instance. Their kinds are labels.
var (
	instanceTopic        = notify.Topic{Kind: "trunk", Prefix: "v2.telephony.providers.edges.trunks."}
	instanceMetricsTopic = notify.Topic{Kind: "trunk_metrics", Prefix: "v2.telephony.providers.edges.trunks.", Suffix: ".metrics"}
)

// newTrunks makes the inventory of trunk instances.
func newTrunks(c *client, o syncOptions) *inventory[instanceWire, instanceMetricsWire] {
	return &inventory[instanceWire, instanceMetricsWire]{
		syncState: syncState{syncOptions: o}, read: c.readTrunks, translate: translateTrunks, change: (*instanceWire).change,
		about: instanceTopic, metrics: instanceMetricsTopic, partOf: instanceWire.part,
		topicsOf: func(i instanceWire) []string {
			if !i.hasMetrics() {
				return nil
			}
			return []string{instanceTopic.Name(i.ID), instanceMetricsTopic.Name(i.ID)}
		},
	}
}

// trunksFeed reads the state of SIP trunks.
func (c *client) trunksFeed() feed.Feed {
	return feed.Feed{
		Name: feedTrunks, Class: platform.ClassTrunks, Calls: 2, Poll: c.trunks.poll, Stretch: c.trunks.stretched(),
		Fields: fieldsOf(trunkState, trunkOptions, trunkRegisters), Permissions: []string{telephonyPermission},
	}
}

// trunkType selects carrier and PBX trunks; PHONE are station trunks, EDGE are ties between edges.
const trunkType = "EXTERNAL"

// instanceWire is what the API calls a trunk: one instance of a trunk base (what an administrator calls the trunk) on one
// edge. A BYOC Cloud trunk has one on every cloud media edge, and those come and go, so instances are summed up by their
// base.
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

func (i instanceWire) identity() string { return i.ID }

func (i instanceWire) deleted() bool { return normalise(i.State) == "deleted" }

func (i instanceWire) part() string { return i.Base.id() }

// sound reports whether the instance is operational.
func (i instanceWire) sound() bool {
	return !i.deleted() && i.read(&platform.Anomalies{}).status() == platform.Operational
}

func (i instanceWire) hasMetrics() bool { return i.Base.id() != "" && !i.deleted() }

var (
	checkWords     = []string{"ENABLED", "DISABLED", "NOT_SUPPORTED"}
	trunkState     = enum{"trunk_state", []string{"active", "inactive", "deleted"}}
	trunkOptions   = enum{"trunk_options_enabled_status", checkWords}
	trunkRegisters = enum{"trunk_registers_enabled_status", checkWords}
)

// readTrunks takes 1 call per 100 instances, and 1 per 100 for their metrics.
func (c *client) readTrunks(ctx context.Context) (listing[instanceWire, instanceMetricsWire], error) {
	return listingOf[instanceWire, instanceMetricsWire]{
		entities: rest.Request{
			Operation: opTrunks, URL: c.api + pathTrunks, Query: url.Values{"trunkType": {trunkType}},
			Priority: platform.ClassTrunks,
		},
		metrics:   rest.Request{Operation: opTrunksMetrics, URL: c.api + pathTrunksMetrics, Priority: platform.ClassTrunks},
		parameter: "trunkIds", want: instanceWire.hasMetrics,
	}.read(ctx, c)
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
			snapshot.Violate("entities[].trunkBase.id")
			continue
		}
		base := bases[wire.Base.ID]
		if base == nil {
			base = &trunk{proxies: map[string]*platform.Proxy{}, measured: true}
			base.ID, base.Name = wire.Base.ID, nameOr(wire.Base.Name, wire.Base.ID, &snapshot.Anomalies, "entities[].trunkBase.name")
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

func (i instanceWire) read(anomalies *platform.Anomalies) instance {
	read := instance{
		state:     trunkState.read(i.State, anomalies, "entities[].state"),
		connected: optional[bool](i.ConnectedStatus.Connected, anomalies, "entities[].connectedStatus.connected"),
		inService: optional[bool](i.InService, anomalies, "entities[].inService"),
		enabled:   optional[bool](i.Enabled, anomalies, "entities[].enabled"),
		options:   trunkOptions.read(i.OptionsEnabled, anomalies, "entities[].optionsEnabledStatus"),
		registers: trunkRegisters.read(i.RegistersEnabled, anomalies, "entities[].registersEnabledStatus"),
		addresses: i.Proxies,
	}
	for _, o := range i.Options {
		const path = "entities[].optionsStatus[]"
		read.optionsAnswers = append(read.optionsAnswers, proxyAnswer{
			address(o.Proxy, anomalies, path+".proxyAddress"), optional[bool](o.Up, anomalies, path+".optionState"),
			moment(o.Since, anomalies, path+".optionStateTime"),
		})
	}
	for _, r := range i.Registers {
		const path = "entities[].registersStatus[]"
		read.registerAnswers = append(read.registerAnswers, proxyAnswer{
			address(r.Proxy, anomalies, path+".proxyAddress"), optional[bool](r.Up, anomalies, path+".registerState"), time.Time{},
		})
	}
	return read
}

// address of a proxy. One without breaks the documented form.
func address(text string, anomalies *platform.Anomalies, path string) string {
	if text = strings.TrimSpace(text); text == "" {
		anomalies.Violate(path)
	}
	return text
}

// status is operational when the instance is active, in service, enabled and connected, and one of its proxies
// answers OPTIONS where that check is on. It is unknown when that is not known. It is critical otherwise, also when
// an administrator switched the trunk off: it carries no calls, and the API does not say whether that is on purpose.
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

// anyProxyUp reports whether a proxy answers; nil when none is known to and not all are known.
func anyProxyUp(proxies []proxyAnswer) (up *bool) {
	unknown := len(proxies) == 0
	for _, f := range proxies {
		up = anyTrue(up, f.up)
		unknown = unknown || f.up == nil
	}
	if unknown && oneIf(up) == 0 {
		return nil
	}
	return up
}
