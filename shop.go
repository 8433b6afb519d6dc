package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/files"
	"github.com/wharfhq/wharf/internal/fulfillment/flatrate"
	"github.com/wharfhq/wharf/internal/notifications"
	"github.com/wharfhq/wharf/internal/notifications/console"
	"github.com/wharfhq/wharf/internal/notifications/smtp"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/manual"
	"github.com/wharfhq/wharf/internal/payment/testprovider"
	"github.com/wharfhq/wharf/internal/remote"
	"github.com/wharfhq/wharf/internal/shop"
)

// shopConfig is what an operator decides about the shop behind the API.
type shopConfig struct {
	Pool        *pgxpool.Pool
	Environment string               // development or production
	Remote      payment.Provider     // one that somebody else runs; nil when there is none
	Sender      notifications.Sender // nil shows messages in the log
	MailDomain  string
	Address     string // where this process answers
	OrderQueue  int
	CartTTL     time.Duration
	Limits      []payment.PaymentLimit
	NoLimits    bool
	Stripe      Stripe
	Adyen       Adyen
	GiveWay     func(ctx context.Context, atMost time.Duration) // to shoppers, in the shop of the crew
}

// PaymentLimits bound what is paid at once with each provider.
type PaymentLimits []string

// parse reads them. A provider that the shop does not have is more likely misspelled than to be bounded.
func (l PaymentLimits) parse(providers []string) ([]payment.PaymentLimit, error) {
	var limits []payment.PaymentLimit
	for _, text := range l {
		limit, err := payment.ParseLimit(text)
		if err != nil {
			return nil, fmt.Errorf("WHARF_PAYMENT_LIMITS: %w", err)
		}
		if !slices.Contains(providers, limit.Provider) {
			return nil, fmt.Errorf("WHARF_PAYMENT_LIMITS: the shop has no payment provider %q, only %s", limit.Provider, strings.Join(providers, ", "))
		}
		limits = append(limits, limit)
	}
	return limits, nil
}

// production says whether real money is moved here.
func (c shopConfig) production() bool { return c.Environment == "production" }

// newShop builds the shop with every vendor that is plugged in.
func newShop(ctx context.Context, log *slog.Logger, c shopConfig) (*shop.Shop, error) {
	if c.Sender == nil {
		c.Sender = console.New(log, nil)
	}
	environment := "live"
	providers := []payment.Provider{manual.New()}
	if c.Adyen.APIKey != "" {
		account, err := c.Adyen.provider(c.Pool, c.production())
		if err != nil {
			return nil, err
		}
		providers = append([]payment.Provider{account}, providers...)
	}
	if c.Stripe.Key != "" {
		card, err := c.Stripe.provider(c.Pool)
		if err != nil {
			return nil, err
		}
		providers = append([]payment.Provider{card}, providers...)
	}
	if !c.production() {
		environment = "test"
		keys, err := access.LoadKeys(ctx, c.Pool)
		if err != nil {
			return nil, err
		}
		books := testprovider.New(c.Pool, testprovider.Options{Secret: keys.Sign(access.TestCallbacks, nil), Site: c.Address})
		providers = append([]payment.Provider{books}, providers...)
	}
	if c.Remote != nil {
		providers = append(providers, c.Remote)
	}
	return shop.New(ctx, shop.Config{
		Pool: c.Pool, Logger: log, Providers: providers, Rates: flatrate.New(c.Pool),
		Sender: c.Sender, MailDomain: c.MailDomain, Environment: environment, OrderQueue: c.OrderQueue, NoLimits: c.NoLimits,
		Address: c.Address,
		CartTTL: c.CartTTL,
		Limits:  c.Limits,
		GiveWay: c.GiveWay,
		Web:     remote.New(remote.Options{Whole: files.FetchWithin, Loopback: !c.production()}),
	})
}

// Mail says how shoppers are written to.
type Mail struct {
	SMTP string `name:"smtp-url" env:"WHARF_SMTP_URL" help:"The mail server, such as smtp://user:password@mail.example.com:587. Without it, messages are only shown here." placeholder:"URL"`
	From string `name:"mail-from" env:"WHARF_MAIL_FROM" default:"Wharf <orders@wharf.localhost>" help:"Whom messages come from. Default: ${default}." placeholder:"ADDRESS"`
}

// sender makes the road of messages to shoppers, and gives the domain that their ids are made under.
func (m Mail) sender(term *terminal, log *slog.Logger) (notifications.Sender, string, error) {
	domain := "wharf.localhost"
	if from, err := mail.ParseAddress(m.From); err == nil {
		domain = from.Address[strings.LastIndexByte(from.Address, '@')+1:]
	}
	if m.SMTP != "" {
		sender, err := smtp.New(m.SMTP, m.From)
		return sender, domain, err
	}
	if term.watched {
		return console.New(log, term.err), domain, nil
	}
	return console.New(log, nil), domain, nil
}
