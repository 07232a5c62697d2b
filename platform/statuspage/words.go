package statuspage

import (
	"maps"
	"slices"
)

// Words are the words of all enums of status pages and health documents that the package knows.
func Words() []string {
	return slices.Concat(
		slices.Sorted(maps.Keys(documentStatuses)), slices.Sorted(maps.Keys(pageStatuses)), slices.Sorted(maps.Keys(incidentClosed)),
		slices.Sorted(maps.Keys(underWay)), impacts[:],
	)
}
