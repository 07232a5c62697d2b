package notify

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"
)

// What is read of a channel and of its topics stands in the platform's own definition of its API.
func TestWireTypes(t *testing.T) {
	raw, err := os.ReadFile("../testdata/openapi-queues.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Definitions map[string]struct{ Properties map[string]any }
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	for definition, wire := range map[string]any{
		"Channel": channelWire{}, "ChannelTopicEntityListing": topicsWire{}, "ChannelTopic": topicWire{},
	} {
		for field := range reflect.TypeOf(wire).Fields() {
			if name := field.Tag.Get("json"); file.Definitions[definition].Properties[name] == nil {
				t.Errorf("%s has no %q", definition, name)
			}
		}
	}
}
