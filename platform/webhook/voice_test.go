package webhook

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// voiceCase is a voice event with the numbers that are read of it.
type voiceCase struct {
	body    string
	units   Units // the zero value stands for the defaults
	values  map[string]float64
	invalid []string
}

func wantVoice(t *testing.T, cases map[string]voiceCase) {
	t.Helper()
	for name, tc := range cases {
		h := settings(VoiceQuality)
		if tc.units != (Units{}) {
			h.Units = tc.units
		}
		events, broken, err := decodeVoice([]byte("{"+tc.body+"}"), h, time.UTC)
		if err != nil || broken != 0 || len(events) != 1 {
			t.Errorf("%s: %d events, %d broken, %v, want one event", name, len(events), broken, err)
			continue
		}
		got := decodedOf(events)[0]
		if diff := cmp.Diff(tc.values, got.Values, near); diff != "" {
			t.Errorf("%s: values (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(tc.invalid, got.Invalid); diff != "" {
			t.Errorf("%s: invalid (-want +got):\n%s", name, diff)
		}
	}
}

// TestVoiceFurtherFields reads the numbers of which the vendor's sample has no value, in both units where there are two.
func TestVoiceFurtherFields(t *testing.T) {
	const id = `"ContactId":1,`
	wantVoice(t, map[string]voiceCase{
		"more numbers": {
			id + `"AvgRFactor":93.2,"CallScore":"4.5","AvgBitrate":64.0,"Ringtime":7`,
			Units{},
			map[string]float64{"ccaas_voice_r_factor": 93.2, "ccaas_voice_call_score": 4.5, "ccaas_voice_bitrate_bytes_per_second": 8000, "ccaas_voice_ring_seconds": 7},
			nil,
		},
		"more numbers in other units": {
			id + `"AvgBitrate":64000,"Ringtime":7000`,
			Units{Bitrate: "bps", RingTime: "ms"},
			map[string]float64{"ccaas_voice_bitrate_bytes_per_second": 8000, "ccaas_voice_ring_seconds": 7},
			nil,
		},
		"wrong units show":  {id + `"AvgBitrate":64000,"Ringtime":7000,"AvgRFactor":932,"CallScore":101`, Units{}, nil, []string{"AvgRFactor", "CallScore", "AvgBitrate", "Ringtime"}},
		"a bit rate of 0.0": {id + `"AvgBitrate":0.0,"Ringtime":0`, Units{}, map[string]float64{"ccaas_voice_ring_seconds": 0}, nil},
	})
}
