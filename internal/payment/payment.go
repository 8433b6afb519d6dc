// Package payment gets orders paid.
//
// The shopper never waits for a provider: an order exists before anyone is asked for money. A background job then
// tries the shopper's methods in their order. Each try is an attempt: a row that is committed before the provider is
// called and whose id is the key under which the provider knows it. The call itself holds no transaction, no lock
// and no connection. What the provider says is committed together with the order's events and the end of the job.
//
// The package promises that an order is charged at most once whatever crashes and whenever: an outcome that is not
// known is looked up and asked for again under the same key, and the next method is tried only after a definite no.
// What was reserved or taken for an order that is called off is given back by itself, also when it comes late. It
// leaves to checkout when an order is cancelled or expires, and to jobs when a step is run.
package payment

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/promotions"
	"github.com/wharfhq/wharf/internal/settings"
	"github.com/wharfhq/wharf/internal/together"
)

// Payments gets orders paid.
type Payments struct {
	pool      *pgxpool.Pool
	orders    *orders.Orders
	settings  *settings.Settings
	keys      *access.Keys
	providers []Provider
	pace      Pace
	log       *slog.Logger
	attempts  *access.Attempts
	events    *event.Log
	breakers  map[string]*breaker // by provider
	cards     *promotions.Promotions
	hooks     Hooks
	limits    limits
	steps     *together.Group[*step]
}

// Hooks are called inside a transaction when it has left work for a job that no event of an order tells of.
type Hooks struct {
	// Requested: somebody has asked for money of an order to be taken or given back.
	Requested func(ctx context.Context, tx pgx.Tx, order id.OrderID) error
	// Notified: a provider has told of a charge of an order.
	Notified func(ctx context.Context, tx pgx.Tx, order id.OrderID, callback id.PaymentCallbackID) error
}

// Pace says how long providers are waited for and how soon they are asked again. Its zero fields are the defaults.
type Pace struct {
	Call     time.Duration // the longest call that moves money: 11 s
	Lookup   time.Duration // the longest look-up: 2 s
	Lease    time.Duration // how long nobody else takes up a step that has begun: 20 s; above Call + Lookup
	Retry    time.Duration // the first pause after an unknown outcome, doubled each time: 1 s
	MaxRetry time.Duration // the longest pause: 30 s
	Again    time.Duration // the first pause after a refund that must be was refused, four times as long each time: 1 min
	Rest     time.Duration // how long the rest of a capture is awaited of which a provider has taken a part: 1 h
	Patience time.Duration // how long one method is tried before the next one may be, once it is closed: 15 s
	Poll     time.Duration // how often a charge that settles later is looked up, should its callback be lost: 30 s
	Break    time.Duration // how long a provider that does not answer is left alone: 10 s
	Calm     time.Duration // how long a provider must answer again for its outage to be over: 1 min
	Settling time.Duration // how old a change must be for books to be compared; younger ones are being written: 1 min
	Portion  time.Duration // how long one run goes through the books of one provider, before the next goes on: 40 s
}

// Config is what a shop chooses about its payments.
type Config struct {
	Providers []Provider             // in the order in which shoppers see them
	Pace      Pace                   // how long they are waited for
	Logger    *slog.Logger           // nil is slog.Default()
	Attempts  *access.Attempts       // bounds how often shoppers come with new methods; nil leaves it open
	Events    *event.Log             // where operators are told of what is odd
	Cards     *promotions.Promotions // the gift cards to which money may go back
	Limits    []PaymentLimit         // the least and the most that a provider is asked for
	// GiveWay waits a little while others go first, before steps are taken; nil goes at once.
	GiveWay func(ctx context.Context, atMost time.Duration)
}

// New makes the domain.
func New(pool *pgxpool.Pool, o *orders.Orders, s *settings.Settings, keys *access.Keys, c Config) *Payments {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	p := &Payments{
		pool: pool, orders: o, settings: s, keys: keys, log: c.Logger, providers: c.Providers, pace: c.Pace.withDefaults(),
		attempts: c.Attempts, events: c.Events, limits: c.Limits, cards: c.Cards,
		breakers: make(map[string]*breaker, len(c.Providers)),
	}
	for _, provider := range c.Providers {
		p.breakers[provider.About().Name] = newBreaker(p.pace.Break)
	}
	p.steps = p.newSteps(c.GiveWay)
	return p
}

func (p Pace) withDefaults() Pace {
	for _, field := range []struct {
		value    *time.Duration
		standard time.Duration
	}{
		{&p.Call, 11 * time.Second},
		{&p.Lookup, 2 * time.Second},
		{&p.Lease, 20 * time.Second},
		{&p.Retry, time.Second},
		{&p.MaxRetry, 30 * time.Second},
		{&p.Again, time.Minute},
		{&p.Rest, time.Hour},
		{&p.Patience, 15 * time.Second},
		{&p.Poll, 30 * time.Second},
		{&p.Break, 10 * time.Second},
		{&p.Calm, time.Minute},
		{&p.Settling, time.Minute},
		{&p.Portion, 40 * time.Second},
	} {
		if *field.value == 0 {
			*field.value = field.standard
		}
	}
	return p
}

// pause is how long to wait before the next try, after this many.
func (p Pace) pause(tries int) time.Duration {
	pause := p.Retry
	for range tries - 1 {
		if pause *= 2; pause >= p.MaxRetry {
			return p.MaxRetry
		}
	}
	return min(pause, p.MaxRetry)
}

// Connect sets what is called when there is work for a job. It is called before the first order is placed.
func (p *Payments) Connect(hooks Hooks) { p.hooks = hooks }

// PaymentProviders lists the ways to pay that the shop takes.
func (p *Payments) PaymentProviders() []PaymentProvider {
	list := make([]PaymentProvider, len(p.providers))
	for i, provider := range p.providers {
		list[i] = provider.About()
	}
	return list
}

// Provider gives the provider of that name, if the shop takes it.
func (p *Payments) Provider(name string) (Provider, bool) {
	for _, provider := range p.providers {
		if provider.About().Name == name {
			return provider, true
		}
	}
	return nil, false
}

// Later says that there is nothing to do yet, and when to come back.
type Later struct{ In time.Duration }

// Error tells when to come back.
func (l *Later) Error() string { return "come back in " + l.In.String() }
