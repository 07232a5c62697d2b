package health

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// Surroundings are what an account takes from outside its own section of the configuration. The zero value works.
type Surroundings struct {
	Thresholds settings.Thresholds
	Pages      []Page     // that the account follows; not closed with it
	Documents  []Document // likewise
	Operations []string   // names of the calls that Documents make with the account's client
	Logger     *slog.Logger
	Pools      *rest.Pools // of connections that accounts share; nil: none does
	// Directory is how often the persons of the account are listed; 0 where no presence is compared, so that none is read.
	Directory time.Duration
	// ExternalIDs is the authority, such as cxone, under which the platform keeps the ids that the account's persons have on
	// another platform; "" where no presence is compared by them. Only a platform that keeps such ids reads them.
	ExternalIDs string
}

// Page is a status page.
type Page interface {
	// Feed returns the feed of an account that lives in the region with this label on the page, "" when it has none. Regions
	// are the labels of all regions that the platform has.
	Feed(region string, regions []string) feed.Feed
}

// Document is a health document.
type Document interface {
	// Feed returns the feed of an account. Where the document stands on the account's own API, it is asked for with the
	// account's client at the address that base returns, scheme and host.
	Feed(client *rest.Client, base func(context.Context) (string, error)) feed.Feed
}

// Log returns a logger that names the account.
func (s Surroundings) Log(platform, account string) *slog.Logger {
	return cmp.Or(s.Logger, slog.New(slog.DiscardHandler)).With("platform", platform, "account", account)
}

// PageFeeds returns the feeds of the status pages.
func (s Surroundings) PageFeeds(region string, regions []string) (feeds []feed.Feed) {
	for _, p := range s.Pages {
		feeds = append(feeds, p.Feed(region, regions))
	}
	return feeds
}

// DocumentFeeds returns the feeds of the health documents.
func (s Surroundings) DocumentFeeds(client *rest.Client, base func(context.Context) (string, error)) (feeds []feed.Feed) {
	for _, d := range s.Documents {
		feeds = append(feeds, d.Feed(client, base))
	}
	return feeds
}
