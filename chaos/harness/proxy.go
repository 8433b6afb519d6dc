package harness

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// Proxy stands between Wharf and its database, or its payment provider, and makes the line between them bad.
type Proxy struct{ proxy *toxiproxy.Proxy }

// NewProxy starts a proxy before an address.
func NewProxy(name, upstream string) (*Proxy, error) {
	quiet := zerolog.Nop()
	p := toxiproxy.NewProxy(toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), quiet), name, "127.0.0.1:0", upstream)
	if err := p.Start(); err != nil {
		return nil, fmt.Errorf("start a proxy before %s: %w", upstream, err)
	}
	return &Proxy{p}, nil
}

// Addr is where the proxy listens.
func (p *Proxy) Addr() string { return p.proxy.Listen }

// Poison makes the line bad: kind is a toxic such as latency, timeout or reset_peer, stream is downstream (towards
// Wharf) or upstream. It is undone by Heal.
func (p *Proxy) Poison(kind, stream string, attributes map[string]any) error {
	toxic, err := json.Marshal(map[string]any{"type": kind, "stream": stream, "attributes": attributes})
	if err != nil {
		return err
	}
	_, err = p.proxy.Toxics.AddToxicJson(strings.NewReader(string(toxic)))
	return err
}

// Cut drops all connections and refuses new ones until Mend.
func (p *Proxy) Cut() { p.proxy.Stop() }

// Mend takes connections again after a Cut.
func (p *Proxy) Mend() error { return p.proxy.Start() }

// Stop ends the proxy.
func (p *Proxy) Stop() { p.proxy.Stop() }

// Heal takes all toxics away.
func (p *Proxy) Heal(ctx context.Context) { p.proxy.Toxics.ResetToxics(ctx) }
