package main

import (
	"errors"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/payment/stripe"
)

// Stripe says how the shop is paid through Stripe; without a key it is not.
type Stripe struct {
	Key          string   `env:"WHARF_STRIPE_KEY" help:"The secret or restricted key of a Stripe account, sk_live_... in production and sk_test_... elsewhere; with it shoppers can pay through Stripe." placeholder:"KEY"`
	Secrets      []string `name:"webhook-secret" env:"WHARF_STRIPE_WEBHOOK_SECRET" sep:"," help:"The signing secret of Stripe's webhook endpoint for this shop, whsec_...; two while it is changed." placeholder:"SECRET"`
	ReturnURL    string   `env:"WHARF_STRIPE_RETURN_URL" help:"The storefront's page to which shoppers come back from their bank." placeholder:"URL"`
	Account      string   `env:"WHARF_STRIPE_ACCOUNT" help:"The connected account that sells, acct_..., when it is not the key's own." placeholder:"ACCOUNT"`
	Multicapture bool     `env:"WHARF_STRIPE_MULTICAPTURE" help:"The account may capture a card in several parts. Without it, a capture of less than all releases the rest."`
	Delayed      bool     `env:"WHARF_STRIPE_DELAYED" help:"Also take payment methods that can't be reserved, such as bank debits; those are taken at once."`
	API          string   `name:"api" env:"WHARF_STRIPE_API" help:"Where Stripe's API is, for tests; refused in production. Default: at Stripe." placeholder:"URL"`
}

var (
	// errTestMoney keeps a shop that sells from being paid with test cards.
	errTestMoney = errors.New("--stripe-key is a test key: with --env=production it begins with sk_live_ or rk_live_")
	// errRealMoney keeps a shop that also takes the test provider, which accepts orders without money, from real cards.
	errRealMoney = errors.New("--stripe-key is a live key, which takes real money: it needs --env=production; elsewhere it begins with sk_test_ or rk_test_")
	// errNotStripe keeps the key of a shop that sells, and its shoppers' payments, from anybody but Stripe.
	errNotStripe = errors.New("--stripe-api is for tests: with --env=production payments go to Stripe itself")
)

// check refuses what cannot work before anything is started.
func (s Stripe) check(production bool) error {
	if s.Key == "" {
		return nil
	}
	p, err := s.provider(nil)
	if err != nil {
		return err
	}
	switch {
	case production && !p.Live():
		return errTestMoney
	case production && s.API != "":
		return errNotStripe
	case !production && p.Live():
		return errRealMoney
	}
	return nil
}

func (s Stripe) provider(pool *pgxpool.Pool) (*stripe.Provider, error) {
	return stripe.New(pool, stripe.Options{
		Key: s.Key, Secrets: s.Secrets, ReturnURL: s.ReturnURL, Account: s.Account,
		Multicapture: s.Multicapture, Delayed: s.Delayed, URL: s.API,
	})
}
