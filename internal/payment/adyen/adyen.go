// Package adyen takes payments through Adyen's Checkout API.
//
// Adyen answers later: a capture, a refund or a cancellation is only received, and what came of it is told by a signed
// notification. No question to Adyen is answered with the amounts of a charge. So what this package knows of a charge is
// what Adyen has told: its notifications and its answers to the shop's own calls, each kept once, in two tables that
// only grow. A charge is their sum, the same in whatever order they came.
//
// A key that the shop gives up is closed here first and then cancelled there. Adyen may have authorized it in the
// meantime, or may do so a moment later: such an authorization never counts, and it is cancelled as soon as it is known.
//
// Adyen shows its books in files that are made once a day, not by an API, so the provider is no payment.Bookkeeper.
package adyen

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/payment"
)

// Config is an account at Adyen.
type Config struct {
	APIKey          string
	MerchantAccount string
	HMACKeys        []string // in hex; several while a key is replaced
	URL             string   // of the Checkout API, with its version; empty is Adyen's own for the environment
	LivePrefix      string   // of the live address, from Adyen's Customer Area
	Live            bool     // whether money moves
	ReturnURL       string   // where a shopper comes back to from a challenge
	// MultipleCaptures says that the account may capture a payment in several parts. Without it Adyen releases what the
	// first capture leaves.
	MultipleCaptures bool

	// Loopback also allows a live account in plain HTTP on this machine: for tests, which have no Adyen but a simulator.
	Loopback bool
}

// Provider is Adyen.
type Provider struct {
	config Config
	keys   [][]byte
	client *client
	store  store
}

// checkoutVersion is the version of the API that this package speaks.
const checkoutVersion = "v71"

// Name is how shoppers choose the provider, and the last part of the address of its notifications.
const Name = "adyen"

// New makes the provider. What it knows of charges is kept in the pool's database.
func New(pool *pgxpool.Pool, c Config) (*Provider, error) {
	switch {
	case c.APIKey == "" || c.MerchantAccount == "":
		return nil, errors.New("adyen: an API key and a merchant account are needed")
	case len(c.HMACKeys) == 0:
		return nil, errors.New("adyen: without an HMAC key no notification can be believed, and nothing would ever settle")
	case c.Live && c.LivePrefix == "" && c.URL == "":
		return nil, errors.New("adyen: a live account needs the prefix of its live address")
	case !c.Live && c.LivePrefix != "":
		return nil, errors.New("adyen: a live address belongs to a live shop")
	}
	for _, address := range []string{c.URL, c.ReturnURL} {
		if u, err := url.Parse(address); err != nil || (address != "" && (u.Host == "" || (u.Scheme != "https" && u.Scheme != "http"))) {
			return nil, fmt.Errorf("adyen: %q is no address such as https://shop.example/paid", address)
		}
	}
	if err := c.checkLive(); err != nil {
		return nil, err
	}
	if c.ReturnURL == "" {
		return nil, errors.New("adyen: a return address is needed, where shoppers come back to from their bank")
	}
	p := &Provider{config: c, store: store{pool}}
	for i, text := range c.HMACKeys {
		key, err := hex.DecodeString(text)
		if err != nil || len(key) < 16 {
			return nil, fmt.Errorf("adyen: HMAC key %d is no key in hexadecimal", i+1)
		}
		p.keys = append(p.keys, key)
	}
	base := c.URL
	switch {
	case base != "":
	case c.Live:
		base = "https://" + url.PathEscape(c.LivePrefix) + "-checkout-live.adyenpayments.com/checkout/" + checkoutVersion
	default:
		base = "https://checkout-test.adyen.com/" + checkoutVersion
	}
	p.client = newClient(base, c.APIKey)
	return p, nil
}

// checkLive keeps a live account's key from going out in plain text, and a shop that sells from being paid with test money.
func (c Config) checkLive() error {
	u, err := url.Parse(c.URL)
	if !c.Live || c.URL == "" || err != nil {
		return err
	}
	host, _, _ := strings.Cut(strings.ToLower(u.Hostname()), ".")
	switch {
	case u.Scheme != "https" && !(c.Loopback && net.ParseIP(u.Hostname()).IsLoopback()):
		return errors.New("adyen: the address of a live account begins with https://")
	case host == "test" || strings.HasSuffix(host, "-test"):
		return fmt.Errorf("adyen: %s is a test environment, and this shop is live", u.Hostname())
	}
	return nil
}

// About says that its name is "adyen".
func (p *Provider) About() payment.PaymentProvider {
	return payment.PaymentProvider{Name: Name, Title: "Adyen", NeedsToken: true, Once: !p.config.MultipleCaptures}
}

// Lookup tells what Adyen has told under a key. That nothing is known does not mean that Adyen has never heard of it:
// asked again under the same key, it answers what it has answered before.
func (p *Provider) Lookup(ctx context.Context, key string) (payment.Charge, error) {
	id, err := uuid.Parse(key)
	if err != nil {
		return payment.Charge{}, payment.ErrUnknownKey // no key that a shop has made
	}
	c, err := p.charge(ctx, id)
	if err != nil {
		return payment.Charge{}, err
	}
	if c.State == "" {
		return payment.Charge{}, payment.ErrUnknownKey
	}
	return c.Charge, nil
}

// charge adds up what is known under a key.
func (p *Provider) charge(ctx context.Context, key uuid.UUID) (charge, error) {
	calls, notes, err := p.store.read(ctx, key)
	if err != nil {
		return charge{}, err
	}
	return sum(calls, notes, p.About().Once), nil
}

// derived is a key made from another, the same for the same purpose.
func derived(key uuid.UUID, purpose string) uuid.UUID { return uuid.NewSHA1(key, []byte(purpose)) }

// keepWithin is how long keeping an answer may take. What Adyen has said is kept even if nobody waits any more.
const keepWithin = 5 * time.Second

func (p *Provider) keep(ctx context.Context, c call) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepWithin)
	defer cancel()
	return p.store.keep(ctx, c)
}
