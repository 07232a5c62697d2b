package app

import (
	"io"
	"log/slog"

	"github.com/go-kit/log"
	sloggokit "github.com/tjhop/slog-gokit"
)

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
	return slog.New(sloggokit.NewGoKitHandler(logger, least))
}
