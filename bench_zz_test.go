package main
import ("testing";"time";"strings";"sort";"os")
func TestZZ(t *testing.T) {
	config := demoAccounts(t, slowWorld(t), time.Millisecond)
	h, _ := startHandler(t, config)
	for i := 0; i < 4; i++ {
		st := time.Now()
		p := scrape(t, h)
		el := time.Since(st)
		var l []string
		for s, v := range parseSamples(p) { if strings.HasPrefix(s, "ccaas_feed_duration_seconds") { l = append(l, v+" "+s) } }
		sort.Sort(sort.Reverse(sort.StringSlice(l)))
		t.Log(el, "\n"+strings.Join(l[:9], "\n"))
	}
	_ = os.Stderr
}
