package replay

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Config is a configuration file for everything in a bundle that can be replayed at an address. The forms are how an account of
// a platform is written, by the word of the platform, given the name of the account and the address. Feeds that were off are on.
func (b *Bundle) Config(address string, forms map[string]string) string {
	accounts, persons := map[string][]string{}, []string{} // by platform; accounts whose persons were read
	followed := map[string]map[string][]string{"status_page": {}, "document": {}}
	for _, row := range b.Rows {
		kind, number, isNumbered := strings.Cut(row.Feed, "/")
		switch {
		case row.Platform == "":
			continue
		case followed[kind] != nil:
			followed[kind][number] = append(followed[kind][number], row.Account)
			continue
		case isNumbered:
			continue
		case row.Feed == "users" || row.Feed == "directory":
			persons = append(persons, row.Account)
		}
		if !slices.Contains(accounts[row.Platform], row.Account) {
			accounts[row.Platform] = append(accounts[row.Platform], row.Account)
		}
	}
	var text strings.Builder
	for _, platform := range slices.Sorted(maps.Keys(accounts)) {
		form, known := forms[platform]
		if !known {
			continue
		}
		text.WriteString(platform + ":\n")
		for _, account := range accounts[platform] {
			fmt.Fprintf(&text, form, account, address)
		}
	}
	text.WriteString("health:\n  status_pages:\n")
	for _, page := range slices.Sorted(maps.Keys(followed["status_page"])) {
		fmt.Fprintf(&text, "    - {name: %q, url: \"%s/status_page/%[1]s\", accounts: [%[3]s]}\n", page, address,
			strings.Join(followed["status_page"][page], ", "))
	}
	text.WriteString("  documents:\n")
	for _, document := range slices.Sorted(maps.Keys(followed["document"])) {
		fmt.Fprintf(&text, "    - {name: %q, url: \"%s/document/%[1]s\", accounts: [%[3]s], format: %[4]s}\n", document, address,
			strings.Join(followed["document"][document], ", "), b.formatOf("document/"+document))
	}
	text.WriteString(pairs(persons))
	return text.String()
}

// formatOf is the form of a health document.
func (b *Bundle) formatOf(feed string) string {
	for _, c := range b.Calls {
		var list struct {
			Entities json.RawMessage `json:"entities"`
		}
		if c.Feed == feed && json.Unmarshal(c.Body, &list) == nil && list.Entities != nil {
			return "components"
		}
	}
	return "document"
}

// pairs compares every account whose persons were read with another one: only accounts of pairs read persons.
func pairs(accounts []string) string {
	if len(accounts) < 2 {
		return ""
	}
	var text strings.Builder
	text.WriteString("presence:\n")
	for i, account := range accounts[1:] {
		fmt.Fprintf(&text, "  - {name: pair-%d, source: %q, target: %q}\n", i+1, account, accounts[0])
	}
	return text.String()
}
