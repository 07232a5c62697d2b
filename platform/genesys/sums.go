package genesys

// sums adds up counts by key that come in pieces. A nil count is unknown because one of its parts was missing. The empty key
// is ignored.
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
