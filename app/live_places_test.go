package app

import (
	"bytes"
	"regexp"

	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// liveAnomalies are worlds whose answers are not as documented, each with the path of the field.
func liveAnomalies() []liveCase {
	return []liveCase{
		{
			name: "unknown word of the vendor", code: "unknown_value",
			faults: map[string]simulator.Fault{"us": {Path: "/*/*/*/skills/activity", Rewrite: func(body []byte) []byte {
				return regexp.MustCompile(`"mediaTypeId": ?\d+`).ReplaceAll(body, []byte(`"mediaTypeId":42`))
			}}},
			want: []string{"us queues: skillActivity[].mediaTypeId: unknown value 42, 40 times"},
		},
		{
			name: "fields that are not as documented", code: "schema",
			faults: map[string]simulator.Fault{
				"emea": {Path: trunksPath, Exact: true, Rewrite: func(body []byte) []byte {
					body = bytes.Replace(body, []byte(`"inService":true`), []byte(`"inService":"yes"`), 2)
					return bytes.Replace(body, []byte(`"optionState":true`), []byte(`"optionState":"Jo Canary"`), 1)
				}},
				"us": {Path: "/*/*/*/skills/activity", Rewrite: func(body []byte) []byte {
					return regexp.MustCompile(`"queueCount": ?\d+`).ReplaceAll(body, []byte(`"queueCount":-1`))
				}},
			},
			want: []string{
				"emea trunks: entities[].inService: missing, or not of the documented type, 2 times",
				"emea trunks: entities[].optionsStatus[].optionState: missing, or not of the documented type, 1 time",
				"us queues: skillActivity[].queueCount: missing, or not of the documented type, 40 times",
			},
		},
		{
			name: "unknown word", code: "unknown_value",
			faults: map[string]simulator.Fault{"emea": {Path: trunksPath, Exact: true, Rewrite: func(body []byte) []byte {
				return bytes.Replace(body, []byte(`"state":"active"`), []byte(`"state":"resting"`), 1)
			}}},
			want: []string{"emea trunks: entities[].state: unknown value <text 7>, 1 time"},
		},
	}
}
