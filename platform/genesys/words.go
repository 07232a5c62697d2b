package genesys

import "slices"

// Words are the documented words of all enums that the client knows. Nothing in them is a customer's.
func Words() (words []string) {
	for _, e := range []enum{
		systemPresence, routingStatus, definitionPresence, edgeState, edgeOnline, edgeStatusCode, edgeDeployment, edgeDraining,
		edgeUpdate, queueMedium, trunkState, trunkOptions, trunkRegisters,
	} {
		words = append(words, e.words...)
	}
	words = append(words, trunkType, oServiceLevel, deploymentCloud, deploymentPremises, "Permitted", "Rejected", oRateLimitRecorded)
	for metric := range observed {
		words = append(words, metric)
	}
	slices.Sort(words)
	return slices.Compact(words)
}
