package sip

import (
	"crypto/rand"
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

// template knows everything about a target's requests that is the same in all of them.
type template struct {
	target    Target
	uri       sipgo.Uri
	transport string
	route     *sipgo.Uri // nil without an outbound proxy
}

func newTemplate(t Target) (template, error) {
	l := template{target: t, transport: t.transport()}
	if err := sipgo.ParseUri(t.URI, &l.uri); err != nil {
		return l, err
	}
	if t.OutboundProxy == "" {
		return l, nil
	}
	l.route = &sipgo.Uri{}
	if err := sipgo.ParseUri(t.OutboundProxy, l.route); err != nil {
		return l, err
	}
	if !l.route.UriParams.Has("lr") {
		l.route.UriParams.Add("lr", "")
	}
	return l, nil
}

// nextHop is where requests are sent to.
func (l template) nextHop() sipgo.Uri {
	if l.route != nil {
		return *l.route
	}
	return l.uri
}

// write makes a request as RFC 3261 (sections 8.1.1 and 11.1) wants it. Each is a transaction outside any dialog with
// a Call-ID of its own: peers then never take one for the retransmission of another.
func (l template) write(local netip.AddrPort) request {
	r := request{branch: branchPrefix + rand.Text(), callID: rand.Text()}
	ours, number := local.Addr().WithZone("").String(), int(local.Port())
	domain := ours
	if l.target.FromDomain != "" {
		domain = unbracket(l.target.FromDomain)
	}
	contact := sipgo.Uri{Scheme: l.uri.Scheme, User: l.target.FromUser, Host: ours, Port: number}
	if !l.uri.IsEncrypted() {
		contact.UriParams.Add("transport", l.transport)
	}
	callID, length := sipgo.CallIDHeader(r.callID), sipgo.ContentLengthHeader(0)
	forwards := sipgo.MaxForwardsHeader(70)

	message := sipgo.NewRequest(sipgo.OPTIONS, l.uri)
	message.AppendHeader(&sipgo.ViaHeader{
		ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: strings.ToUpper(l.transport), Host: ours, Port: number,
		Params: sipgo.HeaderParams{{K: "branch", V: r.branch}, {K: "rport"}},
	})
	message.AppendHeader(&forwards)
	if l.route != nil {
		message.AppendHeader(&sipgo.RouteHeader{Address: *l.route})
	}
	message.AppendHeader(&sipgo.FromHeader{
		Address: sipgo.Uri{Scheme: l.uri.Scheme, User: l.target.FromUser, Host: domain},
		Params:  sipgo.HeaderParams{{K: "tag", V: rand.Text()}},
	})
	message.AppendHeader(&sipgo.ToHeader{Address: sipgo.Uri{Scheme: l.uri.Scheme, User: l.uri.User, Host: unbracket(l.uri.Host)}})
	message.AppendHeader(&callID)
	message.AppendHeader(&sipgo.CSeqHeader{SeqNo: 1, MethodName: sipgo.OPTIONS})
	message.AppendHeader(&sipgo.ContactHeader{Address: contact})
	message.AppendHeader(sipgo.NewHeader("Accept", "application/sdp"))
	message.AppendHeader(sipgo.NewHeader("User-Agent", l.target.UserAgent))
	message.AppendHeader(&length)
	r.text = []byte(message.String())
	return r
}
