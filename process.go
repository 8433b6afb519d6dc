package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"github.com/wharfhq/wharf/graph"
	"github.com/wharfhq/wharf/internal/notifications"
	"github.com/wharfhq/wharf/internal/observe"
	"github.com/wharfhq/wharf/internal/position"
	"github.com/wharfhq/wharf/internal/shop"
	"github.com/wharfhq/wharf/jobs"
)

// drainWithin is how long open requests and running jobs get once the process is told to end. With what follows them
// the whole end stays below 20 s.
const drainWithin = 10 * time.Second

// restfulCollection is how far the heap grows before garbage is collected, in percent of what lives: a server's live heap
// is small, and collecting it at every doubling costs a tenth of its time. GOGC and GOMEMLIMIT decide where they are given.
const restfulCollection = 300

func collectLess() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(restfulCollection)
	}
}

// beginning says what a process does.
type beginning struct {
	app     string
	web     *Web   // nil answers nothing
	watch   string // where a process without an API reports; empty is nowhere
	workers bool
	admin   Admin
	sender  notifications.Sender // who shows messages when there is no mail server; nil is the console
	mounts  map[string]http.Handler
	prepare func(context.Context, *process) error // after the shop is built, before anybody is answered
}

// process is a running Wharf.
type process struct {
	log     *slog.Logger
	config  Running
	db      *database
	shop    *shop.Shop
	jobs    *jobs.Jobs // of the shop that answers: it enqueues
	crew    *crew      // nil in a process that runs no jobs
	metrics *observe.Metrics
	known   *position.Follower // how old answers are
	server  *graph.Server      // nil in a process that only works
	watcher *http.Server       // nil unless such a process reports
	url     string             // where the API is reached

	stopTracing func(context.Context) error
	stop        context.CancelFunc // ends what runs in the background
	background  sync.WaitGroup
	failed      chan error
}

// begin starts a process; when it returns, clients are answered.
func (r Running) begin(ctx context.Context, term *terminal, log *slog.Logger, b beginning) (_ *process, err error) {
	collectLess()
	if err := r.Stripe.check(r.Env == "production"); err != nil {
		return nil, exitError{exitMisuse, err}
	}
	if err := r.Adyen.check(r.Env == "production"); err != nil {
		return nil, err
	}
	p := &process{log: log, config: r, metrics: observe.NewMetrics(version()), failed: make(chan error, 4)}
	var listener net.Listener
	if b.web != nil {
		if listener, err = listen(ctx, b.web.Addr); err != nil {
			return nil, err
		}
	}
	defer func() {
		if err != nil {
			if listener != nil {
				_ = listener.Close()
			}
			p.end(ctx)
		}
	}()
	sender, domain, err := r.sender(term, log)
	if err != nil {
		return nil, exitError{exitMisuse, err}
	}
	if r.SMTP == "" && b.sender != nil {
		sender = b.sender
	}
	remote, err := r.Remote.provider(r.Env == "production")
	if err != nil {
		return nil, err
	}
	limits, err := r.PaymentLimits.parse(r.providers(remote))
	if err != nil {
		return nil, exitError{exitMisuse, err}
	}
	if r.CartTTL < shortestCartTTL {
		return nil, exitError{exitMisuse, fmt.Errorf("--cart-ttl %s is less than %s", r.CartTTL, shortestCartTTL)}
	}
	if r.JobsKept < shortestJobsKept {
		return nil, exitError{exitMisuse, fmt.Errorf("--jobs-kept %s is less than %s", r.JobsKept, shortestJobsKept)}
	}
	if p.stopTracing, err = observe.StartTracing(ctx, version()); err != nil {
		return nil, err
	}
	if p.db, err = r.open(ctx, log, b.app, r.Migrate); err != nil {
		return nil, err
	}
	config := shopConfig{
		Pool: p.db.pool, Environment: r.Env, Remote: remote, Sender: sender, MailDomain: domain, OrderQueue: r.OrderQueue, CartTTL: r.CartTTL,
		NoLimits: r.RateLimit == "off", Limits: limits, Adyen: r.Adyen, Stripe: r.Stripe,
	}
	if listener != nil {
		config.Address = cmp.Or(b.web.PublicURL, addressOf(listener))
	}
	if p.shop, err = newShop(ctx, log, config); err != nil {
		return nil, err
	}
	if b.workers {
		if p.crew, err = newCrew(ctx, p.db, log, config, p.shop, r.JobsKept); err != nil {
			return nil, err
		}
	}
	if p.jobs, err = jobs.New(p.shop, jobs.Config{Crew: p.crew.working()}); err != nil {
		return nil, err
	}
	if err := errors.Join(b.admin.create(ctx, p.shop.Partners, log), r.capture(ctx, p.shop.Settings)); err != nil {
		return nil, err
	}
	if b.prepare != nil {
		if err := b.prepare(ctx, p); err != nil {
			return nil, err
		}
	}
	if err := p.work(ctx, b.web); err != nil {
		return nil, err
	}
	if err := p.answer(ctx, listener, b); err != nil {
		return nil, err
	}
	return p, nil
}

// consistency is what the sentinel has found, for the metrics.
func (p *process) consistency(ctx context.Context) ([]observe.Check, error) {
	report, err := p.shop.Audit.Consistency(ctx, p.shop.Pool)
	if err != nil {
		return nil, err
	}
	checks := make([]observe.Check, len(report.Checks))
	for i, c := range report.Checks {
		checks[i] = observe.Check{Name: c.Name, Violations: c.Violations, Age: -1}
		if c.CheckedAt != nil {
			checks[i].Age = max(0, time.Since(*c.CheckedAt))
		}
	}
	return checks, nil
}

// breaks is in what the books of payment providers and the shop's differ, for the metrics.
func (p *process) breaks(ctx context.Context) ([]observe.Breaks, error) {
	open, err := p.shop.Payments.OpenBreaks(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]observe.Breaks, len(open))
	for i, b := range open {
		list[i] = observe.Breaks{Provider: b.Provider, Kind: string(b.Kind), Open: b.Open}
	}
	return list, nil
}

// work starts what runs in the background.
func (p *process) work(ctx context.Context, web *Web) error {
	p.metrics.Pools(p.db.pools())
	p.metrics.Queues(p.jobs.Queues)
	p.metrics.Listing(p.jobs.Backlog)
	p.metrics.Consistency(p.consistency)
	p.metrics.Breaks(p.breaks)
	p.metrics.Commits(func() observe.Commits { return observe.Commits(p.shop.Checkout.Writing()) })
	p.shop.Sequencer.Report = p.metrics.Event
	p.shop.Orders.Delivered = p.metrics.Delivered
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	p.stop = stop
	p.background.Go(func() { p.shop.Sequencer.Run(background) })
	p.background.Go(func() { p.shop.Orders.Serve(background) })
	p.background.Go(func() { p.shop.Inventory.Serve(background) })
	p.background.Go(func() { p.shop.Audit.Serve(background) })
	if p.known = position.NewFollower(p.db.pool, p.log); web != nil && web.Answers > 0 {
		p.background.Go(func() { p.known.Run(background) })
	}
	if err := p.jobs.Start(background); err != nil || p.crew == nil {
		return err
	}
	p.crew.shop.Sequencer.Report = p.metrics.Event
	p.metrics.Providers(p.crew.shop.Payments.Unavailable)
	p.background.Go(func() { p.crew.shop.Sequencer.Run(background) })
	return p.crew.jobs.Start(background)
}

// untilEnd waits until the process is told to end, or cannot go on, and ends it.
func (p *process) untilEnd(ctx context.Context) error {
	var failure error
	select {
	case <-ctx.Done():
		p.log.InfoContext(ctx, "Wharf is ending")
	case failure = <-p.failed:
	case <-p.db.lost():
		failure = fmt.Errorf("the built-in PostgreSQL has ended: %w", p.db.server.Err())
	}
	p.end(ctx)
	return failure
}

// end stops everything in the order in which it depends on each other. Requests and jobs end side by side.
func (p *process) end(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	draining, cancel := context.WithTimeout(ctx, drainWithin)
	defer cancel()
	var drained sync.WaitGroup
	if p.server != nil {
		drained.Go(func() { p.note(ctx, "answer open requests", p.server.Shutdown(draining)) })
	}
	if p.watcher != nil {
		drained.Go(func() { p.note(ctx, "stop reporting", p.watcher.Shutdown(draining)) })
	}
	if p.crew != nil {
		drained.Go(func() { p.note(ctx, "give jobs back", p.crew.jobs.Stop(draining)) })
	}
	drained.Wait()
	if p.jobs != nil {
		p.note(ctx, "end the hints to workers", p.jobs.Stop(draining))
	}
	if p.stop != nil {
		p.stop()
		p.background.Wait()
	}
	if p.shop != nil {
		p.note(ctx, "count the use of keys", p.shop.Partners.Flush(draining))
	}
	if p.stopTracing != nil {
		p.note(ctx, "send the last traces", p.stopTracing(draining))
	}
	if p.db != nil {
		p.db.close(ctx, p.log)
	}
}

func (p *process) note(ctx context.Context, doing string, err error) {
	if err != nil {
		p.log.WarnContext(ctx, "while ending: "+doing, "error", err)
	}
}

func isInUse(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }
