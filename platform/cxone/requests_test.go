package cxone

import (
	"slices"
	"strings"
	"testing"
)

// TestRequestsAreDocumented compares what is asked for with the vendor's definitions.
func TestRequestsAreDocumented(t *testing.T) {
	schemas := load[struct {
		Endpoints []struct {
			Path     string
			Params   []string
			Envelope map[string]any
			ItemsKey string
			Item     map[string]string
		}
	}](t, "schemas")
	asked := map[string]struct{ params, fields, envelope []string }{
		pathAgentStates: {
			[]string{"fields", "updatedSince", "top", "skip"},
			strings.Split("agentId,"+agentFields+","+personFields+","+contactField, ","),
			[]string{"totalRecords", "_links", "lastPollTime", "agentStates"},
		},
		pathAgents: {
			[]string{"fields", "updateSince", "top", "skip"},
			strings.Split(directoryFields, ","),
			[]string{"totalRecords", "_links", "lastPollTime", "agents"},
		},
		pathActiveContacts: {[]string{"mediaTypeId", "top", "fields"}, []string{"contactId"}, []string{"totalRecords"}},
		pathBusinessUnit:   {nil, []string{"concurrentPortLimit"}, []string{"businessUnits"}},
		pathServerTime:     {nil, nil, []string{"ServerTime"}},
		pathSkillActivity: {
			[]string{"fields", "updatedSince", "top", "skip"},
			strings.Split(skillFields, ","),
			[]string{"totalRecords", "_links", "lastPollTime", "skillActivity"},
		},
	}
	if len(schemas.Endpoints) != len(asked) {
		t.Fatalf("%d definitions, want %d", len(schemas.Endpoints), len(asked))
	}
	for _, e := range schemas.Endpoints {
		for _, param := range asked[e.Path].params {
			if !slices.Contains(e.Params, param) {
				t.Errorf("%s: no parameter %s", e.Path, param)
			}
		}
		for _, field := range asked[e.Path].fields {
			if e.Item[field] == "" {
				t.Errorf("%s: no field %s", e.Path, field)
			}
		}
		for _, field := range asked[e.Path].envelope {
			if e.Envelope[field] == nil {
				t.Errorf("%s: no %s around the list", e.Path, field)
			}
		}
	}
}
