package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/wharfhq/wharf/graph"
	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/payment/testprovider"
)

// answer puts the API on the listener, or the reports of a process that only works.
func (p *process) answer(ctx context.Context, listener net.Listener, b beginning) (err error) {
	if b.web == nil {
		return p.report(ctx, b.watch)
	}
	proxies, err := b.web.proxies()
	if err != nil {
		return err
	}
	p.url = addressOf(listener)
	noLimits := p.config.RateLimit == "off"
	gate := graph.NewGate(p.shop, proxies, noLimits)
	console, err := p.jobs.Console(ctx, "/ops/jobs", p.log)
	if err != nil {
		return err
	}
	mounts := map[string]http.Handler{"/ops/jobs/": staffOnly(gate, "operations", console)}
	maps.Copy(mounts, b.mounts)
	if provider, ok := p.shop.Payments.Provider("test"); ok {
		if bank, ok := provider.(*testprovider.Provider); ok {
			mounts[testprovider.ChallengePath+"{charge}"] = bank.Challenge(func(ctx context.Context, header http.Header, body []byte) error {
				return p.shop.Payments.Callback(ctx, "test", header, body)
			})
		}
	}
	p.server, err = graph.New(p.shop, graph.Options{
		PublicURL: b.web.PublicURL, Origins: b.web.Origins, NoIntrospection: b.web.Introspection == "off", NoRateLimit: noLimits,
		DrainDelay: b.web.DrainDelay, Gate: gate, Ready: p.ready, Mounts: mounts, Metrics: p.metrics, Log: p.log,
		Positions: p.known, AnswerBytes: b.web.Answers << 20,
	})
	if err != nil {
		return err
	}
	go func() {
		if err := p.server.Serve(listener); err != nil {
			p.failed <- fmt.Errorf("answer requests: %w", err)
		}
	}()
	return nil
}

// report answers the watchers of a process without an API.
func (p *process) report(ctx context.Context, addr string) error {
	if addr == "" {
		return nil
	}
	listener, err := listen(ctx, addr)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", p.metrics.Handler())
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := p.ready(r.Context()); err != nil {
			http.Error(w, "unavailable", http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, "ready\n")
	})
	p.watcher = &http.Server{
		Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second, WriteTimeout: 15 * time.Second,
		ErrorLog: slog.NewLogLogger(p.log.Handler(), slog.LevelWarn),
	}
	go func() {
		if err := p.watcher.Serve(listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
			p.failed <- fmt.Errorf("report: %w", err)
		}
	}()
	return nil
}

// ready says whether the database answers. That it has what this binary needs was seen to at the start.
func (p *process) ready(ctx context.Context) error { return p.db.pool.Ping(ctx) }

// addressOf is where this machine reaches a listener; one that listens everywhere is reached at the loopback.
func addressOf(l net.Listener) string {
	host, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return "http://" + l.Addr().String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return (&url.URL{Scheme: "http", Host: net.JoinHostPort(host, port)}).String()
}

// staffOnly lets members of staff and keys in who hold the scopes of an area: read to look, write to act. A browser asks
// for a name and a password: the password is a staff token or an API key.
func staffOnly(gate graph.Gate, area string, next http.Handler) http.Handler {
	protected := http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, token, ok := r.BasicAuth(); ok {
			r = r.Clone(r.Context())
			r.Header.Set("Authorization", "Bearer "+token)
		}
		verb := ":write"
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			verb = ":read"
		}
		actor, err := gate.Request(r)
		switch {
		case fault.IsKind(err, fault.Throttled):
			http.Error(w, "Too many wrong tokens. Wait a minute and try again.", http.StatusTooManyRequests)
		case err != nil && !fault.IsKind(err, fault.Unauthenticated): // it could not be found out
			http.Error(w, "Try again in a moment.", http.StatusServiceUnavailable)
		case err != nil || actor.Kind == access.Anonymous:
			w.Header().Set("WWW-Authenticate", `Basic realm="Wharf staff: the password is a staff token", charset="UTF-8"`)
			http.Error(w, "Send a staff token.", http.StatusUnauthorized)
		case !actor.Can(access.Scope(area + verb)):
			http.Error(w, "This needs the scope "+area+verb+".", http.StatusForbidden)
		default:
			protected.ServeHTTP(w, r)
		}
	})
}
