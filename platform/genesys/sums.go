package genesys

// This file adds up counts that come in pieces.

// sums holds a count by key; nil is one that a piece without a number has spoilt. The empty key is nobody's.
type sums[K comparable] map[K]*int

// zero starts the counts of keys at 0: the platform leaves zero counts out of its answers.
func (t sums[K]) zero(keys ...K) {
	for _, key := range keys {
		t[key] = new(int)
	}
}

// add adds a piece to the count of a key.
func (t sums[K]) add(key K, piece *int) {
	if key == *new(K) {
		return
	}
	switch count, known := t[key]; {
	case piece == nil:
		t[key] = nil
	case !known:
		n := *piece
		t[key] = &n
	case count != nil:
		*count += *piece
	}
}
