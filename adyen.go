package main

import (
	"errors"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/payment/adyen"
)

// Adyen is the shop's account at Adyen, if it has one.
type Adyen struct {
	APIKey           string   `env:"WHARF_ADYEN_API_KEY" help:"Take payments through Adyen with this API key; best given by the environment." placeholder:"KEY"`
	MerchantAccount  string   `env:"WHARF_ADYEN_MERCHANT_ACCOUNT" help:"The merchant account." placeholder:"NAME"`
	HMACKeys         []string `name:"hmac-keys" env:"WHARF_ADYEN_HMAC_KEYS" sep:"," help:"The keys in hexadecimal that sign its standard webhook; two while one replaces the other." placeholder:"KEY"`
	LivePrefix       string   `env:"WHARF_ADYEN_LIVE_PREFIX" help:"The prefix of the live address, from Adyen's Customer Area. Needed when the environment is production, and refused otherwise: then Adyen's test environment is used." placeholder:"PREFIX"`
	URL              string   `name:"url" env:"WHARF_ADYEN_URL" help:"Another address of the Checkout API, with its version. When the environment is production, it begins with https:// and is no test environment." placeholder:"URL"`
	ReturnURL        string   `name:"return-url" env:"WHARF_ADYEN_RETURN_URL" help:"The storefront's page to which shoppers come back from their bank; it gets the order's id in order and Adyen's answer in redirectResult." placeholder:"URL"`
	MultipleCaptures bool     `env:"WHARF_ADYEN_MULTIPLE_CAPTURES" help:"The account may capture a payment in several parts."`
}

// Validate refuses an account that is only half given, before anything is started.
func (a Adyen) Validate() error {
	if a.APIKey == "" && (a.MerchantAccount != "" || len(a.HMACKeys) > 0 || a.LivePrefix != "" || a.URL != "") {
		return errors.New("an account at Adyen is set, but WHARF_ADYEN_API_KEY is not")
	}
	return nil
}

// check refuses what cannot work before anything is started. Production neither pays with test money nor sends its key
// in plain text.
func (a Adyen) check(production bool) error {
	if a.APIKey == "" {
		return nil
	}
	_, err := a.provider(nil, production)
	return err
}

// provider is Adyen, for a shop that has an account there.
func (a Adyen) provider(pool *pgxpool.Pool, live bool) (*adyen.Provider, error) {
	p, err := adyen.New(pool, adyen.Config{
		APIKey: a.APIKey, MerchantAccount: a.MerchantAccount, HMACKeys: a.HMACKeys, URL: a.URL, LivePrefix: a.LivePrefix,
		Live: live, ReturnURL: a.ReturnURL, MultipleCaptures: a.MultipleCaptures,
	})
	if err != nil {
		return nil, exitError{exitMisuse, err}
	}
	return p, nil
}
