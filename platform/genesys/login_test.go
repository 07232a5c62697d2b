package genesys

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"
)

// TestLogin sends an id and a secret whose characters mean something in a URL: base64 holds them as they are.
func TestLogin(t *testing.T) {
	type login struct{ Method, Path, ID, Secret, Type, Body string }
	var got login
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, secret, _ := r.BasicAuth()
		body, _ := io.ReadAll(r.Body)
		got = login{r.Method, r.URL.Path, id, secret, r.Header.Get("Content-Type"), string(body)}
		_, _ = io.WriteString(w, `{"access_token":"t","token_type":"bearer","expires_in":86399}`)
	}))
	defer server.Close()
	c := DefaultConfig()
	c.ClientID, c.ClientSecret = "i d", "s+/=%&ä:x"
	token, err := c.credentials(server.URL)(t.Context(), server.Client())
	if err != nil || *token != (oauth2.Token{AccessToken: "t", ExpiresIn: 86399}) {
		t.Errorf("login = %+v, %v, want token t", token, err)
	}
	want := login{"POST", "/oauth/token", "i d", "s+/=%&ä:x", "application/x-www-form-urlencoded", "grant_type=client_credentials"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("login (-want +got):\n%s", diff)
	}
}
