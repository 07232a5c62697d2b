package cxone

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// BenchmarkAgents reads and counts 10,000 agents, and compares that with encoding/json decoding the same bytes into the
// smallest struct that holds them: ratio is our time over its time.
func BenchmarkAgents(b *testing.B) {
	body := body10k()
	var ours, plain time.Duration
	for b.Loop() {
		start := time.Now()
		p, err := decodeAgents(answer(body), false)
		ours += time.Since(start)
		if err != nil || p.rows != 10_000 {
			b.Fatal(p.rows, err)
		}
		start = time.Now()
		rows, err := plainDecode(body)
		plain += time.Since(start)
		if err != nil || rows != 10_000 {
			b.Fatal(rows, err)
		}
	}
	b.ReportMetric(ours.Seconds()/plain.Seconds(), "ratio")
	b.ReportMetric(float64(ours.Nanoseconds())/float64(b.N)/10_000, "ns/agent")
}

// BenchmarkAgentsDelta is the same with the number of every agent, as delta mode keeps it.
func BenchmarkAgentsDelta(b *testing.B) {
	body := strings.ReplaceAll(body10k(), `{"agentStateId"`, `{"agentId":1234567,"agentStateId"`)
	b.ReportAllocs()
	for b.Loop() {
		if p, err := decodeAgents(answer(body), true); err != nil || p.rows != 10_000 {
			b.Fatal(p.rows, err)
		}
	}
}

func plainDecode(body string) (int, error) {
	var answer struct {
		LastPollTime string
		TotalRecords int
		AgentStates  []struct {
			AgentStateID        int
			AgentStateName      string
			IsACW               bool
			OutStateID          *int
			OutStateDescription string
		}
	}
	err := json.NewDecoder(strings.NewReader(body)).Decode(&answer)
	return len(answer.AgentStates), err
}
