// Health documents. They are NOT part of the vendors' APIs: they stand for a customer's gateway or a private deployment
// that offers such documents, on a host of its own or on the platform's API host behind the same token.

package simulator

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"
)

// documentRoute serves one document about the whole platform.
func documentRoute(path string) route {
	return route{method: "GET", path: path, serve: healthDocument}
}

// componentsRoute serves a paged list of components.
func componentsRoute(path string) route {
	return route{method: "GET", path: path, serve: healthComponents, params: params{
		"pageSize": number(1, 100), "pageNumber": number(1, 1<<20), "ids": idListOptional(100), "expand": oneOf("details"),
		"status": subset(func(word string) bool { return slices.Contains([]string{"healthy", "degraded", "down"}, word) }),
	}}
}

func idListOptional(limit int) check {
	want := idList(limit)
	return func(values []string) string {
		if len(values) == 0 {
			return ""
		}
		return want(values)
	}
}

// troubled returns how a part is: 0 well, 1 degraded, 2 down; and since when.
func (c *call) troubled(part string) (level int, since time.Time) {
	switch {
	case c.inBurst(regionDegraded) && part == "media":
		return 2, c.stage.since
	case c.in(regionDegraded) && part != "database":
		return 1, c.stage.since
	case c.in(trunkOutage) && part == "media":
		return 1, c.stage.since
	case c.in(apiSlow) && part == "api":
		return 1, c.stage.since
	}
	return 0, slices.MaxFunc([]time.Time{c.changed(regionDegraded), c.changed(trunkOutage), c.changed(apiSlow)}, time.Time.Compare)
}

func healthDocument(c *call) answer {
	words := [...]string{"UP", "DEGRADED", "DOWN"}
	api, _ := c.troubled("api")
	media, _ := c.troubled("media")
	database, _ := c.troubled("database")
	latency := 40 + 60*c.world.wave(c.elapsed(), c.site.name+" latency") + 1400*float64(api)
	return reply(obj{
		"status":  words[max(api, media, database)],
		"latency": obj{"api": int(latency), "database": 2 + int(5*c.world.wave(c.elapsed(), c.site.name+" database"))},
		"media":   obj{"status": words[media]}, "database": obj{"status": words[database]}, "timestamp": iso(c.clock),
	})
}

// healthParts lists the components and the part of the platform that each belongs to.
var healthParts = []struct{ name, part string }{
	{"API Gateway", "api"},
	{"Authentication", "api"},
	{"Media Gateway", "media"},
	{"SIP Proxy", "media"},
	{"Voice Edge", "media"},
	{"Recording Store", "media"},
	{"Configuration Database", "database"},
	{"Reporting Database", "database"},
	{"Routing Engine", "routing"},
	{"Presence Service", "routing"},
	{"Notification Service", "routing"},
	{"Analytics", "routing"},
}

// healthEntity is one component of the list.
type healthEntity struct {
	id, name, status, part string
	modified               time.Time
}

func healthComponents(c *call) answer {
	ids, statuses := chosen(c, "ids"), chosen(c, "status")
	var entities []healthEntity
	modified := time.Time{}
	for _, p := range healthParts {
		level, since := c.troubled(p.part)
		e := healthEntity{
			id: c.world.uuid(c.site.name, "health", p.name), name: p.name, part: p.part,
			status: [...]string{"healthy", "degraded", "down"}[level], modified: since,
		}
		if since.After(modified) {
			modified = since
		}
		if (ids == nil || slices.Contains(ids, e.id)) && (statuses == nil || slices.Contains(statuses, e.status)) {
			entities = append(entities, e)
		}
	}
	a := withETag(c, reply(page(c, entities, func(e healthEntity) obj {
		entity := obj{"id": e.id, "name": e.name, "status": e.status, "lastModified": iso(e.modified)}
		if c.query.Get("expand") == "details" {
			entity["details"] = obj{"part": e.part, "message": e.name + " is " + e.status}
		}
		return entity
	})))
	a.header.Set("Last-Modified", modified.UTC().Format(http.TimeFormat))
	since, err := http.ParseTime(c.request.Header.Get("If-Modified-Since"))
	if err == nil && c.request.Header.Get("If-None-Match") == "" && !modified.Truncate(time.Second).After(since) {
		a.status, a.body = http.StatusNotModified, nil
	}
	return a
}

// chosen splits a comma list; nil when the parameter is absent.
func chosen(c *call, name string) []string {
	if !c.query.Has(name) {
		return nil
	}
	return strings.Split(c.query.Get(name), ",")
}

// withETag adds an ETag to an answer, and turns it into a 304 when the client has it already.
func withETag(c *call, a answer) answer {
	sum := sha256.Sum256(a.body)
	tag := `"` + hex.EncodeToString(sum[:8]) + `"`
	a.header = http.Header{"Etag": {tag}}
	for known := range strings.SplitSeq(c.request.Header.Get("If-None-Match"), ",") {
		if strings.TrimPrefix(strings.TrimSpace(known), "W/") == tag {
			a.status, a.body = http.StatusNotModified, nil
		}
	}
	return a
}
