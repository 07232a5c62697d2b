package genesys

import (
	"strings"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
)

func TestTrunks(t *testing.T) {
	at := func(hour, minute, second int) time.Time {
		return time.Date(2026, 3, 21, hour, minute, second, 0, time.UTC)
	}
	condition := func(s platform.Status) platform.Condition {
		return platform.Condition{Status: s, Evidence: platform.Evidence{CorrelationID: "c0ffee", Payload: []byte("{")}}
	}
	want := platform.Snapshot{
		Anomalies: violated("entities[].trunkBase.id"), // the instance without a trunk base
		Trunks: []platform.Trunk{
			{
				ID: "ba5e0000-0000-4000-8000-00000000000a", Name: "Carrier A",
				Instances: 2, Connected: 1, InService: 2, Enabled: 2,
				Proxies: []platform.Proxy{
					{Address: "192.0.2.10:5060", Instances: 2, OptionsUp: new(1), OptionsChanged: at(12, 40, 0)},
					{Address: "192.0.2.11:5060", Instances: 2, OptionsUp: new(0), OptionsChanged: at(12, 39, 58)},
				},
				TrunkMetrics: platform.TrunkMetrics{Inbound: new(7.0), Outbound: new(1.0), QoSMismatches: new(7.0), Observed: at(12, 43, 0)},
				Condition:    condition(platform.Degraded),
			},
			{
				ID: "ba5e0000-0000-4000-8000-00000000000b", Name: "BYOC Cloud B",
				Instances: 1, Connected: 1, InService: 1, Enabled: 1,
				Proxies:      []platform.Proxy{{Address: "198.51.100.7:5061", Instances: 1, RegisterUp: new(1)}},
				TrunkMetrics: platform.TrunkMetrics{Inbound: new(11.0), Observed: at(12, 44, 0)},
				Condition:    condition(platform.Operational),
			},
			{
				ID: "ba5e0000-0000-4000-8000-00000000000c", Name: "Lab", Instances: 1, Enabled: 1,
				Condition: condition(platform.Unknown),
			},
		},
	}
	m := recorded[instanceWire, instanceMetricsWire](t, "trunks.json", "trunks_metrics.json")
	diff(t, "translateTrunks", translateTrunks(m), want)

	// With the metrics of one instance missing, the sums of its base are not known.
	delete(m.answered, "2b7c0000-0000-4000-8000-000000000102")
	carrier := &want.Trunks[0]
	carrier.TrunkMetrics = platform.TrunkMetrics{}
	diff(t, "translateTrunks with metrics missing", translateTrunks(m), want)
}

// A number that cannot be read leaves the sums of its base unknown, and harms no other base.
func TestTrunkMetricsBroken(t *testing.T) {
	m := recorded[instanceWire, instanceMetricsWire](t, "trunks.json", "trunks_metrics.json")
	m.metrics = append(rowsOf[instanceMetricsWire](t,
		`{"trunk":{"id":"2b7c0000-0000-4000-8000-000000000101"},"calls":{"inboundCallCount":"three"}}`, `{"trunk":{}}`, `null`,
	), m.metrics...)
	snapshot := translateTrunks(m)
	diff(t, "violations", snapshot.Violations, 4) // and the instance without a trunk base
	if broken, other := snapshot.Trunks[0], snapshot.Trunks[1]; broken.Inbound != nil || broken.QoSMismatches != nil || other.Inbound == nil {
		t.Errorf("inbound = %v and %v, want none and some", broken.Inbound, other.Inbound)
	}
}

func TestTrunkEvidence(t *testing.T) {
	trunk := translateTrunks(recorded[instanceWire, instanceMetricsWire](t, "trunks.json", "trunks_metrics.json")).Trunks[0]
	if worst := "000000000102"; !strings.Contains(string(trunk.Evidence.Payload), worst) {
		t.Errorf("evidence = %s, want the instance that is down (%s)", trunk.Evidence.Payload, worst)
	}
	long := trunksOf(t, `{"id":"t","trunkBase":{"id":"b","name":"b"},"description":"`+strings.Repeat("x", 4000)+`"}`)
	if n := len(translateTrunks(long).Trunks[0].Evidence.Payload); n != feed.MaxPayload {
		t.Errorf("evidence has %d bytes, want %d", n, feed.MaxPayload)
	}
}

func TestInstanceStatus(t *testing.T) {
	const healthy = `"state":"active","inService":true,"enabled":true,"connectedStatus":{"connected":true}`
	for name, c := range map[string]struct {
		instance   string
		want       platform.Status
		unknowns   map[string]int
		violations int
	}{
		"healthy":             {healthy, platform.Operational, nil, 0},
		"spelling":            {`"state":"ACTIVE","inService":true,"enabled":true,"connectedStatus":{"connected":true}`, platform.Operational, nil, 0},
		"not connected":       {`"state":"active","inService":true,"enabled":true,"connectedStatus":{"connected":false}`, platform.Critical, nil, 0},
		"connection missing":  {`"state":"active","inService":true,"enabled":true`, platform.Unknown, nil, 0},
		"connection null":     {`"state":"active","inService":true,"enabled":true,"connectedStatus":{"connected":null}`, platform.Unknown, nil, 0},
		"missing and off":     {`"state":"active","inService":false,"enabled":true`, platform.Unknown, nil, 0},
		"out of service":      {`"state":"active","inService":false,"enabled":true,"connectedStatus":{"connected":true}`, platform.Critical, nil, 0},
		"edge out of service": {`"state":"active","inService":true,"enabled":false,"connectedStatus":{"connected":true}`, platform.Critical, nil, 0},
		"inactive":            {`"state":"inactive","inService":true,"enabled":true,"connectedStatus":{"connected":true}`, platform.Critical, nil, 0},
		"enabled missing":     {`"state":"active","inService":true,"connectedStatus":{"connected":true}`, platform.Unknown, nil, 0},
		"new state": {
			`"state":"paused","inService":true,"enabled":true,"connectedStatus":{"connected":true}`,
			platform.Unknown,
			map[string]int{"trunk_state": 1},
			0,
		},
		"one proxy answers": {healthy + `,"optionsEnabledStatus":"ENABLED","optionsStatus":[{"proxyAddress":"a","optionState":false},{"proxyAddress":"b","optionState":true}]`, platform.Operational, nil, 0},
		"no proxy answers":  {healthy + `,"optionsEnabledStatus":"enabled","optionsStatus":[{"proxyAddress":"a","optionState":false}]`, platform.Critical, nil, 0},
		"an answer is null": {healthy + `,"optionsEnabledStatus":"ENABLED","optionsStatus":[{"proxyAddress":"a","optionState":null},{"proxyAddress":"b","optionState":false}]`, platform.Unknown, nil, 0},
		"no answer yet":     {healthy + `,"optionsEnabledStatus":"ENABLED","optionsStatus":[]`, platform.Unknown, nil, 0},
		"check is off":      {healthy + `,"optionsEnabledStatus":"DISABLED","optionsStatus":[{"proxyAddress":"a","optionState":false}]`, platform.Operational, nil, 0},
		"new check words": {
			healthy + `,"optionsEnabledStatus":"MAYBE","registersEnabledStatus":"MAYBE"`, platform.Operational,
			map[string]int{"trunk_options_enabled_status": 1, "trunk_registers_enabled_status": 1},
			0,
		},
		"wrong type": {`"state":"active","inService":"yes","enabled":true,"connectedStatus":{"connected":true}`, platform.Unknown, nil, 1},
		"wrong time": {healthy + `,"optionsStatus":[{"proxyAddress":"a","optionStateTime":"soon"}]`, platform.Operational, nil, 1},
		"no address": {healthy + `,"optionsStatus":[{"optionState":true}]`, platform.Operational, nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			snapshot := translateTrunks(trunksOf(t, `{"id":"i","trunkBase":{"id":"b","name":"base"},`+c.instance+`}`))
			if len(snapshot.Trunks) != 1 {
				t.Fatalf("translateTrunks(%s) has %d trunks, want 1", c.instance, len(snapshot.Trunks))
			}
			if got := snapshot.Trunks[0].Status; got != c.want {
				t.Errorf("status of %s = %v, want %v", c.instance, got, c.want)
			}
			diff(t, "unknowns", snapshot.Unknowns, c.unknowns)
			diff(t, "violations", snapshot.Violations, c.violations)
		})
	}
}

// An instance of unknown state does not weigh, and one that is listed twice counts once.
func TestTrunkWeight(t *testing.T) {
	const up = `"state":"active","inService":true,"enabled":true,"connectedStatus":{"connected":true}`
	m := trunksOf(t,
		`{"id":"1","trunkBase":{"id":"b","name":"base"},`+up+`}`,
		`{"id":"2","trunkBase":{"id":"b","name":"base"}}`,
		`{"id":"1","trunkBase":{"id":"b","name":"base"},`+up+`}`,
		`{"id":"3","trunkBase":{"id":"c","name":"base"},`+up+`}`,
		`{"trunkBase":{"id":"b"}}`, `[]`, `null`,
	)
	snapshot := translateTrunks(m)
	diff(t, "violations", snapshot.Violations, 3)
	if len(snapshot.Trunks) != 2 || snapshot.Trunks[0].Name != "base" || snapshot.Trunks[1].Name != "base" {
		t.Fatalf("trunks = %+v, want two of one name", snapshot.Trunks)
	}
	if got := snapshot.Trunks[0]; got.Instances != 2 || got.Status != platform.Operational {
		t.Errorf("trunk of a healthy and an unknown instance: %d instances, %v, want 2, operational", got.Instances, got.Status)
	}
}

// A proxy that an instance lists twice counts once, as answering when one of the two does.
func TestProxies(t *testing.T) {
	snapshot := translateTrunks(trunksOf(t, `{"id":"i","trunkBase":{"id":"b","name":"base"},"optionsEnabledStatus":"ENABLED",
		"optionsStatus":[{"proxyAddress":"a:1","optionState":true},{"proxyAddress":" a:1 ","optionState":false}],
		"registersEnabledStatus":"DISABLED","registersStatus":[{"proxyAddress":"b:1","registerState":true}],
		"proxyAddressList":["a:1","c:1"]}`))
	diff(t, "proxies", snapshot.Trunks[0].Proxies, []platform.Proxy{
		{Address: "a:1", Instances: 1, OptionsUp: new(1)}, {Address: "b:1", Instances: 1}, {Address: "c:1", Instances: 1},
	})
	snapshot = translateTrunks(trunksOf(t, `{"id":"i","trunkBase":{"id":"b","name":"base"},"optionsEnabledStatus":"NOT_SUPPORTED",
		"optionsStatus":[{"proxyAddress":"a:1","optionState":true}],"registersStatus":[{"proxyAddress":"a:1","registerState":false}]}`))
	diff(t, "proxies of a check that is not supported", snapshot.Trunks[0].Proxies, []platform.Proxy{
		{Address: "a:1", Instances: 1, RegisterUp: new(0)},
	})
}
