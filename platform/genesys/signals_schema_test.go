package genesys

import (
	"reflect"
	"slices"
	"testing"
)

// What is asked and read of operational events, limits and OAuth clients is what the platform defines.
func TestSignalWireTypes(t *testing.T) {
	file := decodeFixture[definitionFile](t, "openapi-signals.json")
	for definition, wire := range map[string]any{
		"EventAggregatesQueryRequest":     eventsQueryWire{},
		"EventAggregatesResponse":         eventsWire{},
		"EventDefinitionAggregates":       eventAggregateWire{},
		"EventDefinition":                 eventDefinitionWire{},
		"RateLimitAggregationQuery":       aggregateQueryWire{},
		"RateLimitAggregateQueryResponse": aggregatesWire{},
		"RateLimitAggregateDataContainer": rateLimitWire{},
		"Limit":                           limitWire{},
		"OAuthClient":                     oauthClientWire{},
	} {
		file.compare(t, definition, reflect.TypeOf(wire), file.Definitions[definition], 0)
	}
	query := file.Definitions["RateLimitAggregationQuery"].Properties
	for _, dimension := range []string{"namespace", "limitName"} {
		if !slices.Contains(query["groupBy"].Items.Enum, dimension) {
			t.Errorf("there is no dimension %s", dimension)
		}
	}
	if !slices.Contains(query["metrics"].Items.Enum, oRateLimitRecorded) {
		t.Errorf("there is no metric %s", oRateLimitRecorded)
	}
	for name, definition := range map[string]string{
		"usage_events_aggregates.json": "EventAggregatesResponse", "usage_events_definitions.json": "EventDefinitionListing",
		"ratelimits_aggregates.json": "RateLimitAggregateQueryResponse", "organizations_limits.json": "LimitsEntityListing",
		"oauth_client.json": "OAuthClient",
	} {
		file.conform(t, name, decodeFixture[any](t, name), file.Definitions[definition])
	}
}
