package main

// arrived is how often contacts or inbound calls came to each account in 15 minutes: of the feeds that show arrivals, the one
// that shows most. The offset is empty or PromQL's. The recorded series knows no region, so the account's is put on it.
func arrived(offset string) string {
	return "max by (@account) (ccaas:arrivals:rises15m" + offset + " * on (platform, account) group_left (region_code) ccaas:account_region{@selected})"
}

var queuesArrivals = section{title: "Does anyone reach us?", panels: []panel{{
	title: "Arrivals now against the same hour last week", w: 24,
	view: lines{unit: count, queries: []query{
		{expr: arrived(""), name: "{{account}} now"},
		{expr: arrived(" offset 7d"), name: "{{account}} a week ago", quiet: "no week is known yet"},
	}},
	about: "Contacts that came into queues, or inbound calls onto trunks, in the 15 minutes before, as far as two readings differ: fewer than " +
		"the vendor's reports show. A line at 0 beside a line far above it: no caller gets through. A gap: nothing was read.",
	runbooks: []string{"CcaasNoCallsArriving"},
}}}
