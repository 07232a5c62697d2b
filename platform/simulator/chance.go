// Chance that repeats: ids, waves and random numbers that depend on the seed and nothing else.

package simulator

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"time"
)

// digest hashes the seed with a name of what is wanted.
func (w *World) digest(parts ...any) [sha256.Size]byte {
	return sha256.Sum256([]byte(strconv.FormatUint(w.options.Seed, 10) + fmt.Sprint(parts...)))
}

// uuid is a version 4 UUID that is the same in every world of one seed.
func (w *World) uuid(parts ...any) string {
	b := w.digest(parts...)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	s := hex.EncodeToString(b[:16])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

// hash is a number made from the seed and a name.
func (w *World) hash(parts ...any) uint64 {
	b := w.digest(parts...)
	return binary.BigEndian.Uint64(b[:])
}

// wave is a smooth value between 0 and 1 that turns every 15 seconds; each key has its own.
func (w *World) wave(elapsed time.Duration, key string) float64 {
	const period = 15 * time.Second
	slot := int64(elapsed / period)
	part := float64(elapsed%period) / float64(period)
	from, to := random(w.hash(key, slot)), random(w.hash(key, slot+1))
	a, b := from.fraction(), to.fraction()
	return a + (b-a)*(1-math.Cos(part*math.Pi))/2
}

// random is a SplitMix64 generator: eight bytes, so that every agent can have one.
type random uint64

func (r *random) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// fraction is a number from 0 up to but not including 1.
func (r *random) fraction() float64 { return float64(r.next()>>11) / (1 << 53) }

// wait is a time until a random event, 2 s at least.
func (r *random) wait(mean time.Duration) time.Duration {
	return 2*time.Second + time.Duration(-math.Log(1-r.fraction())*float64(mean))
}
