package presence

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
)

// documentedACL is what docs/presence.md asks for.
const documentedACL = "~ccaas_presence:* +get +set +incr +hgetall +hset +hdel +expire +pexpire +getrange +mget +mset +msetnx +del " +
	"+eval +evalsha +hello +select +ping"

func TestACLIsDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/presence.md")
	if err != nil {
		t.Fatal(err)
	}
	if words := strings.Join(strings.Fields(string(page)), " "); !strings.Contains(words, "`"+documentedACL+"`") {
		t.Errorf("docs/presence.md does not ask for %s", documentedACL)
	}
}

// TestCheckRedis checks Redis with users of different rights, and leaves a writer at work alone.
func TestCheckRedis(t *testing.T) {
	s := startRedis(t)
	admin := redis.NewClient(&redis.Options{Addr: s.address})
	t.Cleanup(func() { _ = admin.Close() })
	writer := s.keeper(t, RedisConfig{})
	wantClaim(t, "the writer", writer, true, map[string]string{})
	if err := writer.save(t.Context(), map[string][]byte{"a": []byte("1")}); err != nil {
		t.Fatal(err)
	}
	user := func(name, rights string) RedisConfig {
		args := []any{"ACL", "SETUSER", name, "on", ">secret"}
		for right := range strings.FieldsSeq(rights) {
			args = append(args, right)
		}
		if err := admin.Do(t.Context(), args...).Err(); err != nil {
			t.Fatal(err)
		}
		return RedisConfig{Username: name, Password: "secret"}
	}
	lacks := func(commands string) string {
		return "the user of Redis may not use " + commands + " on keys ccaas_presence:*: add what docs/presence.md lists to its ACL"
	}
	without := func(commands ...string) string {
		rights := strings.Fields(documentedACL)
		return strings.Join(slices.DeleteFunc(rights, func(right string) bool { return slices.Contains(commands, right) }), " ")
	}
	for name, test := range map[string]struct {
		config RedisConfig
		want   string
	}{
		"all":            {user("all", documentedACL), ""},
		"no counting":    {user("incr", without("+incr")), lacks("incr")},
		"no setting":     {user("set", without("+set")), lacks("set")},
		"no hashes":      {user("hset", without("+hset")), lacks("get, hset, hdel, expire, eval and evalsha")},
		"no scripts":     {user("eval", without("+eval", "+evalsha")), lacks("msetnx, mset, getrange, pexpire, eval and evalsha")},
		"no reading":     {user("hgetall", without("+hgetall")), lacks("hgetall")},
		"no deleting":    {user("del", without("+del")), lacks("mget, del, eval and evalsha")},
		"other keys":     {user("keys", strings.Replace(documentedACL, "ccaas_presence", "other", 1)), lacks("hgetall")},
		"wrong password": {RedisConfig{Username: "all", Password: "hunter2"}, "Redis refuses the login: look at redis.username and at the password"},
		"no such file": {
			RedisConfig{PasswordFile: filepath.Join(t.TempDir(), "none")},
			"redis.password_file cannot be read: is its path right, and may this user read it?",
		},
	} {
		k := s.keeper(t, test.config)
		if got := checkRedis(t, k); got != test.want {
			t.Errorf("%s: the advice is %q, want %q", name, got, test.want)
		}
	}
	wantClaim(t, "the writer afterwards", writer, true, nil)
	if err := writer.save(t.Context(), map[string][]byte{"a": []byte("2")}); err != nil {
		t.Errorf("the writer saves no more: %v", err)
	}
	keys := admin.Keys(t.Context(), "*").Val()
	slices.Sort(keys)
	keys = slices.DeleteFunc(keys, func(key string) bool { return admin.TTL(t.Context(), key).Val() > 0 && strings.Contains(key, "check") })
	if diff := cmp.Diff([]string{"ccaas_presence:{p}:agents", "ccaas_presence:{p}:epoch", "ccaas_presence:{p}:writer"}, keys); diff != "" {
		t.Errorf("keys that stay (-want +got):\n%s", diff)
	}
}

// checkRedis returns the advice of a check of a keeper.
func checkRedis(t *testing.T, k *inRedis) (advice string) {
	t.Helper()
	err := (&Pair{sync: &syncer{keeper: k}}).CheckRedis(t.Context())
	if wrong, ok := errors.AsType[*CheckError](err); ok {
		return wrong.Advice
	}
	if err != nil {
		t.Fatal(err)
	}
	return ""
}

func TestCheckRedisThatIsNotThere(t *testing.T) {
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	k, err := newInRedis(RedisConfig{Address: l.Addr().String()}, "p")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.close)
	const want = "Redis cannot be reached: look at redis.address, DNS and the firewall, and whether the server wants TLS (redis.tls_config)"
	if got := checkRedis(t, k); got != want {
		t.Errorf("the advice is %q, want %q", got, want)
	}
}
