package feed

import "github.com/ccaas-exporter/ccaas_exporter/platform"

// PlaneLimits are the shares of edges, trunks or SIP probes, each kind by itself, at which the data plane changes its status.
type PlaneLimits struct {
	// Degraded is the share of those that are operational, below which the data plane is degraded.
	Degraded float64
	// Critical is the share of those that still carry calls, at or below which the data plane is critical.
	Critical float64
}

// planeStatuses derives the status of both planes from the snapshots that are fresh.
func planeStatuses(snapshots []*platform.Snapshot, limits PlaneLimits) []PlaneStatus {
	worst := map[platform.Plane]platform.Status{}
	note := func(plane platform.Plane, s platform.Status) { worst[plane] = max(worst[plane], s) }
	var probes share // of all snapshots: each SIP target has a feed of its own
	for _, snapshot := range snapshots {
		for _, c := range snapshot.Components {
			note(c.Plane, c.Status)
		}
		var trunks, edges share
		for _, probe := range snapshot.SIPProbes {
			probes.add(probe.Status)
		}
		for _, trunk := range snapshot.Trunks {
			trunks.add(trunk.Status)
		}
		for _, edge := range snapshot.Edges {
			if edge.Own {
				edges.add(edge.Status)
			} else { // the one row of all cloud media edges is a share already
				note(platform.DataPlane, edge.Status)
			}
		}
		note(platform.DataPlane, trunks.status(limits))
		note(platform.DataPlane, edges.status(limits))
	}
	note(platform.DataPlane, probes.status(limits))
	statuses := make([]PlaneStatus, 0, len(platform.Planes))
	for _, plane := range platform.Planes {
		statuses = append(statuses, PlaneStatus{Plane: plane, Status: worst[plane]})
	}
	return statuses
}

// share weighs objects of which one alone says little: those of unknown status do not count.
type share struct{ known, operational, carrying float64 }

func (s *share) add(status platform.Status) {
	if status == platform.Unknown {
		return
	}
	s.known++
	if status == platform.Operational {
		s.operational++
	}
	if status != platform.Critical {
		s.carrying++
	}
}

func (s *share) status(limits PlaneLimits) platform.Status {
	switch {
	case s.known == 0:
		return platform.Unknown
	case s.carrying/s.known <= limits.Critical:
		return platform.Critical
	case s.operational/s.known < limits.Degraded:
		return platform.Degraded
	}
	return platform.Operational
}
