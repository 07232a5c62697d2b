// What Monitoring Gateway pushes, in all the forms that its documentation shows: objects, arrays, strings that hold
// either, numbers as strings, nulls where nothing was measured, a second delivery now and then.

package simulator

import (
	"fmt"
	"time"
)

// gateway makes the bodies of one subscription, one after the other.
type gateway struct {
	world  *World
	random *random
	made   int
	body   []byte // the last one
}

// next makes the next body, or leaves the last one for a second delivery.
func (g *gateway) next(dataType string, now time.Time) {
	if len(g.body) > 0 && g.random.fraction() < .04 {
		return
	}
	one := g.voice
	if dataType == ScriptAPIMonitoring {
		one = g.script
	}
	wrap := g.random.fraction()
	var content any = one(now)
	if wrap < .3 {
		list := []obj{one(now)}
		for range g.random.next() % 3 {
			list = append(list, one(now))
		}
		content = list
	}
	if wrap > .2 && wrap < .4 {
		content = text(content)
	}
	g.body = []byte(text(content))
}

// text is a value as JSON.
func text(v any) string { return string(reply(v).body) }

// pick picks from a list.
func pick[T any](d *random, list ...T) T { return list[d.next()%uint64(len(list))] }

// around is a number near a middle.
func (g *gateway) around(middle, spread float64) float64 {
	return middle + (g.random.fraction()+g.random.fraction()-1)*spread
}

// voice is one call's leg to an agent that has just ended, or a while ago.
func (g *gateway) voice(now time.Time) obj {
	g.made++
	agent := int(g.random.next() % uint64(g.world.options.Agents))
	skill := &skills[g.random.next()%5+g.random.next()%4*10] // the phone skills
	end := now
	if g.random.fraction() < .05 {
		end = end.Add(-time.Duration(g.random.fraction() * float64(10*time.Minute)))
	}
	length := time.Duration((5 + 300*g.random.fraction()) * float64(time.Second))
	iso := func(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
	v := obj{
		"ContactId": 420_000_000_000 + g.made, "MasterContactId": 420_000_000_000 + g.made, "BusinessUnit": businessUnit,
		"DataSource": "SBC EXMS", "Cluster": cxoneCluster, "DbKey": nil, "Poc": "MainLine",
		"SkillId": skill.id, "SkillName": skill.name, "TeamId": 1010 + agent%len(teamNames), "TeamName": teamNames[agent%len(teamNames)],
		"AgentId": 1_000_000 + agent, "Agent": fmt.Sprintf("Agent %05d", agent+1), "From": "+15550100", "To": fmt.Sprint(1_000_000 + agent),
		"StartDateTime": iso(end.Add(-length)), "EndDateTime": iso(end), "Callduration": int(length.Milliseconds()) / 7,
		"Ringtime": nil, "Disconnecttime": nil, "Direction": nil, "DisconnectReason": "1", "Disposition": "Resolved",
		"LineType": pick(g.random, "webRTC", "webRTC", "SIP"), "ConnectionType": pick(g.random, "TURN", "STUN", "HOST"),
		"LocationCountry": pick(g.random, "England", "England", "Spain", "Philippines"), "LocationCity": nil,
		"OsVersion": "10", "SdkVersion": pick(g.random, "1.30.9", "1.30.9", "1.29.2"), "MediaTransport": pick(g.random, "udp", "udp", "udp", "tcp"),
		"Browser": pick(g.random, "Firefox", "Chrome 122.0", "Microsoft Edge"), "OperatingSystem": pick(g.random, "Windows", "Windows", "macOS"),
		"AgentConsoleType": pick(g.random, "MAX", "CXone Agent"), "AgentConsoleVersion": "24.2", "IspProvider": "Example Net",
		"spearlineAnalysis": nil,
	}
	g.quality(v)
	g.signalling(v)
	return v
}

// signalling fills in how the call went for the carrier: nothing in every seventh call, as of the quality.
func (g *gateway) signalling(v obj) {
	for _, name := range []string{"SipResponseCode", "SipFailureCode", "SipIsDroppedCode", "SipAbandonedByOriginator"} {
		v[name] = nil
	}
	switch luck := g.random.fraction(); {
	case luck < .15:
	case luck < .18:
		code := pick(g.random, "480", "486", "503")
		v["SipResponseCode"], v["SipFailureCode"], v["DisconnectReason"] = code, code, "7"
	case luck < .2:
		v["SipResponseCode"], v["SipIsDroppedCode"], v["DisconnectReason"] = 200, 408, "12"
	case luck < .24:
		v["SipResponseCode"], v["SipAbandonedByOriginator"], v["DisconnectReason"] = 487, true, "3"
	default:
		v["SipResponseCode"], v["SipAbandonedByOriginator"] = 200, false
	}
}

// quality fills in what was measured: nothing in every seventh call. In scenario bad-audio four calls of five are bad.
func (g *gateway) quality(v obj) {
	for _, name := range []string{"AvgMos", "AvgRFactor", "AvgJitter", "AvgPktLoss", "AvgRtt", "CallSetupTime", "CallScore"} {
		v[name] = nil
	}
	v["AvgBitrate"] = 0.0
	if g.random.fraction() < .15 {
		return
	}
	scenario, _ := g.world.Scenario()
	mos, jitter, loss, trip := g.around(4.2, .25), g.around(12, 10), g.around(.4, .4), g.around(90, 60)
	if g.random.fraction() < .03 || scenario == badAudio && g.random.fraction() < .8 {
		mos, jitter, loss, trip = g.around(2.6, .7), g.around(140, 80), g.around(12, 8), g.around(420, 150)
	}
	v["AvgMos"], v["AvgRFactor"], v["AvgJitter"] = rounded(mos), rounded(mos*20), rounded(jitter)
	v["AvgPktLoss"], v["AvgRtt"], v["CallSetupTime"] = rounded(loss), rounded(trip), rounded(g.around(900, 500))
	v["CallScore"], v["AvgBitrate"], v["Ringtime"] = rounded(mos), rounded(g.around(40, 20)), rounded(g.around(6, 5))
	if g.random.fraction() < .1 {
		v["AvgMos"], v["AvgJitter"] = fmt.Sprint(v["AvgMos"]), fmt.Sprint(v["AvgJitter"])
	}
}

func rounded(v float64) float64 { return float64(int(v*100)) / 100 }

// usTime is how this data type writes times.
const usTime = "1/2/2006 03:04:05 PM"

// script is a message on API calls of scripts: one to three.
func (g *gateway) script(now time.Time) obj {
	var calls []obj
	for range 1 + g.random.next()%3 {
		g.made++
		code, said, took := "200", "SUCESS", g.around(.4, .35) //nolint:misspell // as the vendor spells it
		switch luck := g.random.fraction(); {
		case luck < .01:
			code, said = "404", "Customer not found"
		case luck < .02:
			code, said, took = "504", "Gateway timeout for jane.doe@example.org", g.around(8, 3)
		case luck < .03:
			code, said, took = "503", "Service Unavailable", g.around(4, 3)
		}
		contact := fmt.Sprint(420_000_000_000 + g.made)
		script := pick(g.random, "greeting", "lookup_customer", "book_flight", "survey")
		calls = append(calls, obj{
			"busNo": fmt.Sprint(businessUnit), "messageId": g.world.uuid("message", g.made), "contactId": contact, "masterContactId": contact,
			"scriptId/version": "130000000", "scriptName": script, "actionId": "40", "actionName": pick(g.random, "Snippet", "RestApi"),
			"actionLabel": "Do RESTful web service API call", "dateTime": now.UTC().Format(usTime),
			"apiEndpoint":     "https://" + pick(g.random, "crm", "crm", "billing") + ".example.org/api/customers?number=%2B15550100",
			"apiResponseCode": code, "apiResponseMessage": said,
			"responseTime": fmt.Sprintf("%.6f", took),
		})
	}
	return obj{
		"source": "NICE", "event": "SCRIPT_API_MONITORING ", "timestamp": now.UTC().Format(usTime), "metadata": text(calls),
	}
}
