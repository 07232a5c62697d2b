package app

import (
	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
)

// weigh gives a source the policies that govern the components of its account.
func (s accountSettings) weigh(source *feed.Source) {
	source.Policies = s.policy.PoliciesOf(s.documents)
	source.Weigh = func(feed, own string, c *platform.Component) { s.policy.Weigh(s.documents, feed, own, c) }
}
