package genesys_test

import (
	"log/slog"
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform/health"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
	"github.com/ccaas-exporter/ccaas_exporter/platform/statuspage"
)

// A status page and a health document are feeds of the account: the page shows the account's own region, the document
// is asked on the account's API host with its token.
func TestHealthSources(t *testing.T) {
	w := world(t, simulator.Options{})
	pageConfig := statuspage.DefaultPageConfig
	pageConfig.Name, pageConfig.URL = "genesys", w.URL("status")+"/api/v2/summary.json"
	page, err := statuspage.NewPage(pageConfig, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(page.Close)
	documentConfig := statuspage.DefaultDocumentConfig
	documentConfig.Name, documentConfig.Path, documentConfig.Format = "gateway", "/api/v2/health/details", statuspage.FormatComponents
	document, err := statuspage.NewDocument(documentConfig, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(document.Close)
	a := accountFrom(t, w, w.URL("emea"), health.Surroundings{
		Pages: []health.Page{page}, Documents: []health.Document{document},
	}, func(*genesys.Config) {})
	view, feeds := refreshed(t, a)
	wantUp(t, feeds)
	if _, ok := feeds["status_page/genesys"]; !ok || len(feeds) != 13 {
		t.Errorf("feeds = %v, want eleven, the page and the document", feeds)
	}
	sources := map[string]int{}
	own := false
	for _, c := range merged(view).Components {
		sources[c.Source]++
		switch c.Name {
		case "EMEA (Frankfurt)":
			own = true
		case "EMEA (Dublin)":
			t.Errorf("component %s is of another region", c.Name)
		}
	}
	if !own || sources[platform.SourceDocument] == 0 {
		t.Errorf("own region there = %t, components by source = %v, want it, and some of the document", own, sources)
	}
}
