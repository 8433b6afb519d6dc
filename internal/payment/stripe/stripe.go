// Package stripe takes payments through Stripe.
//
// A charge of the shop is a PaymentIntent. It is made in two calls, so that money is never reserved under a key that
// could not be closed: the first makes an intent, which reserves nothing, and its name is remembered in the shop's
// database; only then does the second call confirm it, which reserves the amount. Whoever closes a key marks it in the
// same row first and then cancels the intent, if there is one. So an authorization that is under way or arrives late
// finds the mark and does not confirm, or finds the intent canceled, which Stripe never confirms again.
//
// Stripe forgets idempotency keys after a day, and the shop may repeat a call later than that. What was done is
// therefore written at Stripe itself, in the same call: a capture into the metadata of its intent, a refund into its
// own. A repeated call looks there first.
//
// An intent carries the key of its authorization and the order's id as metadata, so that it is found again when the
// database was restored from before it was made.
package stripe

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
	api "github.com/stripe/stripe-go/v85"

	"github.com/wharfhq/wharf/internal/clock"
	"github.com/wharfhq/wharf/internal/payment"
)

// Options say with which account the shop is paid, and how.
type Options struct {
	Key          string   // the secret or restricted key; whether money is real follows from it
	Secrets      []string // with which Stripe signs callbacks; while one is changed there are two
	ReturnURL    string   // the page to which a shopper comes back from the bank
	Account      string   // the connected account that sells, when it is not the key's own
	Multicapture bool     // the account may capture a card in several parts
	Delayed      bool     // take methods that can't be reserved too, such as bank debits; those are taken at once
	URL          string   // where Stripe's API is, for tests
	Clock        clock.Clock
}

// Provider is Stripe.
type Provider struct {
	pool    *pgxpool.Pool
	options Options
	live    bool
	api     *api.Client
}

// New makes the provider. It calls nobody.
func New(pool *pgxpool.Pool, o Options) (*Provider, error) {
	kind, mode, _ := strings.Cut(o.Key, "_")
	mode, _, whole := strings.Cut(mode, "_")
	if (kind != "sk" && kind != "rk") || (mode != "live" && mode != "test") || !whole {
		return nil, errors.New("the Stripe key is no secret key: it begins with sk_live_, rk_live_, sk_test_ or rk_test_")
	}
	if u, err := url.Parse(o.ReturnURL); err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return nil, fmt.Errorf("the Stripe return URL %q is no address: shoppers come back there from their bank", o.ReturnURL)
	}
	for _, secret := range o.Secrets {
		if !strings.HasPrefix(secret, "whsec_") {
			return nil, errors.New("a Stripe webhook secret begins with whsec_")
		}
	}
	if o.Account != "" && !strings.HasPrefix(o.Account, "acct_") {
		return nil, errors.New("a Stripe account begins with acct_")
	}
	if u, err := url.Parse(o.URL); o.URL != "" && (err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http")) {
		return nil, fmt.Errorf("%q is no address of Stripe's API", o.URL)
	}
	if o.Clock == nil {
		o.Clock = clock.System
	}
	return &Provider{pool: pool, options: o, live: mode == "live", api: newClient(o)}, nil
}

// About says that its name is "stripe".
func (p *Provider) About() payment.PaymentProvider {
	return payment.PaymentProvider{Name: "stripe", Title: "Card", NeedsToken: true, Once: !p.options.Multicapture}
}

// Live says whether the money is real.
func (p *Provider) Live() bool { return p.live }

// The names under which an intent, and a refund, carry what the shop knows them by.
const (
	metaKey       = "wharf_key"       // the key of the authorization
	metaOrder     = "wharf_order"     // the order's id
	metaOperation = "wharf_operation" // the key of a refund
	metaCustomer  = "wharf_customer"  // the customer's id, at a customer of Stripe's
)
