package main

// titleOf is the title of the board with a uid. Boards link each other, so they cannot ask one another.
func titleOf(uid string) string {
	return map[string]string{
		"ccaas-overview": "CCaaS Overview", "ccaas-platform": "CCaaS Platform", "ccaas-telephony": "CCaaS Telephony",
		"ccaas-agents": "CCaaS Agents and queues", "ccaas-exporter": "CCaaS Exporter",
	}[uid]
}
