package app

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// oddHost is a host that logs every client in and gives one raw answer to all other requests. It returns its address.
func oddHost(t *testing.T, login, answer string) (address string) {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				request, err := http.ReadRequest(bufio.NewReader(c))
				if err != nil { // a greeting of TLS
					_, _ = io.WriteString(c, answer)
					return
				}
				_, _ = io.Copy(io.Discard, request.Body)
				if request.Method == http.MethodPost {
					_, _ = io.WriteString(c, login)
				} else {
					_, _ = io.WriteString(c, answer)
				}
			}()
		}
	}()
	return l.Addr().String()
}

// rawAnswer is an answer that claims to be of a length; -1 is the true one.
func rawAnswer(status, contentType, body string, length int, headers ...string) string {
	if length < 0 {
		length = len(body)
	}
	more := strings.Join(append(headers, ""), "\r\n")
	return "HTTP/1.1 " + status + "\r\nContent-Type: " + contentType + "\r\nContent-Length: " + strconv.Itoa(length) + "\r\nConnection: close\r\n" + more + "\r\n" + body
}

// oddCase is what stands in the place of a platform, and what the check says of it.
type oddCase struct{ url, proxy, want string }

func oddCases(t *testing.T) map[string]oddCase {
	token := rawAnswer("200 OK", "application/json", `{"access_token":"t","token_type":"bearer","expires_in":3600}`, -1)
	page := rawAnswer("200 OK", "text/html", "<html>Jo Canary</html>", -1)
	closed := oddHost(t, "", "")
	refused := func() string { // a port that was free just now
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		return l.Addr().String()
	}()
	const noJSON = "the answer is not the JSON that the platform documents: is the URL right, and does a proxy or a login page of the network answer in its place?"
	return map[string]oddCase{
		"refused":        {url: "http://" + refused, want: "the login fails: the host refuses the connection: is its port right, and is a firewall in the way?"},
		"no such name":   {url: "https://nowhere.invalid", want: "the login fails: the name of the host is not known here: is it spelt right, is the region right, and does DNS work on this machine?"},
		"TLS to plain":   {url: "https://" + oddHost(t, page, page), want: "the login fails: what answers there does not speak TLS: is the port right, or does the URL begin with http://?"},
		"page for login": {url: "http://" + oddHost(t, page, page), want: "the login fails: " + noJSON},
		"closed":         {url: "http://" + closed, want: "the login fails: the connection ends before the answer is complete: does a proxy or a firewall cut it?"},
		"proxy wants a login": {
			url: "https://api.example.org", proxy: oddHost(t, "", rawAnswer("407 Proxy Authentication Required", "text/html", "Jo Canary", -1)),
			want: "the login fails: the proxy wants a login: name it in http.proxy_url, as in http://user:password@proxy:3128",
		},
		"proxy refused": {
			url: "https://api.example.org", proxy: refused,
			want: "the login fails: the proxy cannot be reached: look at http.proxy_url, or at HTTPS_PROXY in the environment",
		},
		"page":      {url: "http://" + oddHost(t, token, page), want: noJSON + " (trunks, status 200)"},
		"truncated": {url: "http://" + oddHost(t, token, rawAnswer("200 OK", "application/json", `{"entities":[{"id":"Jo Canary`, 5000)), want: "the connection ends before the answer is complete: does a proxy or a firewall cut it?"},
		"redirect": {
			url:  "http://" + oddHost(t, token, rawAnswer("302 Found", "text/html", "", -1, "Location: https://jo.canary.example.org")),
			want: "the host answers with a redirect, which is not followed, for the token would go along: is the URL right? (trunks, status 302)",
		},
		"no HTTP":     {url: "http://" + oddHost(t, token, "SSH-2.0-Jo_Canary\r\n"), want: "what answers there does not speak HTTP: is the port right?"},
		"no gzip":     {url: "http://" + oddHost(t, token, rawAnswer("200 OK", "application/json", "Jo Canary is here", -1, "Content-Encoding: gzip")), want: "the answer is not compressed as it says: does a proxy change it?"},
		"other proxy": {url: "http://" + oddHost(t, token, rawAnswer("407 Proxy Authentication Required", "text/html", "Jo Canary", -1)), want: "the proxy wants a login: name it in http.proxy_url, as in http://user:password@proxy:3128 (trunks, status 407)"},
	}
}

// TestLiveCheckOfOddHosts wants words for what stands between the exporter and a platform, and none of what it sends.
func TestLiveCheckOfOddHosts(t *testing.T) {
	t.Parallel()
	for name, test := range oddCases(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy := ""
			if test.proxy != "" {
				proxy = fmt.Sprintf(", proxy_url: \"http://%s\"", test.proxy)
			}
			report, text := checkWorld(t, fmt.Sprintf("genesys:\n  - {name: a, region: eu-central-1, api_url: %q, login_url: %[1]q, client_id: x, client_secret: s, http: {timeout: 5s%s}, "+
				"feeds: {edges: off, definitions: off, presence: off, queues: off, service_level: off, calls: off, quota: off, credential: off, events: off}}\n", test.url, proxy))
			found := ""
			for _, f := range report.Findings {
				if f.Problem && slices.Contains(f.Feeds, "trunks") {
					found = f.Text
				}
			}
			if found != test.want {
				t.Errorf("the advice is %q, want %q\n%s", found, test.want, text)
			}
			if strings.Contains(text, "Canary") {
				t.Errorf("the report repeats what the host sent:\n%s", text)
			}
		})
	}
}
