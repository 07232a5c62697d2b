package genesys

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys/notify"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// schema is what is needed of Swagger 2.0 to hold what we ask and read against the platform's own definition of its API.
type schema struct {
	Ref        string            `json:"$ref"`
	Type       string            `json:"type"`
	Enum       []string          `json:"enum"`
	Items      *schema           `json:"items"`
	Properties map[string]schema `json:"properties"`
	Values     *schema           `json:"additionalProperties"`
}

type definitionFile struct {
	Topics map[string]schema `json:"topics"`
	Paths  map[string]map[string]struct {
		Answer schema `json:"answer"`
	} `json:"paths"`
	Definitions map[string]schema `json:"definitions"`
}

func (f definitionFile) resolve(s schema) schema {
	if name, ok := strings.CutPrefix(s.Ref, "#/definitions/"); ok {
		return f.Definitions[name]
	}
	return s
}

// Every field that is read must be one that the platform defines, of a kind that fits.
func TestWireTypes(t *testing.T) {
	file := decodeFixture[definitionFile](t, "openapi.json")
	for definition, wire := range map[string]any{
		"Edge":                              edgeWire{},
		"EdgeMetrics":                       edgeMetricsWire{},
		"EdgeEntityListing":                 pageWire{},
		"TrunkEntityListing":                pageWire{},
		"Trunk":                             instanceWire{},
		"TrunkMetrics":                      instanceMetricsWire{},
		"OrganizationPresenceDefinition":    definitionWire{},
		"AnalyticsAgentStateCountsResponse": agentCountsWire{},
		"AgentStatePresenceCount":           presenceCountWire{},
		"AgentStateRoutingStatusCount":      routingCountWire{},
		"OrganizationCallMetrics":           callsWire{},
	} {
		file.compare(t, definition, reflect.TypeOf(wire), file.Definitions[definition], 0)
	}
}

func (f definitionFile) compare(t *testing.T, place string, wire reflect.Type, s schema, depth int) {
	s = f.resolve(s)
	if wire == reflect.TypeFor[rest.Span]() { // read later, compared on its own
		return
	}
	for wire.Kind() == reflect.Pointer {
		wire = wire.Elem()
	}
	fits := map[reflect.Kind][]string{
		reflect.String: {"string"}, reflect.Int: {"integer"}, reflect.Interface: {"integer", "number", "boolean"},
		reflect.Slice: {"array"}, reflect.Struct: {"object"}, reflect.Map: {"object"},
	}[wire.Kind()]
	if !slices.Contains(fits, s.Type) {
		t.Errorf("%s is read as %v, but defined as %q", place, wire, s.Type)
		return
	}
	switch {
	case wire == reflect.TypeFor[[]json.RawMessage](): // read one by one, compared on its own
	case wire.Kind() == reflect.Slice:
		f.compare(t, place+"[]", wire.Elem(), *s.Items, depth+1)
	case wire.Kind() == reflect.Map:
		f.compare(t, place+"{}", wire.Elem(), *s.Values, depth+1)
	case wire.Kind() == reflect.Struct:
		for field := range wire.Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			property, ok := s.Properties[name]
			if s.Values != nil {
				property, ok = *s.Values, true
			}
			if strings.HasSuffix(place, "."+name) { // defined as deep as it is sent, read as deep as it comes
				continue
			}
			if !ok {
				t.Errorf("%s has no %q", place, name)
				continue
			}
			f.compare(t, place+"."+name, field.Type, property, depth+1)
		}
	}
}

// instanceEventWire is what is read of an event about a trunk instance: less than of the instance itself.
type instanceEventWire struct {
	ID              string          `json:"id"`
	ConnectedStatus connectedWire   `json:"connectedStatus"`
	Options         []optionsWire   `json:"optionsStatus"`
	Registers       []registersWire `json:"registersStatus"`
}

type edgeEventWire struct {
	ID           string `json:"id"`
	OnlineStatus string `json:"onlineStatus"`
}

// The same for queues and for the notification service, requests and events included.
func TestQueueWireTypes(t *testing.T) {
	file := decodeFixture[definitionFile](t, "openapi-queues.json")
	for definition, wire := range map[string]any{
		"QueueEntityListing":                 pageWire{},
		"Queue":                              queueNameWire{},
		"QueueObservationQuery":              observationQueryWire{},
		"QueueObservationQueryResponse":      mappedWire{},
		"QueueObservationDataContainer":      observationWire{},
		"ConversationAggregationQuery":       aggregateQueryWire{},
		"ConversationAggregateQueryResponse": aggregatesWire{},
		"ConversationAggregateDataContainer": aggregateWire{},
		"StatEventQueueTopicMetricStats":     measureWire{},
	} {
		file.compare(t, definition, reflect.TypeOf(wire), file.Definitions[definition], 0)
	}
	for form, wire := range map[notify.Topic]any{
		observationsTopic: observationEventWire{}, conversationsTopic: conversationWire{},
		instanceTopic: instanceEventWire{}, instanceMetricsTopic: instanceMetricsWire{}, edgeTopic: edgeEventWire{}, edgeMetricsTopic: edgeMetricsWire{},
	} {
		topic := form.Name("{id}")
		definition, ok := file.Topics[topic]
		if !ok {
			t.Errorf("there is no topic %s", topic)
			continue
		}
		file.compare(t, topic, reflect.TypeOf(wire), definition, 0)
	}
	metrics := file.Definitions["QueueObservationQuery"].Properties["metrics"].Items.Enum
	for metric := range observed {
		if !slices.Contains(metrics, metric) {
			t.Errorf("there is no metric %s, only %v", metric, metrics)
		}
	}
	predicate := file.Definitions["QueueObservationQueryPredicate"].Properties
	for field, word := range map[string]string{"type": "dimension", "dimension": "queueId", "operator": "matches"} {
		if !slices.Contains(predicate[field].Enum, word) {
			t.Errorf("a predicate has no %s %q", field, word)
		}
	}
	query := file.Definitions["ConversationAggregationQuery"].Properties
	if !slices.Contains(query["metrics"].Items.Enum, oServiceLevel) || !slices.Contains(query["groupBy"].Items.Enum, "queueId") ||
		!slices.Contains(query["groupBy"].Items.Enum, "mediaType") {
		t.Error("the query of service levels is not one that the platform defines")
	}
}

// mappedWire is observationsWire without the mappings, whose form the definition leaves open.
type mappedWire struct {
	Results []json.RawMessage `json:"results"`
}

// The words that are known are those of the definition, no more and no fewer.
func TestEnums(t *testing.T) {
	file := decodeFixture[definitionFile](t, "openapi.json")
	property := func(path string) []string {
		name, field, _ := strings.Cut(path, ".")
		words := file.resolve(file.Definitions[name].Properties[field]).Enum
		if len(words) == 0 {
			t.Errorf("%s has no enum", path)
		}
		return words
	}
	fields := map[string]bool{}
	for path, e := range map[string]enum{
		"Edge.state":                                    edgeState,
		"Edge.onlineStatus":                             edgeOnline,
		"Edge.statusCode":                               edgeStatusCode,
		"Edge.edgeDeploymentType":                       edgeDeployment,
		"Edge.callDrainingState":                        edgeDraining,
		"DomainEdgeSoftwareUpdateDto.status":            edgeUpdate,
		"Trunk.state":                                   trunkState,
		"Trunk.optionsEnabledStatus":                    trunkOptions,
		"Trunk.registersEnabledStatus":                  trunkRegisters,
		"AgentStatePresenceCount.systemPresence":        systemPresence,
		"AgentStateRoutingStatusCount.routingStatus":    routingStatus,
		"OrganizationPresenceDefinition.systemPresence": definitionPresence,
	} {
		diff(t, path, normalised(e.words), normalised(property(path)))
		fields[e.field] = true
		if known := Words(); slices.ContainsFunc(e.words, func(word string) bool { return !slices.Contains(known, word) }) {
			t.Errorf("Words() lacks some of %s: %q", path, e.words)
		}
	}
	if !slices.Contains(property("Trunk.trunkType"), trunkType) {
		t.Errorf("trunkType = %s, want one of %v", trunkType, property("Trunk.trunkType"))
	}
	api, err := rest.New(rest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(DefaultConfig(), surroundings{api: api, log: slog.New(slog.DiscardHandler)})
	for _, feed := range c.feeds(DefaultConfig(), 0) { // every field is announced by a feed
		for _, field := range feed.Fields {
			delete(fields, field)
		}
	}
	if len(fields) != 0 {
		t.Errorf("fields that no feed announces: %v", fields)
	}
}

// The recorded answers have the form that the definition gives them.
func TestFixtures(t *testing.T) {
	file := decodeFixture[definitionFile](t, "openapi.json")
	for name, operation := range map[string][2]string{
		"edges.json":                {pathEdges, "get"},
		"edges_metrics.json":        {pathEdgesMetrics, "get"},
		"trunks.json":               {pathTrunks, "get"},
		"trunks_metrics.json":       {pathTrunksMetrics, "get"},
		"agents_status_counts.json": {pathAgentCounts, "post"},
		"presence_definitions.json": {pathDefinitions, "get"},
		"calls_metrics.json":        {pathCallsMetrics, "get"},
	} {
		file.conform(t, name, decodeFixture[any](t, name), file.Paths[operation[0]][operation[1]].Answer)
	}
}

func TestQueueFixtures(t *testing.T) {
	file := decodeFixture[definitionFile](t, "openapi-queues.json")
	for name, operation := range map[string][2]string{
		"queues.json":                   {pathQueues, "get"},
		"conversations_aggregates.json": {pathAggregates, "post"},
	} {
		file.conform(t, name, decodeFixture[any](t, name), file.Paths[operation[0]][operation[1]].Answer)
	}
	for name, raw := range decodeFixture[map[string]json.RawMessage](t, "events.json") {
		var message struct {
			Topic string `json:"topicName"`
			Body  any    `json:"eventBody"`
		}
		if err := json.Unmarshal(raw, &message); err != nil {
			t.Fatal(err)
		}
		kind := readMessage(raw, time.Time{}).Kind
		for _, form := range streamTopics {
			if definition, ok := file.Topics[form.Name("{id}")]; ok && form.Kind == kind {
				file.conform(t, name, message.Body, definition)
			}
		}
	}
}

func (f definitionFile) conform(t *testing.T, place string, value any, s schema) {
	if s.Ref != "" && f.resolve(s).Type == "" {
		return // of no use to us, so not in the extract
	}
	s = f.resolve(s)
	kind := "string"
	switch v := value.(type) {
	case map[string]any:
		kind = "object"
		for name, value := range v {
			property, ok := s.Properties[name]
			if s.Values != nil {
				property, ok = *s.Values, true
			}
			if !ok {
				t.Errorf("%s has no %q", place, name)
				continue
			}
			f.conform(t, place+"."+name, value, property)
		}
	case []any:
		kind = "array"
		for i, value := range v {
			f.conform(t, fmt.Sprintf("%s[%d]", place, i), value, *s.Items)
		}
	case float64:
		if kind = "number"; s.Type == "integer" && v == float64(int64(v)) {
			kind = "integer"
		}
	case bool:
		kind = "boolean"
	case string:
		if len(s.Enum) > 0 && !slices.Contains(s.Enum, v) {
			t.Errorf("%s = %q, want one of %v", place, v, s.Enum)
		}
	}
	if kind != s.Type {
		t.Errorf("%s is of type %s, want %s", place, kind, s.Type)
	}
}
