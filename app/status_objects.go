package app

import "github.com/ccaas-exporter/ccaas_exporter/platform"

// What is above these sounds bad: the alerts on media paths have the same limits.
const (
	poorJitter = 0.4  // seconds
	poorLoss   = 0.15 // ratio
)

// addObjects adds what is not well in an account's snapshots, and its probes beside the platform's word.
func (s *status) addObjects(name accountName, snapshots []*platform.Snapshot) {
	probed, says := map[string]level{}, map[string]level{} // by trunk
	for _, snapshot := range snapshots {
		for _, p := range snapshot.SIPProbes {
			if worst, known := probed[p.Trunk]; p.Trunk != "" && (!known || level(p.Status) > worst) {
				probed[p.Trunk] = level(p.Status)
			}
		}
		for _, t := range snapshot.Trunks {
			says[t.Name] = level(t.Status)
		}
	}
	for _, snapshot := range snapshots {
		for _, c := range snapshot.Components {
			s.addUnwell(objectStatus{accountName: name, Kind: "component", Object: c.Name, Source: c.Source}, c.Condition)
		}
		for _, t := range snapshot.Trunks {
			row := objectStatus{accountName: name, Kind: "trunk", Object: t.Name, Connected: &t.Connected, Instances: &t.Instances}
			if worst, known := probed[t.Name]; known {
				row.Probed = &worst
			}
			s.addUnwell(row, t.Condition)
		}
		for _, e := range snapshot.Edges {
			s.addUnwell(objectStatus{accountName: name, Kind: "edge", Object: e.Name}, e.Condition)
		}
		for _, p := range snapshot.SIPProbes {
			s.Probes = append(s.Probes, probeRow(name, p, says))
		}
	}
}

// addUnwell adds an object when its condition is degraded or critical.
func (s *status) addUnwell(row objectStatus, c platform.Condition) {
	if c.Status == platform.Degraded || c.Status == platform.Critical {
		row.Status, row.Since = level(c.Status), c.Since
		s.Unwell = append(s.Unwell, row)
	}
}

// probeRow puts a probe beside what the platform says of its trunk.
func probeRow(name accountName, p platform.SIPProbe, says map[string]level) probeStatus {
	row := probeStatus{
		accountName: name, Target: p.Target, Trunk: p.Trunk, Status: level(p.Status), Since: p.Since, Code: p.Code, Loss: p.Loss,
	}
	if p.RoundTrip != nil {
		row.RoundTrip = new(p.RoundTrip.Seconds())
	}
	if p.Jitter != nil {
		row.Jitter = new(p.Jitter.Seconds())
	}
	row.Poor = row.Jitter != nil && *row.Jitter > poorJitter || row.Loss != nil && *row.Loss > poorLoss
	if word, known := says[p.Trunk]; known && p.Trunk != "" {
		row.Says = &word
		critical := level(platform.Critical)
		row.Contradicts = word != level(platform.Unknown) && row.Status != level(platform.Unknown) &&
			(word == critical) != (row.Status == critical)
	}
	return row
}
