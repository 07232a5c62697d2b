package sip

import (
	"crypto/rand"
	"errors"
	"net/netip"
	"strings"

	sipgo "github.com/emiago/sipgo/sip"
)

// branchPrefix begins every branch of RFC 3261.
const branchPrefix = "z9hG4bK"

// request is one OPTIONS request, ready to be sent.
type request struct {
	branch, callID string
	text           []byte
}

// template holds what all requests of a target have in common.
type template struct {
	route
	target Target
}

func newTemplate(t Target) (template, error) {
	r, problems := t.route()
	if problems != nil {
		return template{}, errors.Join(problems...)
	}
	if r.proxy != nil {
		if _, loose := param(*r.proxy, "lr"); !loose {
			r.proxy.UriParams.Add("lr", "")
		}
	}
	return template{r, t}, nil
}

// write makes a request as RFC 3261 (sections 8.1.1 and 11.1) wants it. Each is a transaction outside any dialog with
// a Call-ID of its own, so that no peer takes one for the retransmission of another.
func (t template) write(local netip.AddrPort) request {
	r := request{branch: branchPrefix + rand.Text(), callID: rand.Text()}
	ours, number := local.Addr().WithZone("").String(), int(local.Port())
	domain := ours
	contact := sipgo.Uri{Scheme: "sip", User: t.target.FromUser, Host: ours, Port: number}
	if t.target.FromDomain != "" {
		domain = unbracket(t.target.FromDomain)
		contact.Host, contact.Port = domain, 0 // the port of our address is not one of the domain
	}
	if t.secure() { // RFC 3261, 8.1.1.8
		contact.Scheme = "sips"
	} else {
		contact.UriParams.Add("transport", t.transport)
	}
	callID, length := sipgo.CallIDHeader(r.callID), sipgo.ContentLengthHeader(0)
	forwards := sipgo.MaxForwardsHeader(70)

	message := sipgo.NewRequest(sipgo.OPTIONS, t.uri)
	message.AppendHeader(&sipgo.ViaHeader{
		ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: strings.ToUpper(t.transport), Host: ours, Port: number,
		Params: sipgo.HeaderParams{{K: "branch", V: r.branch}, {K: "rport"}},
	})
	message.AppendHeader(&forwards)
	if t.proxy != nil {
		message.AppendHeader(&sipgo.RouteHeader{Address: *t.proxy})
	}
	message.AppendHeader(&sipgo.FromHeader{
		Address: sipgo.Uri{Scheme: t.uri.Scheme, User: t.target.FromUser, Host: domain},
		Params:  sipgo.HeaderParams{{K: "tag", V: rand.Text()}},
	})
	message.AppendHeader(&sipgo.ToHeader{Address: sipgo.Uri{Scheme: t.uri.Scheme, User: t.uri.User, Host: unbracket(t.uri.Host)}})
	message.AppendHeader(&callID)
	message.AppendHeader(&sipgo.CSeqHeader{SeqNo: 1, MethodName: sipgo.OPTIONS})
	message.AppendHeader(&sipgo.ContactHeader{Address: contact})
	message.AppendHeader(sipgo.NewHeader("Accept", "application/sdp"))
	message.AppendHeader(sipgo.NewHeader("User-Agent", t.target.UserAgent))
	message.AppendHeader(&length)
	r.text = []byte(message.String())
	return r
}
