package shape_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform/shape"
)

func TestJSON(t *testing.T) {
	for _, test := range []struct{ name, document, want string }{
		{
			"entities",
			`{"entities":[{"id":"3d4f8a2e-7f0b-4d3c-9f5e-0a1b2c3d4e5f","name":"Carrier Nord","state":"active","trunkBase":{"id":"3d4f8a2e-7f0b-4d3c-9f5e-0a1b2c3d4e5f"}}],"total":60}`,
			`{"entities":[{"id":"<uuid #1>","name":"<name 12 #2>","state":"active","trunkBase":{"id":"<uuid #1>"}}],"total":60}`,
		},
		{
			"texts of every class",
			`["2026-11-26T08:00:01.5Z","2026-11-26T08:00:00Z/2026-11-26T09:00:00Z","jo@example.com","https://acme.example.com/x","/acme/x","10.1.2.3:5060","pbx.acme.com:5060","+49 89 123456","tel:123","12345","0.75","Müller",""]`,
			`["<time 0000-00-00T00:00:00.0Z>","<time 0000-00-00T00:00:00Z/0000-00-00T00:00:00Z>","<email #1>","<url #2>","<path #3>","<address #4>","<host #5>","<phone #6>","<phone #7>","<digits 5 #8>","<text-decimal 1.2>","<name 6 #9>",""]`,
		},
		{
			"numbers",
			`{"agentId":12345,"agentStateId":2,"count":12345,"phoneNumber":498912345,"total":12345678,"value":48.137,"inSLA":-7}`,
			`{"agentId":"<number 5 #1>","agentStateId":2,"count":12345,"phoneNumber":"<number 9 #2>","total":"<number 8 #3>","value":"<decimal 2.3>","inSLA":-7}`,
		},
		{
			"keys that are data",
			`{"metrics":{"Acme Sales":3,"Support":4,"3d4f8a2e-7f0b-4d3c-9f5e-0a1b2c3d4e5f":1}}`,
			`{"metrics":{"<name 10 #1>":3,"<name 7 #2>":4,"<uuid #3>":1}}`,
		},
		{"an enum word as a name", `{"name":"active","state":"active"}`, `{"name":"<name 6 #1>","state":"active"}`},
		{"codes", `{"code":"missing.permissions","error":"acme_is_down","message":"Jo lacks it"}`, `{"code":"missing.permissions","error":"<name 12 #1>","message":"<name 11 #2>"}`},
		{"a key given twice, null and booleans", `{"id":null,"id":true}`, `{"id":null,"id":true}`},
	} {
		got, ok := shape.New("active").JSON([]byte(test.document))
		if diff := cmp.Diff(test.want, string(got)); diff != "" || !ok {
			t.Errorf("%s: JSON (ok: %t, -want +got):\n%s", test.name, ok, diff)
		}
	}
	for _, other := range []string{"", "<html>", "{", "1 2", strings.Repeat("[", 200) + strings.Repeat("]", 200)} {
		if got, ok := shape.New().JSON([]byte(other)); ok {
			t.Errorf("JSON(%.20q) = %s, want no shape", other, got)
		}
	}
}

func TestAnswer(t *testing.T) {
	s := `{"id":"<uuid #7>","state":"active","at":"<time 0000-00-00T00:00:00.000Z>","interval":"<time 0000-00-00T00:00Z/0000-00-00T00:00Z>","n":"<number 5 #12>",` +
		`"d":"<decimal 1.2>","t":"<digits 3 #4>","name":"<name 6 #3>","<name 4 #9>":[1,null,"<host #2>"]}`
	got, err := shape.Answer(json.RawMessage(s), time.Date(2026, 11, 26, 8, 30, 15, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"id":"00000000-0000-4000-8000-000000000007","state":"active","at":"2026-11-26T08:30:15.000Z","interval":"2026-11-26T08:00Z/2026-11-26T08:30Z","n":10012,` +
		`"d":0.55,"t":"104","name":"n3xxxx","n9xx":[1,null,"host2.example.org:5060"]}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("Answer (-want +got):\n%s", diff)
	}
}

// Every field that a client reads has to be recognizable in a shape.
func TestKeysOfClients(t *testing.T) {
	tag := regexp.MustCompile("json:\"([A-Za-z_]+)")
	s, found := shape.New(), 0
	for _, dir := range []string{"../genesys", "../genesys/notify", "../cxone", "../statuspage"} {
		files, err := filepath.Glob(dir + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range tag.FindAllSubmatch(source, -1) {
				found++
				if key := string(m[1]); s.Name(key) != key {
					t.Errorf("%s: the key %s is not made of known words", file, key)
				}
			}
		}
	}
	if found < 100 {
		t.Errorf("%d keys were found, want those of all clients", found)
	}
}
