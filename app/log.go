package app

import (
	"io"
	"log/slog"
	"time"

	"github.com/go-kit/log"
	sloggokit "github.com/tjhop/slog-gokit"
)

// logTime is how log lines write times: UTC, RFC 3339 with milliseconds, always of one length.
const logTime = "2006-01-02T15:04:05.000Z07:00"

// newLogger writes through go-kit/log; all code logs through the slog.Logger, because exporter-toolkit wants one.
func newLogger(w io.Writer, level, format string) *slog.Logger {
	w = log.NewSyncWriter(w)
	logger := log.NewLogfmtLogger(w)
	if format == "json" {
		logger = log.NewJSONLogger(w)
	}
	var least slog.Level
	if err := least.UnmarshalText([]byte(level)); err != nil {
		least = slog.LevelInfo
	}
	return slog.New(sloggokit.NewGoKitHandler(timesInUTC(logger), least))
}

// timesInUTC writes times by logTime. The handler hands over the pairs of each line in a slice of its own.
func timesInUTC(next log.Logger) log.Logger {
	return log.LoggerFunc(func(pairs ...any) error {
		for i := 1; i < len(pairs); i += 2 {
			t, ok := pairs[i].(time.Time)
			if v, isValue := pairs[i].(slog.Value); isValue && v.Kind() == slog.KindTime {
				t, ok = v.Time(), true
			}
			if ok {
				pairs[i] = t.UTC().Format(logTime)
			}
		}
		return next.Log(pairs...)
	})
}
