package app

import (
	"reflect"

	"go.yaml.in/yaml/v3"

	"github.com/ccaas-exporter/ccaas_exporter/platform/cxone"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys"
	"github.com/ccaas-exporter/ccaas_exporter/platform/health"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
	"github.com/ccaas-exporter/ccaas_exporter/platform/presence"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
	"github.com/ccaas-exporter/ccaas_exporter/platform/statuspage"
)

// account is one account in the configuration, on any platform.
type account interface {
	// Label returns the account's name.
	Label() string
	// ExpectedCohorts returns the cohorts of agents that are expected to route here.
	ExpectedCohorts() settings.Cohorts
	// Validate returns every problem, each beginning with its key.
	Validate() []error
	// Open makes a source of the account; it asks nothing yet.
	Open(health.Surroundings) (feed.Source, error)
}

// platformKind is a platform that the program knows: the one place that names vendors.
type platformKind struct {
	key      string       // of its list of accounts in the configuration file, and the label platform
	config   reflect.Type // of one account
	decode   func(*yaml.Node) ([]account, error)
	families []*metric.Family // that only its clients send
	words    []string         // the documented words of the enums that its clients know: nothing in them is a customer's
	limits   []string         // headers of its answers that say how many calls are left
	pushes   bool             // its accounts can push webhooks
	// openWriter is nil where no presence can be written.
	openWriter openWriter
}

// platforms are all that the program knows. A third platform is a folder and a line here.
func platforms() []platformKind {
	return []platformKind{
		kindOf[genesys.Config](platformKind{
			key: "genesys", families: genesys.Families(), words: genesys.Words(), limits: genesys.LimitHeaders(),
			openWriter: writerOf(genesys.Config.OpenWriter),
		}),
		kindOf[cxone.Config](platformKind{key: "cxone", pushes: true}),
	}
}

// kindOf completes a platform whose accounts are configured by a C.
func kindOf[C account](kind platformKind) platformKind {
	kind.config = reflect.TypeFor[C]()
	kind.decode = func(node *yaml.Node) (accounts []account, err error) {
		var list []C
		err = node.Decode(&list)
		for _, c := range list {
			accounts = append(accounts, c)
		}
		return accounts, err
	}
	return kind
}

// openWriter makes a client that writes presences on an account, and its source under a name of its own.
type openWriter func(a account, name string, client settings.Client, s health.Surroundings) (presence.Writer, feed.Source, error)

// writerOf returns how the writer of accounts that are configured by a C is opened.
func writerOf[C account, W presence.Writer](open func(C, string, settings.Client, health.Surroundings) (W, feed.Source, error)) openWriter {
	return func(a account, name string, client settings.Client, s health.Surroundings) (presence.Writer, feed.Source, error) {
		return open(a.(C), name, client, s) //nolint:errcheck,forcetypeassert // the accounts of a kind are of its type
	}
}

// enumWords are the words of all enums that the clients know.
func enumWords() []string {
	words := statuspage.Words()
	for _, kind := range platforms() {
		words = append(words, kind.words...)
	}
	return words
}

// limitHeaders are those in which platforms say how many calls are left.
func limitHeaders() (names []string) {
	for _, kind := range platforms() {
		names = append(names, kind.limits...)
	}
	return names
}
