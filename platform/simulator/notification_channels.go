// Channels of the notification service and their subscriptions, over the REST API.

package simulator

import (
	"cmp"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The documented limits of channels.
const (
	maxChannels  = 20
	channelLife  = 24 * time.Hour
	channelsPath = "/api/v2/notifications/channels"
	socketPath   = "/channels/{id}"
)

// notificationService is the notification service of an org.
type notificationService struct {
	org  *org
	mute atomic.Bool // connections stay open and silent

	mu       sync.Mutex
	serial   int
	channels []*channel
	rejected string // pattern of topics that are forbidden
}

// channel is one channel of the org's one client.
type channel struct {
	id            string
	token         *token // with which it was made
	expires, used time.Time
	socket        *socket // nil while no client is connected
	subscriptions []*subscription
}

func newNotificationService(o *org) *notificationService { return &notificationService{org: o} }

// table lists the calls of the service. The socket needs no token: its address is the secret.
func (n *notificationService) table() []route {
	one := channelsPath + "/{id}"
	subscriptions := one + "/subscriptions"
	ignoring := params{"ignoreErrors": boolean()}
	return []route{
		{method: "POST", path: channelsPath, serve: n.create},
		{method: "GET", path: channelsPath, serve: n.list, params: params{"includechannels": oneOf("token", "oauthclient")}},
		{method: "HEAD", path: one, serve: n.with(func(*call, *channel) answer { return reply(nil) })},
		{method: "GET", path: subscriptions, serve: n.with(n.subscribed)},
		{method: "PUT", path: subscriptions, serve: n.with(n.replace), params: ignoring},
		{method: "POST", path: subscriptions, serve: n.with(n.add), params: ignoring},
		{method: "DELETE", path: subscriptions, serve: n.with(n.clear)},
		{method: "GET", path: socketPath, open: true, serve: n.connect},
		{method: "GET", path: "/api/v2/notifications/availabletopics", serve: availableTopics, params: params{
			"includePreview": boolean(), "expand": each("description", "enforced", "schema", "visibility", "transports",
				"publicApiTemplateUriPaths", "requiresPermissions", "permissionDetails", "topicParameters"),
		}},
	}
}

// with finds the channel that a path names and holds the lock while serve runs.
func (n *notificationService) with(serve func(*call, *channel) answer) func(*call) answer {
	return func(c *call) answer {
		n.mu.Lock()
		defer n.mu.Unlock()
		ch := n.find(c)
		if ch == nil {
			code := "not.found"
			if c.request.Method == http.MethodPut {
				code = "entity.not.found"
			}
			return genesysError(c, http.StatusNotFound, code, "The requested resource was not found.")
		}
		return serve(c, ch)
	}
}

// find returns the channel in the path of a call, nil when it is unknown or has expired.
func (n *notificationService) find(c *call) *channel {
	id := strings.TrimSuffix(c.path, "/subscriptions")
	id = id[strings.LastIndexByte(id, '/')+1:]
	for _, ch := range n.channels {
		if ch.id == id {
			if c.now.Before(ch.expires) {
				return ch
			}
			n.remove(ch)
			return nil
		}
	}
	return nil
}

// remove forgets a channel and closes its connection.
func (n *notificationService) remove(ch *channel) {
	n.channels = slices.DeleteFunc(slices.Clone(n.channels), func(other *channel) bool { return other == ch })
	if ch.socket != nil {
		ch.socket.end(normal)
	}
}

// create makes a channel. The 21st takes the place of the one that has not been used for longest, unconnected ones first.
func (n *notificationService) create(c *call) answer {
	if len(c.body) > 0 {
		return n.org.invalid(c, "the call has no body")
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.channels) >= maxChannels {
		n.remove(slices.MinFunc(n.channels, func(a, b *channel) int {
			return cmp.Or(compareBools(a.socket != nil, b.socket != nil), a.used.Compare(b.used))
		}))
	}
	n.serial++
	ch := &channel{
		id:    "streaming-0-" + n.org.world.uuid(n.org.name, "channel", n.serial, c.now.UnixNano()),
		token: c.token, expires: c.now.Add(channelLife), used: c.now,
	}
	n.channels = append(n.channels, ch)
	return reply(n.render(ch))
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func (n *notificationService) render(ch *channel) obj {
	address := "ws" + strings.TrimPrefix(n.org.world.URL(n.org.name), "http") + "/channels/" + ch.id
	return obj{"connectUri": address, "id": ch.id, "expires": iso(ch.expires)}
}

// list shows the channels of this token, or the existence of all.
func (n *notificationService) list(c *call) answer {
	n.mu.Lock()
	defer n.mu.Unlock()
	entities := list{}
	for _, ch := range n.channels {
		switch {
		case ch.token == c.token:
			entities = append(entities, n.render(ch))
		case c.query.Get("includechannels") == "oauthclient":
			entities = append(entities, obj{"expires": iso(ch.expires)}) // ids of other tokens are not shown
		}
	}
	return reply(obj{"entities": entities})
}

func (n *notificationService) subscribed(_ *call, ch *channel) answer {
	return listSubscriptions(ch.subscriptions, nil)
}

func listSubscriptions(permitted []*subscription, rejected list) answer {
	entities := list{}
	for _, s := range permitted {
		entities = append(entities, obj{"id": s.name, "state": "Permitted", "selfUri": "/api/v2/notifications/topics/" + s.name})
	}
	return reply(obj{"entities": append(entities, rejected...)})
}

func (n *notificationService) clear(_ *call, ch *channel) answer {
	ch.subscriptions = nil
	return reply(nil)
}

func (n *notificationService) replace(c *call, ch *channel) answer { return n.set(c, ch, nil) }

func (n *notificationService) add(c *call, ch *channel) answer { return n.set(c, ch, ch.subscriptions) }

// set makes the subscriptions of a channel those of the body, after the ones that it keeps. It also renews the channel.
func (n *notificationService) set(c *call, ch *channel, kept []*subscription) answer {
	var body []struct{ ID string }
	if refusal, ok := n.org.decode(c, &body); !ok {
		return refusal
	}
	names := make([]string, len(body))
	for i := range body {
		names[i] = body[i].ID
	}
	chosen, rejected, refusal := n.choose(names, ch.subscriptions, kept)
	switch {
	case refusal != "" && refusal != forbiddenTopic:
		n.org.violate(c, "%s", refusal)
		return genesysError(c, http.StatusBadRequest, refusal, "The subscription is not valid.")
	case refusal != "" && c.query.Get("ignoreErrors") != "true":
		return genesysError(c, http.StatusForbidden, refusal, "Not authorized for this topic.")
	}
	ch.subscriptions = chosen
	ch.expires, ch.used = c.now.Add(channelLife), c.now
	return listSubscriptions(chosen, rejected)
}

// The codes that the API definition gives for subscriptions.
const (
	invalidTopic   = "notification.invalid.topic"
	tooManyTopics  = "notification.subscription.too.many.subscriptions"
	forbiddenTopic = "notification.unauthorized.topic"
)

// choose builds a list of subscriptions from topic names. What was subscribed before goes on where it was. The refusal is
// a code of the API.
func (n *notificationService) choose(names []string, before, kept []*subscription) (chosen []*subscription, rejected list, refusal string) {
	known := map[string]*subscription{}
	for _, s := range before {
		known[s.name] = s
	}
	chosen = slices.Clone(kept)
	taken := map[string]bool{}
	for _, s := range kept {
		taken[s.name] = true
	}
	for _, name := range names {
		s := known[name]
		if s == nil {
			s = n.org.subscribe(name)
		}
		forbidden, _ := path.Match(n.rejected, name)
		switch {
		case s == nil:
			return nil, nil, invalidTopic
		case forbidden:
			refusal = forbiddenTopic
			rejected = append(rejected, obj{
				"id": name, "state": "Rejected", "rejectionReason": "Not authorized for this topic.", "missingPermissions": permissions(name),
			})
		case !taken[name]:
			taken[name] = true
			chosen = append(chosen, s)
		}
	}
	if len(chosen) > maxTopics {
		return nil, nil, tooManyTopics
	}
	return chosen, rejected, refusal
}

// unsubscribe clears the subscriptions of all channels and sends the reason to the connected ones.
func (n *notificationService) unsubscribe(what, reason string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, ch := range n.channels {
		ch.subscriptions = nil
		if ch.socket != nil {
			ch.socket.send(systemMessage("v2.system."+what+"."+ch.id, obj{
				"channelId": ch.id, "systemTopicType": what, "reason": reason, "organizationId": n.org.id,
				"oauthClientId": n.org.client, "message": strings.ReplaceAll(what, "_", " "),
			}))
		}
	}
}

// sockets lists the connections.
func (n *notificationService) sockets() (all []*socket) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, ch := range n.channels {
		if ch.socket != nil {
			all = append(all, ch.socket)
		}
	}
	return all
}
