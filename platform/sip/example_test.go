package sip_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"time"

	"github.com/prometheus/common/model"

	"github.com/ccaas-exporter/ccaas_exporter/platform/sip"
)

// A target on loopback answers each request with 200. The prober makes one burst of it.
func ExampleProber() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	peer, err := new(net.ListenConfig).ListenPacket(ctx, "udp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer peer.Close()
	go func() {
		request := make([]byte, 1500)
		for {
			n, from, err := peer.ReadFrom(request)
			if err != nil {
				return
			}
			_, headers, _ := bytes.Cut(request[:n], []byte("\r\n"))
			_, _ = peer.WriteTo(append([]byte("SIP/2.0 200 OK\r\n"), headers...), from)
		}
	}()

	target := sip.DefaultTarget
	target.Name, target.URI = "carrier", "sip:"+peer.LocalAddr().String()
	target.Requests, target.Spacing = 3, model.Duration(20*time.Millisecond)

	result, err := sip.NewProber(net.DefaultResolver).Probe(ctx, target)
	if err != nil {
		fmt.Println(err) // the settings are wrong, or the limits left no time for the burst
		return
	}
	fmt.Println(result.Success, result.Code, *result.Loss)
	fmt.Println(result)
	// Output:
	// true 200 0
	// 3 of 3 OPTIONS answered, 3 times 2xx, last 200, reached response
}
