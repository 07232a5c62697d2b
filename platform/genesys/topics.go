package genesys

import "strings"

// This file names the notification topics. There are no wildcards: one topic per object.

// maxTopics is how many topics the platform lets one channel have.
const maxTopics = 1000

// topicForms are the names of topics: what stands before and after the object's id. Where one prefix begins with
// another, the longer comes first; where one suffix is empty, the other comes first.
var topicForms = [...]struct {
	kind           kind
	prefix, suffix string
}{
	{kindObservations, "v2.analytics.queues.", ".observations"},
	{kindConversations, "v2.routing.queues.", ".conversations"},
	{kindTrunkMetrics, "v2.telephony.providers.edges.trunks.", ".metrics"},
	{kindTrunk, "v2.telephony.providers.edges.trunks.", ""},
	{kindEdgeMetrics, "v2.telephony.providers.edges.", ".metrics"},
	{kindEdge, "v2.telephony.providers.edges.", ""},
	{kindHeartbeat, "channel.metadata", ""},
	{kindSystem, "v2.system.", ""},
	{kindSystem, "v2.subscription.updated", ""},
}

// topicName is the topic of an object.
func topicName(k kind, id string) string {
	for _, form := range topicForms {
		if form.kind == k {
			return form.prefix + id + form.suffix
		}
	}
	return ""
}

// readTopic is the reverse of topicName.
func readTopic(name string) (k kind, id string) {
	for _, form := range topicForms {
		rest, ok := strings.CutPrefix(name, form.prefix)
		if !ok {
			continue
		}
		if id, ok := strings.CutSuffix(rest, form.suffix); ok {
			return form.kind, id
		}
	}
	return kindOther, ""
}
