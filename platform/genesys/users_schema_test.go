package genesys

import (
	"reflect"
	"slices"
	"testing"
)

// Every field that is read of users, or written to them, is one that the platform defines.
func TestUserWireTypes(t *testing.T) {
	file := decodeFixture[definitionFile](t, "openapi-users.json")
	for definition, wire := range map[string]any{
		"User":                   userWire{},
		"UserPresence":           userPresenceWire{},
		"MutableUserPresence":    changeWire{},
		"UserExternalIdentifier": externalWire{},
		"UserEntityListing":      pageWire{},
	} {
		file.compare(t, definition, reflect.TypeOf(wire), file.Definitions[definition], 0)
	}
	for _, status := range file.Definitions["RoutingStatus"].Properties["status"].Enum {
		if !slices.Contains(routingStatus.words, status) {
			t.Errorf("the routing status %s is not known", status)
		}
	}
}

func TestUserFixtures(t *testing.T) {
	file := decodeFixture[definitionFile](t, "openapi-users.json")
	for name, operation := range map[string][2]string{
		"users.json":                     {pathUsers, "get"},
		"users_externalid.json":          {pathUsers + "/{userId}/externalid", "get"},
		"users_presences_bulk.json":      {pathWriteMany, "put"},
		"users_presences_purecloud.json": {pathUsers + "/{userId}" + pathWriteOne, "patch"},
	} {
		file.conform(t, name, decodeFixture[any](t, name), file.Paths[operation[0]][operation[1]].Answer)
	}
}
