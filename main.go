// Command ccaas_exporter is a Prometheus exporter for cloud contact centres: Genesys Cloud CX and NICE CXone.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/ccaas-exporter/ccaas_exporter/app"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	app.NoteVersion()
	err := app.Run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "ccaas_exporter:", err)
		os.Exit(1)
	}
}
