package collector

import (
	"bytes"
	"io"
	"strconv"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// familyFormat is a family in a text format.
type familyFormat struct {
	*metric.Family
	format expfmt.Format
}

// familyText writes a family in a text format as expfmt would, without a message for each sample. What only expfmt knows,
// the lines about the family and histograms, expfmt writes.
type familyText struct {
	familyFormat
	about  []byte   // the lines about the family
	before []string // what stands before the value of each label
	end    string   // what stands before the number
	open   bool     // OpenMetrics
}

func newFamilyText(of familyFormat) *familyText {
	t := &familyText{familyFormat: of, end: `"} `, open: of.format.FormatType() == expfmt.TypeOpenMetrics}
	separator := of.Name + "{"
	for _, name := range namesOf(of.Family) {
		t.before = append(t.before, separator+name+`="`)
		separator = `",`
	}
	if t.before == nil {
		t.end = of.Name + " "
	}
	var out bytes.Buffer
	_ = t.encode(&out, []*dto.Metric{{Gauge: &dto.Gauge{}, Counter: &dto.Counter{}, Histogram: &dto.Histogram{}}}) // fits every type
	t.about = out.Bytes()[:endOfAbout(out.Bytes())]
	return t
}

// append appends the lines of a chunk.
func (t *familyText) append(lines []byte, c chunk, memory *scratch) ([]byte, error) {
	if c.samples == nil {
		metrics, err := c.all(memory, forText)
		if err != nil || len(metrics) == 0 {
			return lines, err
		}
		memory.text.Reset()
		err = t.encode(&memory.text, metrics)
		return append(lines, memory.text.Bytes()[endOfAbout(memory.text.Bytes()):]...), err
	}
	samples, err := c.read(memory)
	for _, s := range samples {
		lines = t.line(lines, s)
	}
	return lines, err
}

// encode lets expfmt write metrics.
func (t *familyText) encode(out io.Writer, metrics []*dto.Metric) error {
	return expfmt.NewEncoder(out, t.format).Encode(familyOf(t.Family, metrics))
}

// endOfAbout is where a text's lines about the family end: no sample begins like them.
func endOfAbout(text []byte) (end int) {
	for end < len(text) && text[end] == '#' {
		end += bytes.IndexByte(text[end:], '\n') + 1
	}
	return end
}

var labelEscaper = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

// line appends a sample.
func (t *familyText) line(lines []byte, s sample) []byte {
	for i, value := range s.labels {
		if strings.IndexByte(value, '\\') >= 0 || strings.IndexByte(value, '\n') >= 0 || strings.IndexByte(value, '"') >= 0 {
			value = labelEscaper.Replace(value) // seldom, and slow
		}
		lines = append(append(lines, t.before[i]...), value...)
	}
	lines = append(lines, t.end...)
	number := len(lines)
	lines = strconv.AppendFloat(lines, s.value+0, 'g', -1, 64) // -0 + 0 is 0
	if t.open && !bytes.ContainsAny(lines[number:], ".eIN") {  // OpenMetrics has no whole numbers
		lines = append(lines, ".0"...)
	}
	return append(lines, '\n')
}
