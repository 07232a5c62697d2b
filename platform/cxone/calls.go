package cxone

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// This file reads calls in progress, and how many the tenant may have. Each is published by a feed of its own, as one
// half of a row: they change at speeds too far apart to be of one age.

// deployment is where CXone's calls are carried.
const deployment = "cloud"

// phone is the media type of calls.
const phone = "4"

// calls is the feed of calls in progress.
type calls struct {
	*client
}

// poll asks for the shortest list of active phone contacts, for the sake of its total.
func (c *calls) poll(ctx context.Context) (*platform.Snapshot, error) {
	var changed bool
	var active platform.Calls
	err := c.get(ctx, platform.ClassDetail, opActiveContacts, pathActiveContacts,
		url.Values{"mediaTypeId": {phone}, "top": {"1"}, "fields": {"contactId"}},
		func(r rest.Response) (err error) {
			changed, active, err = decodeActive(r)
			return err
		})
	return answered(changed, &platform.Snapshot{Calls: []platform.Calls{active}}, err)
}

func decodeActive(r rest.Response) (changed bool, active platform.Calls, err error) {
	var total scalar
	changed, err = answerFields{"totalrecords": total.into}.read(r)
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
}

// poll asks for the business unit's limits.
func (c *capacity) poll(ctx context.Context) (*platform.Snapshot, error) {
	var changed bool
	var snapshot platform.Snapshot
	err := c.get(ctx, platform.ClassDetail, opBusinessUnit, pathBusinessUnit, nil, func(r rest.Response) (err error) {
		changed, snapshot, err = decodeCapacity(r)
		return err
	})
	return answered(changed, &snapshot, err)
}

// decodeCapacity takes the port limit of the first business unit: without includeTrustedBusinessUnits the list holds
// the tenant's own only.
func decodeCapacity(r rest.Response) (changed bool, snapshot platform.Snapshot, err error) {
	var unit struct {
		ConcurrentPortLimit scalar `json:"concurrentPortLimit"`
	}
	units := 0
	changed, err = answerFields{"businessunits": func(dec *json.Decoder) error {
		_, err := eachElement(dec, &unit, func() { unit.ConcurrentPortLimit = nil }, func(readable bool) {
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

// errEmpty is an answer without content to a question that set no condition: it says nothing, and confirms nothing.
var errEmpty = errors.New("empty answer to an unconditional request")

// answered is what a poll returns that always asks for everything.
func answered(changed bool, snapshot *platform.Snapshot, err error) (*platform.Snapshot, error) {
	switch {
	case err != nil:
		return nil, err
	case !changed:
		return nil, errEmpty
	}
	return snapshot, nil
}
