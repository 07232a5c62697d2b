package cxone

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// This file reads calls in progress, and how many the tenant may have. Each is published by a feed of its own, as one
// half of a row: they change at speeds too far apart to be of one age.

// deployment is where CXone's calls are carried.
const deployment = "cloud"

// phone is the media type of calls.
const phone = "4"

// errNothing is an answer that nothing has changed to the first question.
var errNothing = errors.New("answer is empty, and nothing was known before")

// calls is the feed of calls in progress.
type calls struct {
	*client
	known bool // something has been published, which an answer without a body confirms
}

// run asks for the shortest list of active phone contacts, for the sake of its total.
func (c *calls) run(ctx context.Context, sink feed.Sink) error {
	var changed bool
	var active platform.Calls
	err := c.get(ctx, platform.ClassDetail, opActiveContacts, pathActiveContacts,
		url.Values{"mediaTypeId": {phone}, "top": {"1"}, "fields": {"contactId"}},
		func(r rest.Response) (err error) {
			changed, active, err = decodeActive(r)
			return err
		})
	return publish(sink, &c.known, changed, platform.Snapshot{Calls: []platform.Calls{active}}, err)
}

func decodeActive(r rest.Response) (changed bool, active platform.Calls, err error) {
	var total scalar
	changed, err = fields{"totalrecords": total.into}.read(r)
	if err != nil || !changed {
		return changed, active, err
	}
	n, ok := total.number()
	if !ok || n < 0 {
		return true, active, errors.New("contacts/active tells no totalRecords")
	}
	return true, platform.Calls{Deployment: deployment, InProgress: &n}, nil
}

// capacity is the feed of how many calls the tenant may have at a time.
type capacity struct {
	*client
	known bool
}

// run asks for the business unit's limits.
func (c *capacity) run(ctx context.Context, sink feed.Sink) error {
	var changed bool
	var snapshot platform.Snapshot
	err := c.get(ctx, platform.ClassDetail, opBusinessUnit, pathBusinessUnit, nil, func(r rest.Response) (err error) {
		changed, snapshot, err = decodeCapacity(r)
		return err
	})
	return publish(sink, &c.known, changed, snapshot, err)
}

// decodeCapacity takes the port limit of the first business unit: without includeTrustedBusinessUnits the list holds
// the tenant's own only.
func decodeCapacity(r rest.Response) (changed bool, snapshot platform.Snapshot, err error) {
	var unit struct {
		ConcurrentPortLimit scalar `json:"concurrentPortLimit"`
	}
	units := 0
	changed, err = fields{"businessunits": func(dec *json.Decoder) error {
		_, err := list(dec, &unit, func() { unit.ConcurrentPortLimit = nil }, func(readable bool) {
			if units++; units > 1 || !readable {
				snapshot.Violations++
				return
			}
			if limit, ok := unit.ConcurrentPortLimit.number(); ok && limit >= 0 {
				snapshot.Calls = []platform.Calls{{Deployment: deployment, Capacity: &limit}}
			} else {
				snapshot.Violations++
			}
		})
		return err
	}}.read(r)
	if err == nil && changed && units == 0 {
		err = errors.New("business-unit lists none")
	}
	return changed, snapshot, err
}

// publish hands over what a run learned. An answer without news confirms what was known before.
func publish(sink feed.Sink, known *bool, changed bool, snapshot platform.Snapshot, err error) error {
	switch {
	case err != nil:
		return err
	case changed:
		*known = true
		sink.Publish(snapshot)
	case !*known:
		return errNothing
	default:
		sink.Keep()
	}
	return nil
}
