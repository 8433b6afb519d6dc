package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/remote"
	signed "github.com/wharfhq/wharf/internal/remote"
)

// RemotePayment is a payment provider that somebody else runs, plugged in over HTTP.
type RemotePayment struct {
	URL     string `name:"payment-remote-url" env:"WHARF_PAYMENT_REMOTE_URL" help:"A payment provider that speaks Wharf's open protocol, see docs/payment-protocol.md. Without it, there is none." placeholder:"URL"`
	Secret  string `name:"payment-remote-secret" env:"WHARF_PAYMENT_REMOTE_SECRET" help:"The secret shared with it, whsec_ and base64; two, separated by a comma, while it is changed. Best given by the environment." placeholder:"SECRET"`
	Name    string `name:"payment-remote-name" env:"WHARF_PAYMENT_REMOTE_NAME" default:"remote" help:"Under which name shoppers choose it. It is stored with every payment, so it never changes. Default: ${default}." placeholder:"NAME"`
	Title   string `name:"payment-remote-title" env:"WHARF_PAYMENT_REMOTE_TITLE" help:"What shoppers read. Default: the name." placeholder:"TEXT"`
	Account string `name:"payment-remote-account" env:"WHARF_PAYMENT_REMOTE_ACCOUNT" help:"The shop's account at it, if it serves several shops." placeholder:"ACCOUNT"`
	Once    bool   `name:"payment-remote-once" env:"WHARF_PAYMENT_REMOTE_ONCE" help:"It releases the rest of an amount with the first capture."`
}

// ownProviders are the names that nobody else's provider may have.
var ownProviders = []string{"test", "manual", "stripe", "adyen"}

// providers are the names of all providers that newShop plugs in, for what is checked before there is a shop.
func (r Running) providers(plugged payment.Provider) []string {
	names := []string{"manual"}
	if r.Env != "production" {
		names = append(names, "test")
	}
	if r.Stripe.Key != "" {
		names = append(names, "stripe")
	}
	if r.Adyen.APIKey != "" {
		names = append(names, "adyen")
	}
	if plugged != nil {
		names = append(names, plugged.About().Name)
	}
	return names
}

// Validate refuses a provider that is only half given, before anything is started.
func (r RemotePayment) Validate() error {
	if r.URL == "" && (r.Name != "" && r.Name != "remote" || r.Secret != "" || r.Title != "" || r.Account != "" || r.Once) {
		return errors.New("a payment provider of your own is set, but WHARF_PAYMENT_REMOTE_URL is not")
	}
	return nil
}

// provider gives the provider, or nil when there is none. Production neither calls this machine nor sends anything in
// plain text.
func (r RemotePayment) provider(production bool) (payment.Provider, error) {
	if r.URL == "" {
		return nil, nil //nolint:nilnil // most shops have none
	}
	secrets, err := signed.ParseSecrets(r.Secret)
	if err != nil {
		return nil, exitError{exitMisuse, fmt.Errorf("WHARF_PAYMENT_REMOTE_SECRET: %w", err)}
	}
	if slices.Contains(ownProviders, r.Name) {
		return nil, exitError{exitMisuse, fmt.Errorf("WHARF_PAYMENT_REMOTE_NAME: %s is another provider's name", r.Name)}
	}
	p, err := remote.New(remote.Options{
		Name: r.Name, Title: r.Title, URL: r.URL, Account: r.Account, Secrets: secrets, Live: production, Once: r.Once, Loopback: !production,
	})
	if err != nil {
		return nil, exitError{exitMisuse, fmt.Errorf("WHARF_PAYMENT_REMOTE_URL: %w", err)}
	}
	return p, nil
}
