package platform

// planeStatuses judges both planes by the parts that are fresh.
func planeStatuses(parts []*Part, t Thresholds) []PlaneStatus {
	worst := map[Plane]Status{}
	note := func(plane Plane, s Status) { worst[plane] = max(worst[plane], s) }
	var probes share // of all parts: each SIP target has a feed of its own
	for _, part := range parts {
		for _, c := range part.Components {
			note(c.Plane, c.Status)
		}
		var trunks, edges share
		for _, probe := range part.Probes {
			probes.add(probe.Status)
		}
		for _, trunk := range part.Trunks {
			trunks.add(trunk.Status)
		}
		for _, edge := range part.Edges {
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
