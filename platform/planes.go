package platform

// planeStatuses judges both planes by the snapshots that are fresh.
func planeStatuses(snapshots []*Snapshot, t Thresholds) []PlaneStatus {
	worst := map[Plane]Status{}
	note := func(plane Plane, s Status) { worst[plane] = max(worst[plane], s) }
	var probes share // of all snapshots: each SIP target has a feed of its own
	for _, snapshot := range snapshots {
		for _, c := range snapshot.Components {
			note(c.Plane, c.Status)
		}
		var trunks, edges share
		for _, probe := range snapshot.Probes {
			probes.add(probe.Status)
		}
		for _, trunk := range snapshot.Trunks {
			trunks.add(trunk.Status)
		}
		for _, edge := range snapshot.Edges {
			if edge.Own {
				edges.add(edge.Status)
			} else { // the one row of all cloud media edges is a share already
				note(DataPlane, edge.Status)
			}
		}
		note(DataPlane, trunks.status(t))
		note(DataPlane, edges.status(t))
	}
	note(DataPlane, probes.status(t))
	statuses := make([]PlaneStatus, 0, len(Planes))
	for _, plane := range Planes {
		statuses = append(statuses, PlaneStatus{plane, worst[plane]})
	}
	return statuses
}

// share weighs objects of which one alone says little: those of unknown status do not count.
type share struct{ known, operational, carrying float64 }

func (s *share) add(status Status) {
	if status == Unknown {
		return
	}
	s.known++
	if status == Operational {
		s.operational++
	}
	if status != Critical {
		s.carrying++
	}
}

func (s *share) status(t Thresholds) Status {
	switch {
	case s.known == 0:
		return Unknown
	case s.carrying/s.known <= t.DataPlaneCritical:
		return Critical
	case s.operational/s.known < t.DataPlaneDegraded:
		return Degraded
	}
	return Operational
}
