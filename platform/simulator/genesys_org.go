// Login and clock of a Genesys org.

package simulator

import (
	"mime"
	"net/http"
	"net/url"
)

// login is POST /oauth/token on the login host. Its errors are not of the ErrorBody form.
func (o *org) login(c *call) answer {
	form, err := url.ParseQuery(string(c.body))
	mediaType, _, _ := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	id, secret, basic := c.request.BasicAuth()
	switch {
	case err != nil || mediaType != "application/x-www-form-urlencoded":
		o.violate(c, "body is not a form")
		return loginError(http.StatusBadRequest, "invalid_request", "body is not a form")
	case form.Get("grant_type") != "client_credentials":
		o.violate(c, "grant_type %q", form.Get("grant_type"))
		return loginError(http.StatusBadRequest, "unsupported_grant_type", "grant type is not client_credentials")
	case !basic:
		o.violate(c, "no Basic authorization")
		return loginError(http.StatusBadRequest, "invalid_client", "client not found")
	}
	keys := o.keys
	if writer, _ := o.writer.credentials(); same(id, writer) {
		keys = o.writer
	}
	wantID, wantSecret := keys.credentials()
	switch {
	case !same(id, wantID):
		return loginError(http.StatusBadRequest, "invalid_client", "client not found")
	case !same(secret, wantSecret) || c.in(authBroken):
		return loginError(http.StatusUnauthorized, "invalid_client", "authentication failed")
	}
	life := keys.life(c)
	t := keys.issue(c.now, life, func(random string, _ *token) string { return "demo-token-" + random })
	return reply(obj{"access_token": t.value, "token_type": "bearer", "expires_in": int(life.Seconds())})
}

func loginError(status int, code, text string) answer {
	a := reply(obj{"error": code, "description": text, "error_description": text})
	a.status = status
	return a
}

func (o *org) tokenInfo(c *call) answer {
	organization := obj{"id": o.id, "name": o.title}
	keys := o.keys
	if c.writer {
		keys = o.writer
	}
	client, _ := keys.credentials()
	return reply(obj{
		"organization": organization, "homeOrganization": organization, "authorizedScope": list{},
		"dateTokenIdles": iso(c.token.expires),
		"OAuthClient": obj{
			"id": client, "name": "monitoring", "authorizedGrantType": "CLIENT-CREDENTIALS", "scope": list{},
			"state": "active", "organization": organization,
		},
	})
}

func (o *org) date(c *call) answer { return reply(obj{"currentDate": iso(c.clock)}) }
