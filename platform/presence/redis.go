package presence

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/bsm/redislock"
	promconfig "github.com/prometheus/common/config"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// The lock of the one writer. A process that cannot refresh it stops sending well before another may obtain it, so that what it
// has sent last is answered by then.
const (
	lockTTL    = 15 * time.Second
	lockMargin = 5 * time.Second
	recordTTL  = 24 * time.Hour // of what is remembered, since the last write
	redisTime  = 2 * time.Second
)

//go:embed save.lua
var saveText string

// saveRecords returns 0 and writes nothing when another epoch has begun.
var saveRecords = redis.NewScript(saveText)

// inRedis keeps records in Redis and leaves the choice of the one writer to a lock there. Every time a process becomes the writer
// an epoch begins; a process of an older epoch can save nothing, and so sends nothing.
type inRedis struct {
	client *redis.Client
	locks  *redislock.Client
	pair   string

	ttl, margin time.Duration // lockTTL and lockMargin, but in tests

	lock  *redislock.Lock // nil while another process is the writer, as far as is known
	epoch int64
}

// silence keeps the client from writing to standard error, past the logger: what fails is returned as an error.
var silence = sync.OnceFunc(func() { redis.SetLogger(silent{}) })

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

func newInRedis(c RedisConfig, pair string) (*inRedis, error) {
	silence()
	options := &redis.Options{
		Addr: c.Address, DialTimeout: redisTime, ReadTimeout: redisTime, WriteTimeout: redisTime, ContextTimeoutEnabled: true,
		MaxRetries: -1, DisableIdentity: true, PoolSize: 2,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		// The file is read again for every connection, so that a password can be rotated.
		CredentialsProviderContext: func(context.Context) (user, password string, err error) {
			password, err = c.password()
			return c.Username, password, err
		},
	}
	if c.TLSConfig != nil {
		tls, err := promconfig.NewTLSConfig(c.TLSConfig)
		if err != nil {
			return nil, fmt.Errorf("redis.tls_config: %w", err)
		}
		options.TLSConfig = tls
	}
	client := redis.NewClient(options)
	return &inRedis{client: client, locks: redislock.New(client), pair: pair, ttl: lockTTL, margin: lockMargin}, nil
}

// key names something of the pair. The braces keep all of a pair on one node of a cluster.
func (k *inRedis) key(what string) string { return "ccaas_presence:{" + k.pair + "}:" + what }

func (k *inRedis) claim(ctx context.Context) (granted lease, records map[string][]byte, err error) {
	asked := time.Now()
	if k.lock != nil {
		err := k.lock.Refresh(ctx, k.ttl, nil)
		switch {
		case err == nil:
			return leaseFor(asked, k.ttl-k.margin), nil, nil
		case !errors.Is(err, redislock.ErrNotObtained):
			return lease{}, nil, err
		}
		k.lock = nil // it has ended meanwhile
	}
	lock, err := k.locks.Obtain(ctx, k.key("writer"), k.ttl, nil)
	if errors.Is(err, redislock.ErrNotObtained) {
		return lease{}, nil, nil
	}
	if err != nil {
		return lease{}, nil, err
	}
	if k.epoch, err = k.begin(ctx); err == nil {
		records, err = k.recall(ctx)
	}
	if err != nil {
		_ = lock.Release(ctx) // else it ends by itself
		return lease{}, nil, err
	}
	k.lock = lock
	return leaseFor(asked, k.ttl-k.margin), records, nil
}

// begin begins an epoch. The first in an empty server is later than all that a server before it has seen.
func (k *inRedis) begin(ctx context.Context) (epoch int64, err error) {
	err = k.client.SetArgs(ctx, k.key("epoch"), time.Now().UnixMicro(), redis.SetArgs{Mode: "NX"}).Err()
	if err != nil && !errors.Is(err, redis.Nil) {
		return 0, err
	}
	return k.client.Incr(ctx, k.key("epoch")).Result()
}

func (k *inRedis) save(ctx context.Context, records map[string][]byte) error {
	args := []any{k.epoch, int(recordTTL.Seconds())}
	for id, record := range records {
		args = append(args, id, record)
	}
	saved, err := saveRecords.Run(ctx, k.client, []string{k.key("epoch"), k.key("agents")}, args...).Int()
	if err == nil && saved == 0 {
		k.lock = nil
		err = errSuperseded
	}
	return err
}

func (k *inRedis) release(ctx context.Context) {
	if k.lock != nil {
		_ = k.lock.Release(ctx) // else it ends by itself
		k.lock = nil
	}
}

func (k *inRedis) close() { _ = k.client.Close() }

// recall returns what is remembered.
func (k *inRedis) recall(ctx context.Context) (records map[string][]byte, err error) {
	remembered, err := k.client.HGetAll(ctx, k.key("agents")).Result()
	records = make(map[string][]byte, len(remembered))
	for id, record := range remembered {
		records[id] = []byte(record)
	}
	return records, err
}
