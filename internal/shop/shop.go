// Package shop builds every domain and connects them: the one place that knows who needs whom. It has only fields;
// what the shop does is in the domains.
package shop

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/audit"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/checkout"
	"github.com/wharfhq/wharf/internal/clock"
	"github.com/wharfhq/wharf/internal/content"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/files"
	"github.com/wharfhq/wharf/internal/fulfillment"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/notifications"
	"github.com/wharfhq/wharf/internal/operations"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/partners"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/privacy"
	"github.com/wharfhq/wharf/internal/promotions"
	"github.com/wharfhq/wharf/internal/remote"
	"github.com/wharfhq/wharf/internal/search"
	"github.com/wharfhq/wharf/internal/settings"
	"github.com/wharfhq/wharf/internal/tax"
)

// Config is what a shop is built from. Pool is needed; the rest has a default that works. What is plugged in comes
// from main, which lists every vendor by name.
type Config struct {
	Pool         *pgxpool.Pool            // the primary, as wharf_app
	Clock        clock.Clock              // nil is clock.System
	Logger       *slog.Logger             // nil is slog.Default()
	Providers    []payment.Provider       // the ways to be paid, in the order in which shoppers see them
	Tax          tax.Provider             // nil is the shop's own table of rates
	Rates        fulfillment.RateProvider // what delivery costs; nil sends nothing anywhere
	Limits       []payment.PaymentLimit   // the least and the most that a provider is asked for
	Pace         payment.Pace             // how long providers are waited for; zero is the defaults
	Sender       notifications.Sender     // who carries messages to shoppers
	MailDomain   string                   // the right side of every Message-ID; empty is wharf.localhost
	PasswordCost access.HashCost          // zero is the production cost
	Environment  string                   // stands in each API key; empty is "live"
	OrderQueue   int                      // how many orders may wait for their commit; 0 is 1,024
	Address      string                   // where this process answers; empty when it does not
	CartTTL      time.Duration            // how long a cart lives that nobody changes; 0 is cart.DefaultTTL
	Web          *remote.Client           // who fetches the files of imports; nil reaches what everybody can reach
	NoLimits     bool                     // for load tests: no limit by caller, address or number of tries

	// GiveWay waits a little while shoppers wait for each other in another shop of the process; nil when there is none. What
	// follows orders calls it before each transaction that it shares.
	GiveWay func(ctx context.Context, atMost time.Duration)
}

// Shop holds every domain, built and connected.
type Shop struct {
	Pool          *pgxpool.Pool
	Clock         clock.Clock
	Logger        *slog.Logger
	Keys          *access.Keys
	Events        *event.Log
	Sequencer     *event.Sequencer
	Settings      *settings.Settings
	Content       *content.Content
	Attempts      *access.Attempts
	Customers     *customers.Customers
	Partners      *partners.Partners
	Inventory     *inventory.Inventory
	Search        *search.Search
	Files         *files.Files
	Carts         *cart.Carts
	Orders        *orders.Orders
	Promotions    *promotions.Promotions
	Payments      *payment.Payments
	Checkout      *checkout.Checkout
	Notifications *notifications.Notifications
	Privacy       *privacy.Privacy
	Audit         *audit.Audit
	Operations    operations.Operations // of jobs.New, once there are jobs
}

// New builds the domains from the bottom up. The database must be migrated.
func New(ctx context.Context, cfg Config) (*Shop, error) {
	if cfg.Clock == nil {
		cfg.Clock = clock.System
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.MailDomain == "" {
		cfg.MailDomain = "wharf.localhost"
	}
	if cfg.PasswordCost == (access.HashCost{}) {
		cfg.PasswordCost = access.DefaultHashCost
	}
	if cfg.Web == nil {
		cfg.Web = remote.New(remote.Options{Whole: files.FetchWithin})
	}
	if cfg.Tax == nil {
		cfg.Tax = tax.NewTable(cfg.Pool)
	}
	cfg.Tax = tax.Patient(cfg.Tax, cfg.Logger)
	if cfg.Rates != nil {
		cfg.Rates = fulfillment.Patient(cfg.Rates, cfg.Logger)
	}
	keys, err := access.LoadKeys(ctx, cfg.Pool)
	if err != nil {
		return nil, fmt.Errorf("load the shop's keys: %w", err)
	}
	s := &Shop{
		Pool: cfg.Pool, Clock: cfg.Clock, Logger: cfg.Logger, Keys: keys, Events: event.New(), Operations: operations.None{},
	}
	s.Settings = settings.New(cfg.Pool, s.Events, cfg.Clock)
	s.Settings.Own = cfg.Address
	s.Content = content.New(cfg.Pool, catalog.Known)
	passwords := access.NewPasswords(cfg.PasswordCost)
	s.Attempts = access.NewAttempts(cfg.Pool, keys, cfg.NoLimits)
	s.Customers = customers.New(cfg.Pool, passwords, s.Attempts, keys, s.Events)
	s.Partners = partners.New(partners.Config{
		DB: cfg.Pool, Log: s.Events, Passwords: passwords, Attempts: s.Attempts,
		Clock: cfg.Clock, Environment: cfg.Environment,
	})
	s.Sequencer = event.NewSequencer(s.Events, cfg.Pool, cfg.Logger)
	s.Inventory = inventory.New(cfg.Pool, s.Events, keys, cfg.Logger)
	s.Search = search.New(cfg.Pool, s.Settings, cfg.Logger)
	s.Files = files.New(cfg.Pool, keys, cfg.Web)
	s.Promotions = promotions.New(cfg.Pool, keys, s.Attempts)
	s.Carts = cart.New(cfg.Pool, keys, s.Settings, s.Customers, s.Promotions, cfg.Tax)
	s.Carts.TTL = cfg.CartTTL
	s.Orders = orders.New(s.Events, cfg.Pool, cfg.Logger)
	s.Payments = payment.New(cfg.Pool, s.Orders, s.Settings, keys, payment.Config{
		Providers: cfg.Providers, Pace: cfg.Pace, Logger: cfg.Logger, Attempts: s.Attempts, Events: s.Events,
		Limits: cfg.Limits, Cards: s.Promotions, GiveWay: cfg.GiveWay,
	})
	s.Checkout = checkout.New(checkout.Domains{
		Pool: cfg.Pool, Keys: keys, Settings: s.Settings, Customers: s.Customers, Carts: s.Carts,
		Orders: s.Orders, Payments: s.Payments, Promotions: s.Promotions, Tax: cfg.Tax, Rates: cfg.Rates, Queue: cfg.OrderQueue,
	})
	s.Carts.Deliveries = s.Checkout.DeliveryGroups
	s.Notifications = notifications.New(cfg.Pool, s.Orders, s.Customers, s.Settings, cfg.Sender, cfg.MailDomain, cfg.GiveWay)
	s.Privacy = privacy.New(privacy.Domains{
		Pool: cfg.Pool, Customers: s.Customers, Orders: s.Orders, Payments: s.Payments, Attempts: s.Attempts,
		Letters: s.Notifications.SentAbout,
	})
	s.Customers.OnTakeOver(s.Privacy.ForgetMaker)
	s.Audit = audit.New(cfg.Pool, s.Orders, cfg.Logger)
	return s, nil
}
