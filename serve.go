package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/partners"
	"github.com/wharfhq/wharf/internal/settings"
)

// Running is what serve, work and demo share.
type Running struct {
	Database      `embed:"" group:"Database:"`
	Mail          `embed:"" group:"Messages:"`
	Stripe        Stripe        `embed:"" prefix:"stripe-" group:"Stripe:"`
	Adyen         Adyen         `embed:"" prefix:"adyen-" group:"Adyen:"`
	Remote        RemotePayment `embed:"" group:"Payment by others:"`
	Migrate       bool          `env:"WHARF_MIGRATE" help:"Bring a given database up to date before starting. Wharf's own always is."`
	Env           string        `env:"WHARF_ENV" default:"development" enum:"development,production" help:"development accepts the test payment provider; production does not."`
	Capture       string        `env:"WHARF_CAPTURE" default:"" enum:",fulfillment,immediate" help:"Change when authorized money is taken: fulfillment or immediate. Default: as the shop is set." placeholder:"WHEN"`
	OrderQueue    int           `env:"WHARF_ORDER_QUEUE" default:"1024" help:"How many orders may wait for their commit in this process; one more is answered BUSY. Default: ${default}." placeholder:"N"`
	CartTTL       time.Duration `env:"WHARF_CART_TTL" default:"720h" help:"How long a cart lives that nobody changes; then it is gone, with all that it knows about people. At least an hour. Default: ${default}." placeholder:"TIME"`
	JobsKept      time.Duration `env:"WHARF_JOBS_KEPT" default:"1h" help:"How long background jobs that are done can be looked at in the console. What was given up or cancelled is kept for a week. At least a minute. Default: ${default}." placeholder:"TIME"`
	PaymentLimits PaymentLimits `env:"WHARF_PAYMENT_LIMITS" sep:"," help:"The least and the most that is paid at once with a provider, as provider:currency:least:most, such as stripe:USD:0.50:10000.00. Default: no bounds." placeholder:"LIMIT"`
	RateLimit     string        `env:"WHARF_RATE_LIMIT" default:"on" enum:"on,off" help:"off lifts every limit by caller, address and number of tries, for load tests. Default: on."`
}

// shortestCartTTL is the least that a shopper has for thinking it over.
const shortestCartTTL = time.Hour

// shortestJobsKept is the least that people have for looking at what was done.
const shortestJobsKept = time.Minute

// Web is where and for whom the API answers.
type Web struct {
	Addr           string        `env:"WHARF_ADDR" default:"127.0.0.1:8080" help:"Where to answer. Port 0 takes a free one. Default: ${default}." placeholder:"HOST:PORT"`
	PublicURL      string        `name:"url" env:"WHARF_URL" help:"The address under which clients reach the API, for the addresses of its own images. Default: as each request says." placeholder:"URL"`
	Origins        []string      `env:"WHARF_ORIGINS" sep:"," help:"Where browsers may call from, such as https://shop.example. Default: anywhere over HTTP, the same host over websockets." placeholder:"ORIGIN"`
	TrustedProxies []string      `env:"WHARF_TRUSTED_PROXIES" sep:"," help:"Networks of proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8." placeholder:"NETWORK"`
	DrainDelay     time.Duration `env:"WHARF_DRAIN_DELAY" default:"0s" help:"How long to take new requests still, at the end, while readiness says no: as long as your load balancer needs to notice, at most 5s. Default: ${default}." placeholder:"TIME"`
	Answers        int           `env:"WHARF_ANSWERS" default:"64" help:"How many megabytes of whole answers to catalog queries this process keeps in memory; 0 keeps none. Default: ${default}." placeholder:"MB"`
	Introspection  string        `env:"WHARF_INTROSPECTION" default:"on" enum:"on,off" help:"off keeps the schema to yourself. Default: on."`
}

// maxDrainDelay leaves the open requests their time within drainWithin.
const maxDrainDelay = 5 * time.Second

// maxAnswers bounds a setting in megabytes that somebody may give in bytes.
const maxAnswers = 65_536

// Validate refuses what cannot work before anything is started.
func (w Web) Validate() error {
	if _, _, err := net.SplitHostPort(w.Addr); err != nil {
		return fmt.Errorf("--addr %q is no place to answer: give HOST:PORT, such as 127.0.0.1:8080", w.Addr)
	}
	if w.DrainDelay < 0 || w.DrainDelay > maxDrainDelay {
		return fmt.Errorf("--drain-delay %s is not between 0s and %s", w.DrainDelay, maxDrainDelay)
	}
	if w.Answers < 0 || w.Answers > maxAnswers {
		return fmt.Errorf("--answers %d is not between 0 and %d megabytes", w.Answers, maxAnswers)
	}
	if w.PublicURL == "" {
		return nil
	}
	if u, err := url.Parse(w.PublicURL); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("--url %q is no address such as https://api.example.com", w.PublicURL)
	}
	return nil
}

// proxies reads the networks of trusted proxies; a single address is a network of one.
func (w Web) proxies() ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, text := range w.TrustedProxies {
		text = strings.TrimSpace(text)
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			address, addressErr := netip.ParseAddr(text)
			if addressErr != nil {
				return nil, exitError{exitMisuse, fmt.Errorf("%q in --trusted-proxies is no network such as 10.0.0.0/8", text)}
			}
			prefix = netip.PrefixFrom(address, address.BitLen())
		}
		all = append(all, prefix)
	}
	return all, nil
}

type serveCommand struct {
	Running `embed:""`
	Web     `embed:"" group:"Web:"`
	Workers bool  `env:"WHARF_WORKERS" default:"true" negatable:"" help:"Run background jobs in this process too."`
	Admin   Admin `embed:"" prefix:"admin-" group:"First administrator:"`
}

// Help shows how the command is used.
func (serveCommand) Help() string {
	return `Examples:

  $ wharf serve                                  with Wharf's own PostgreSQL, on 127.0.0.1:8080
  $ DATABASE_URL=postgres://... wharf serve --addr=:8080
  $ wharf serve --workers=false                  API only; run wharf work beside it

SIGTERM and SIGINT end it cleanly: no new work, open requests are answered, sockets are told to come back, jobs are
given back; exit code 0 within 20 seconds. A second signal ends it at once.`
}

// Run serves until it is told to stop.
func (c *serveCommand) Run(ctx context.Context, term *terminal, log *slog.Logger) error {
	p, err := c.begin(ctx, term, log, beginning{app: "wharf serve", web: &c.Web, workers: c.Workers, admin: c.Admin})
	if err != nil {
		return quietly(ctx, err)
	}
	log.InfoContext(ctx, "Wharf is serving", "url", p.url, "workers", c.Workers, "environment", c.Env, "version", version())
	return p.untilEnd(ctx)
}

type workCommand struct {
	Running `embed:""`
	Watch   string `env:"WHARF_WATCH_ADDR" help:"Answer /livez, /readyz and /metrics here. Default: nowhere." placeholder:"HOST:PORT"`
}

// Help shows how the command is used.
func (workCommand) Help() string {
	return `Example:

  $ DATABASE_URL=postgres://... wharf work --watch=127.0.0.1:9090`
}

// Run works until it is told to stop.
func (c *workCommand) Run(ctx context.Context, term *terminal, log *slog.Logger) error {
	p, err := c.begin(ctx, term, log, beginning{app: "wharf work", watch: c.Watch, workers: true})
	if err != nil {
		return quietly(ctx, err)
	}
	log.InfoContext(ctx, "Wharf is working", "environment", c.Env, "version", version())
	return p.untilEnd(ctx)
}

// quietly takes a start that was interrupted for a clean end.
func quietly(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// Admin is the first administrator, for shops that are set up by their environment.
type Admin struct {
	Email    string `env:"WHARF_ADMIN_EMAIL" help:"Make this administrator at the start, if there is none of that address." placeholder:"EMAIL"`
	Password string `env:"WHARF_ADMIN_PASSWORD" help:"Their password; best given by the environment." placeholder:"PASSWORD"`
}

func (a Admin) create(ctx context.Context, people *partners.Partners, log *slog.Logger) error {
	if a.Email == "" {
		return nil
	}
	if a.Password == "" {
		return exitError{exitMisuse, errors.New("WHARF_ADMIN_EMAIL is set, but WHARF_ADMIN_PASSWORD is not")}
	}
	member, err := people.CreateStaff(ctx, access.SystemActor, partners.StaffInput{Email: a.Email, Password: a.Password, Role: partners.RoleAdmin})
	if taken(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("make the first administrator: %w", err)
	}
	log.InfoContext(ctx, "made the first administrator", "staff", member.ID.String())
	return nil
}

// capture changes the setting when the operator gave one.
func (r Running) capture(ctx context.Context, s *settings.Settings) error {
	mode := map[string]settings.CaptureMode{"fulfillment": settings.CaptureOnFulfillment, "immediate": settings.CaptureImmediately}[r.Capture]
	if mode == "" {
		return nil
	}
	now, err := s.Load(ctx)
	if err != nil || now.Capture == mode {
		return err
	}
	_, err = s.Change(ctx, access.SystemActor, func(shop *settings.Shop) { shop.Capture = mode })
	return err
}

// listen opens the port before anything else is started, so that a second start fails at once.
func listen(ctx context.Context, addr string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err == nil {
		return listener, nil
	}
	if isInUse(err) {
		return nil, fmt.Errorf("%s is taken by another program: choose another port with --addr or WHARF_ADDR, or port 0 for a free one", addr)
	}
	return nil, fmt.Errorf("cannot answer at %s: %w", addr, err)
}
