package presence

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// CheckError is what a check of a pair found wrong. Its text says what to do, and names nobody.
type CheckError struct {
	Code   string // of a bounded set: persons, rules, redis
	Advice string
	cause  error
}

func (e *CheckError) Error() string { return e.Advice }

// Unwrap returns what went wrong, which may hold words of others.
func (e *CheckError) Unwrap() error { return e.cause }

// Reason returns the code, where platform.ReasonOf looks for it.
func (e *CheckError) Reason() string { return e.Code }

// CheckMatch counts how the agents are matched that were read last. It asks nothing.
func (p *Pair) CheckMatch() (map[MatchKind]int, error) {
	source, target := p.rosters()
	for _, side := range []struct {
		account string
		read    *platform.Roster
	}{{p.config.Source, source}, {p.config.Target, target}} {
		if side.read == nil || len(side.read.Persons) == 0 {
			return nil, &CheckError{Code: "persons", Advice: fmt.Sprintf("the agents of account %s were not read: see the failures of its own feeds", side.account)}
		}
	}
	counts := p.match(source, target).Counts
	if counts[Matched] == 0 {
		return counts, &CheckError{Code: "persons", Advice: "no agent was found on both accounts: look at match, and at agents and exclude " +
			"(do both sides have e-mail addresses, and does the target keep the ids of the source?)"}
	}
	return counts, nil
}

// CheckRules reads the presence definitions with the writer's client, and finds those that the rules name. It returns how many
// different ones are active. It writes nothing. Without a sync there is nothing to check.
func (p *Pair) CheckRules(ctx context.Context) (active int, err error) {
	if p.sync == nil {
		return 0, nil
	}
	definitions, err := p.sync.writer.Definitions(ctx)
	if err != nil {
		return 0, err
	}
	ids := map[string]bool{}
	for _, d := range definitions {
		if !d.Deactivated {
			ids[d.ID] = true
		}
	}
	if _, err := resolveRules(p.sync.config, definitions); err != nil {
		return len(ids), &CheckError{Code: "rules", Advice: strings.ReplaceAll(err.Error(), "\n", "; "), cause: err}
	}
	return len(ids), nil
}

// UsesRedis reports whether the pair keeps its memory in Redis.
func (p *Pair) UsesRedis() bool {
	if p.sync == nil {
		return false
	}
	_, is := p.sync.keeper.(*inRedis)
	return is
}

// CheckRedis uses every command of the sync once, on keys of its own that end by themselves: neither a writer that is at work nor
// what it remembers is touched.
func (p *Pair) CheckRedis(ctx context.Context) error {
	k, is := p.sync.keeper.(*inRedis)
	if !is {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 2*redisTime)
	defer cancel()
	step, err := k.check(ctx)
	if err == nil {
		return nil
	}
	return &CheckError{Code: "redis", Advice: redisAdvice(step, err), cause: err}
}

// check returns the commands that failed.
func (k *inRedis) check(ctx context.Context) (commands string, err error) {
	if err := k.client.Ping(ctx).Err(); err != nil {
		return "ping", err
	}
	if _, err := k.recall(ctx); err != nil {
		return "hgetall", err
	}
	key, hash := k.key("check:"+rand.Text()), k.key("checked:"+rand.Text())
	lock, err := k.locks.Obtain(ctx, key, lockTTL, nil)
	if err != nil {
		return "msetnx, mset, getrange, pexpire, eval and evalsha", err
	}
	defer func() { _ = lock.Release(ctx) }() // else it ends by itself
	if err := lock.Refresh(ctx, lockTTL, nil); err != nil {
		return "mget, pexpire, eval and evalsha", err
	}
	// There is something at the key, and it is a text to which nothing can be added: these answers show that the commands are
	// allowed.
	if err := k.client.SetArgs(ctx, key, "", redis.SetArgs{Mode: "NX"}).Err(); err != nil && !errors.Is(err, redis.Nil) {
		return "set", err
	}
	if err := k.client.Incr(ctx, key).Err(); err != nil && !strings.Contains(err.Error(), "not an integer") {
		return "incr", err
	}
	// A field is written and deleted again: the hash is gone then.
	args := []any{lock.Token(), int(lockTTL.Seconds()), "check", "1", "check", ""}
	if err := saveRecords.Run(ctx, k.client, []string{key, hash}, args...).Err(); err != nil {
		return "get, hset, hdel, expire, eval and evalsha", err
	}
	if err := lock.Release(ctx); err != nil {
		return "mget, del, eval and evalsha", err
	}
	return "", nil
}

// redisAdvice says what to do about an error of Redis, in none of its words.
func redisAdvice(commands string, err error) string {
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	_, plain := errors.AsType[tls.RecordHeaderError](err)
	text := err.Error()
	answered := errors.As(err, new(redis.Error))
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return "redis.password_file cannot be read: is its path right, and may this user read it?"
	case untrusted:
		return "the certificate of Redis is not trusted here: name its authority in redis.tls_config.ca_file"
	case plain:
		return "Redis does not speak TLS on this port: leave redis.tls_config out, or name the port with TLS in redis.address"
	case !answered:
		return "Redis cannot be reached: look at redis.address, DNS and the firewall, and whether the server wants TLS (redis.tls_config)"
	case strings.HasPrefix(text, "WRONGPASS"), strings.HasPrefix(text, "NOAUTH"):
		return "Redis refuses the login: look at redis.username and at the password"
	case strings.Contains(text, "NOPERM"), strings.Contains(text, "user executing the script can't"):
		return "the user of Redis may not use " + commands + " on keys ccaas_presence:*: add what docs/presence.md lists to its ACL"
	case strings.HasPrefix(text, "READONLY"):
		return "redis.address names a replica, which takes no writes: name the primary"
	}
	return "Redis answers " + commands + " with an error: look at its log, its memory and its disk"
}
