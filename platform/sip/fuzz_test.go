package sip

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// torture are answers after the ideas of RFC 4475: some odd and right, most odd and wrong.
var torture = []string{
	// right: compact names, folding, white space, unknown headers, an empty reason, a body
	"SIP/2.0 200 \r\nv : SIP/2.0/UDP 192.0.2.7:50000\r\n ;branch=z9hG4bKa\r\ni:call\r\nCSEQ: 1 OPTIONS\r\nl: 0\r\n\r\n",
	"SIP/2.0 200 = 2**3 * 5**2 \xd0\xbd\xd0\xbe\r\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKa\r\nCall-ID: call\r\nCSeq: 1 OPTIONS\r\nNewFangledHeader: a;b=\"c\\\"d\"\r\nContent-Length: 4\r\n\r\nv=0\n",
	"SIP/2.0 180 \t\r\nVia:SIP/2.0/TCP [2001:db8::7]:50000;rport=1;received=192.0.2.1;branch=z9hG4bKa\r\nCall-ID:call\r\nCSeq:1 \t OPTIONS\r\nContent-Length:0\r\n\r\n",
	"\r\n\r\nSIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKa\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"\"\r\nCall-ID: call\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
	// right to a tolerant reader: LF, the case of names, quoted separators, lines that are no headers, missing ends
	"SIP/2.0 200 OK\nVia: SIP/2.0/UDP h;branch=z9hG4bKa\nCall-ID: call\nCSeq: 1 OPTIONS\n\n",
	"sip/2.0 200 OK\r\nVIA: sip/2.0/udp h;BRANCH=z9hG4bKa\r\ncall-id: call\r\ncseq: 1 options\r\nCONTENT-LENGTH: 0\r\n\r\n",
	"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;x=\"a, \\\"b;c\";branch=\"z9hG4bKa\"\r\nCall-ID: call\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
	"SIP/2.0 200 OK\r\nX-Load 7\r\n\xff\x00\r\n: no name\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKa\r\nCall-ID: call\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
	"SIP/2.0 200\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKa\r\nCall-ID: call\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n",
	"SIP/2.0 503 Busy\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKa\r\nCall-ID: call\r\nRetry-After: 18000 (lunch);duration=3600\r\nContent-Length: 0\r\nCSeq: 1 OPTIONS",
	// wrong: sizes
	"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKa\r\nCall-ID: call\r\nCSeq: 1 OPTIONS\r\nContent-Length: -999\r\n\r\n",
	"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKa\r\nCall-ID: call\r\nCSeq: 1 OPTIONS\r\nContent-Length: 4294967295\r\n\r\n",
	"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKa\r\nCall-ID: call\r\nCSeq: 36893488147419103232 OPTIONS\r\nContent-Length: 0\r\n\r\n",
	"SIP/2.0 4294967301 better not break the receiver\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKa\r\nCall-ID: call\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
	// wrong: forms
	"SIP/7.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKa\r\nCall-ID: call\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
	"SIP/2.0 200 OK\r\nVia: SIP/2.0\r\nVia: ,,;;==\r\nCall-ID:\r\nCSeq: OPTIONS\r\n\r\n",
	"SIP/2.0 200 OK\rVia: SIP/2.0/UDP h\r\n\r\n",
	"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP [2001:db8::7;branch=z9hG4bKa\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=\r\nCSeq: 1 OPTIONS\r\n",
	"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=\"z9hG4bK\\\"a;\"; =,SIP/2.0/UDP j;branch=z9hG4bKb\r\nCall-ID: c d\r\nCSeq: 1\r\n OPTIONS\r\nContent-Length: 0\r\n\r\n",
	"SIP/2.0 200 OK\r\n folded before any header\r\n: no name\r\nno colon\r\n\r\n",
	"OPTIONS sip:user@example.com SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKa\r\nMax-Forwards: 0\r\nCall-ID: call\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
	"SIP/2.0 x SIP/2.0 y SIP/2.0 200 OK\r\n\r\n", "SIP/2.0 200", "SIP", "\x00\x00\x00\x00", "\r\n\r\n\r\n\r\n", "",
}

// understood are the codes of the first of them.
var understood = []int{200, 200, 180, 401, 200, 200, 200, 200, 200, 503}

// checkAnswer reports an answer that must not be acted upon.
func checkAnswer(t *testing.T, a answer) {
	t.Helper()
	switch {
	case a.problem != "" && (a.code != 0 || !slices.Contains(Ignored[:], a.problem)):
		t.Errorf("answer = %+v, want a problem and nothing else", a)
	case a.code != 0 && (a.code < 100 || a.code > 699 || a.callID == "" || a.retryAfter < 0):
		t.Errorf("answer = %+v, want a code from 100 to 699 and a Call-ID", a)
	}
}

func FuzzDatagram(f *testing.F) {
	for _, text := range torture {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, datagram []byte) { checkAnswer(t, readDatagram(datagram)) })
}

// FuzzStream: whatever comes, in whatever pieces, reading it ends, no more is kept than one message may have, and good
// answers that follow are read again after what a message may have swallowed.
func FuzzStream(f *testing.F) {
	for i, text := range torture {
		f.Add([]byte(text), i)
	}
	f.Fuzz(func(t *testing.T, noise []byte, piece int) {
		var s streamReader
		piece = max(1, piece%64)
		for part := range slices.Chunk(noise, piece) {
			for _, a := range s.read(part) {
				checkAnswer(t, a)
			}
			if kept := len(s.buffer); kept > maxAnswer+piece {
				t.Fatalf("%d bytes are kept", kept)
			}
		}
		answers := s.read([]byte("\r\n\r\n"))
		for range 2*maxAnswer/len(torture[0]) + 1 {
			answers = append(answers, s.read([]byte(torture[0]))...)
		}
		if !slices.ContainsFunc(answers, func(a answer) bool { return a.code == 200 && a.branch == "z9hG4bKa" && a.callID == "call" }) {
			t.Error("no good answer is read any more")
		}
	})
}

func TestTorture(t *testing.T) {
	for i, text := range torture {
		want := answer{}
		if i < len(understood) {
			want = answer{branch: "z9hG4bKa", callID: "call", code: understood[i]}
		}
		if want.code == 503 {
			want.retryAfter = 5 * time.Hour
		}
		if a := readDatagram([]byte(text)); a.code != want.code || want.code != 0 && a != want {
			t.Errorf("readDatagram(%q) = %+v, want %+v", text, a, want)
		}
	}
}

// TestTortureInPieces: a stream is understood alike, however it is cut, and so is what follows each message.
func TestTortureInPieces(t *testing.T) {
	for _, size := range []int{1, 2, 7, 1000} {
		var s streamReader
		var got []int
		for i, text := range torture[:len(understood)] {
			if i == 9 {
				text += "\r\n" // a stream's line may go on
			}
			for piece := range slices.Chunk([]byte(text), size) {
				for _, a := range s.read(piece) {
					got = append(got, a.code)
				}
			}
		}
		if diff := cmp.Diff(understood, got); diff != "" {
			t.Errorf("codes in pieces of %d (-want +got):\n%s", size, diff)
		}
	}
}
