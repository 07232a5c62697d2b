package cxone

import (
	"context"
	"errors"
	"net/url"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// Calls in progress and the number of calls that the tenant may carry are published by a feed each, as one half of a row:
// they change at speeds too far apart to be of one age.
const (
	feedCalls          = "calls"
	opActiveContacts   = "contacts_active"
	pathActiveContacts = "/contacts/active"

	feedCapacity     = "capacity"
	opBusinessUnit   = "business_unit"
	pathBusinessUnit = "/business-unit"

	deployment     = "cloud" // where CXone's calls are carried
	mediaTypePhone = "4"     // of calls
)

// callsFeed returns the feed of calls in progress.
func (c *client) callsFeed() feed.Feed {
	return feed.Feed{Name: feedCalls, Class: platform.ClassDetail, Calls: 1, Poll: c.pollCalls}
}

// pollCalls asks for the shortest list of active phone contacts and reads its total.
func (c *client) pollCalls(ctx context.Context) (*platform.Snapshot, error) {
	var changed bool
	var active platform.Calls
	err := c.get(ctx, request{
		class: platform.ClassDetail, operation: opActiveContacts, path: pathActiveContacts,
		query: url.Values{"mediaTypeId": {mediaTypePhone}, "top": {"1"}, "fields": {"contactId"}},
	}, func(r rest.Response) (err error) {
		changed, active, err = decodeActive(r)
		return err
	})
	if err == nil && !changed {
		err = nothingNew(false)
	}
	if err != nil {
		return nil, err
	}
	return &platform.Snapshot{Calls: []platform.Calls{active}}, nil
}

func decodeActive(r rest.Response) (changed bool, active platform.Calls, err error) {
	var total scalar
	changed, err = answerFields{"totalrecords": total.into}.read(r)
	if err != nil || !changed {
		return changed, active, err
	}
	n, ok := total.number()
	if !ok || n < 0 {
		return true, active, errors.New("contacts/active has no totalRecords")
	}
	return true, platform.Calls{Deployment: deployment, InProgress: &n}, nil
}

// capacityFeed returns the feed of the number of calls that the tenant may have at a time.
func (c *client) capacityFeed() feed.Feed {
	return feed.Feed{Name: feedCapacity, Class: platform.ClassDetail, Calls: 1, Poll: c.pollCapacity}
}

// pollCapacity asks for the business unit's limits.
func (c *client) pollCapacity(ctx context.Context) (*platform.Snapshot, error) {
	var changed bool
	var snapshot platform.Snapshot
	err := c.get(ctx, request{class: platform.ClassDetail, operation: opBusinessUnit, path: pathBusinessUnit}, func(r rest.Response) (err error) {
		changed, snapshot, err = decodeCapacity(r)
		return err
	})
	if err == nil && !changed {
		err = nothingNew(false)
	}
	if err != nil {
		return nil, err
	}
	return &snapshot, nil
}

// decodeCapacity takes the port limit of the first business unit: without includeTrustedBusinessUnits the list holds
// the tenant's own only.
func decodeCapacity(r rest.Response) (changed bool, snapshot platform.Snapshot, err error) {
	var unit struct {
		ConcurrentPortLimit scalar `json:"concurrentPortLimit"`
	}
	units := 0
	changed, err = answerFields{"businessunits": func(dec *rest.Decoder) error {
		_, err := rest.List(dec, into(&unit, func() { unit.ConcurrentPortLimit = nil }, func(readable bool) {
			if units++; units > 1 || !readable {
				snapshot.Violate("businessUnits")
				return
			}
			if limit, ok := unit.ConcurrentPortLimit.number(); ok && limit >= 0 {
				snapshot.Calls = []platform.Calls{{Deployment: deployment, Capacity: &limit}}
			} else {
				snapshot.Violate("businessUnits[].concurrentPortLimit")
			}
		}))
		return err
	}}.read(r)
	if err == nil && changed && units == 0 {
		err = errors.New("business-unit lists none")
	}
	return changed, snapshot, err
}

// errEmpty is an answer without content to an unconditional request: it says nothing, and confirms nothing.
var errEmpty = errors.New("empty answer to an unconditional request")

// nothingNew returns what an answer without content means, by whether the request was for changes only.
func nothingNew(delta bool) error {
	if delta {
		return feed.Unchanged
	}
	return errEmpty
}
