package presence_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/presence"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// reporter is a writer that prints a line before each request that it sends: the epoch, the time, and whether it is a batch.
type reporter struct {
	presence.Writer
	pair *presence.Pair
	to   io.Writer
}

func (r *reporter) say(kind string) {
	_, _ = fmt.Fprintf(r.to, "sends %d %d %s\n", r.pair.Epoch(), time.Now().UnixNano(), kind)
}

func (r *reporter) WriteMany(ctx context.Context, changes []platform.PresenceChange) ([]platform.PresenceWritten, error) {
	r.say("many")
	return r.Writer.WriteMany(ctx, changes)
}

func (r *reporter) WriteOne(ctx context.Context, change platform.PresenceChange) (platform.PresenceWritten, error) {
	r.say("one")
	return r.Writer.WriteOne(ctx, change)
}

// setup is what an engine in a process of its own has to know.
type setup struct {
	access
	Redis  string
	Agents map[string]string
}

// environment is the variable with the setup of an engine.
const environment = "CCAAS_TEST_ENGINE"

// beEngine is an engine in a process of its own. It ends with its standard input.
func beEngine(t *testing.T, text string) {
	t.Helper()
	var s setup
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		t.Fatal(err)
	}
	writer := &reporter{to: os.Stdout}
	s.keep(t, func(o *presence.Options) {
		o.Config.Match, o.Config.Agents, o.Redis.Address = nil, s.Agents, s.Redis
		o.Writer = writer
	})
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// engine is a process that is an engine: TestEngines of this program, started with a setup.
type engine struct {
	*exec.Cmd
	mu    sync.Mutex
	sends []send
}

// send is a request that an engine was about to send.
type send struct {
	epoch, at int64
	engine    int
}

// startEngine starts an engine until the test ends.
func startEngine(t *testing.T, number int, s setup) *engine {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	e := &engine{Cmd: exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestEngines$")}
	e.Env = append(os.Environ(), environment+"="+string(text))
	input, err := e.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := e.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	var reading sync.WaitGroup
	reading.Go(func() {
		for lines := bufio.NewScanner(output); lines.Scan(); {
			one := send{engine: number}
			if n, _ := fmt.Sscanf(lines.Text(), "sends %d %d", &one.epoch, &one.at); n == 2 {
				e.mu.Lock()
				e.sends = append(e.sends, one)
				e.mu.Unlock()
			} else if strings.Contains(lines.Text(), "FAIL") {
				t.Errorf("engine %d: %s", number, lines.Text())
			}
		}
	})
	t.Cleanup(func() {
		_ = input.Close()
		_ = e.Process.Signal(syscall.SIGCONT)
		reading.Wait()
		_ = e.Wait()
	})
	return e
}

func (e *engine) sent() []send {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]send{}, e.sends...)
}

// engines are two processes on one Redis, and the agents whom they keep in step.
type engines struct {
	*floor
	each  [2]*engine
	redis *redis.Client
}

// sent is how often both have sent.
func (e engines) sent() int { return len(e.each[0].sent()) + len(e.each[1].sent()) }

// leader returns the engine that sent last.
func (e engines) leader() int {
	last := send{}
	for _, one := range e.each {
		if all := one.sent(); len(all) > 0 && all[len(all)-1].at > last.at {
			last = all[len(all)-1]
		}
	}
	return last.engine
}

// protects lets an agent take a contact, and waits until an engine has taken the agent off queue.
func (e engines) protects(t *testing.T, i int) {
	t.Helper()
	e.onUS(t, i, simulator.TakeContact)
	until(t, fmt.Sprintf("agent %d is protected", i), func() bool { users, _ := written(e.w); return users[e.emea[i].ID] != "" })
}

// disturbances take the right to write from the engine that has it.
var disturbances = map[string]func(t *testing.T, e engines){
	"the leader is stopped": func(t *testing.T, e engines) {
		// What waits when the process is stopped is not sent when it goes on.
		remove := e.w.Inject("emea", refused("PUT", 429, "too.many.requests.retry.after", 0))
		before := e.sent()
		e.onUS(t, 1, simulator.TakeContact)
		until(t, "the leader has something to send", func() bool { return e.sent() > before })
		leader := e.leader() // on a busy machine another than at first
		signal(t, e.each[leader], syscall.SIGSTOP)
		remove()
		e.protects(t, 2)
		if now := e.leader(); now == leader {
			t.Errorf("engine %d sends while it is stopped", now)
		}
		signal(t, e.each[leader], syscall.SIGCONT)
	},
	"Redis pauses": func(t *testing.T, e engines) {
		if err := e.redis.Do(t.Context(), "CLIENT", "PAUSE", "4000", "ALL").Err(); err != nil {
			t.Error(err)
		}
		e.onUS(t, 1, simulator.TakeContact)
	},
	"the lock is lost": func(t *testing.T, e engines) {
		if n, err := e.redis.Del(t.Context(), "ccaas_presence:{us-emea}:writer").Result(); n != 1 || err != nil {
			t.Errorf("%d keys deleted, %v, want the lock", n, err)
		}
		e.onUS(t, 1, simulator.TakeContact)
	},
	"Redis forgets everything": func(t *testing.T, e engines) {
		if err := e.redis.FlushAll(t.Context()).Err(); err != nil {
			t.Error(err)
		}
		e.onUS(t, 1, simulator.TakeContact)
	},
}

// TestEngines takes the right to write from the one of two engines that has it, in several ways. None sends a request of an epoch after
// the first of the next.
func TestEngines(t *testing.T) {
	if text := os.Getenv(environment); text != "" {
		beEngine(t, text)
		return
	}
	t.Parallel()
	var running sync.WaitGroup
	for name, disturb := range disturbances {
		running.Go(func() { t.Run(name, func(t *testing.T) { contend(t, disturb) }) })
	}
	running.Wait()
}

// contend lets two engines keep the same agents in step, and disturbs them.
func contend(t *testing.T, disturb func(t *testing.T, e engines)) {
	t.Helper()
	const n = 6
	w := simulatedAgents(t, "calm", 12)
	f := &floor{emea: w.Persons("emea")[:n], us: w.Persons("us")[:n]}
	f.w = w
	s := setup{access: accessOf(w), Redis: presence.StartRedis(t), Agents: f.ready(t)}
	e := engines{floor: f, redis: redis.NewClient(&redis.Options{Addr: s.Redis})}
	defer e.redis.Close()
	for i := range e.each {
		e.each[i] = startEngine(t, i, s)
	}
	e.protects(t, 0)
	disturb(t, e)
	for i := 1; i < n; i++ {
		e.protects(t, i)
	}
	all := append(e.each[0].sent(), e.each[1].sent()...)
	first := map[int64]int64{}
	for _, one := range all {
		if at, there := first[one.epoch]; !there || one.at < at {
			first[one.epoch] = one.at
		}
	}
	for _, one := range all {
		for epoch, began := range first {
			if one.epoch < epoch && one.at > began {
				t.Errorf("a request of epoch %d was sent %v after the first of epoch %d", one.epoch, time.Duration(one.at-began), epoch)
			}
		}
	}
	if requests := len(w.Writes("emea")); len(all) < requests/n || len(first) == 0 {
		t.Errorf("%d requests in %d epochs, and the platform has seen %d writes", len(all), len(first), requests)
	}
}

func signal(t *testing.T, e *engine, s syscall.Signal) {
	t.Helper()
	if err := e.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}
