package main

import (
	"log/slog"
	"maps"
	"slices"
	"testing"

	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

// TestTheNamesOfProvidersAreThoseOfTheShop: limits are held against names before there is a shop.
func TestTheNamesOfProvidersAreThoseOfTheShop(t *testing.T) {
	pool := pgtest.New(t)
	for environment, key := range map[string]string{"development": "sk_test_x", "production": "sk_live_x"} {
		r := Running{
			Env:    environment,
			Stripe: Stripe{Key: key, ReturnURL: "https://shop.example/paid"},
			Adyen: Adyen{
				APIKey: "AQE", MerchantAccount: "Shop", ReturnURL: "https://shop.example/paid",
				HMACKeys: []string{"44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"},
			},
			Remote: RemotePayment{URL: "https://pay.example.com/", Name: "acme", Secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
		}
		if environment == "production" {
			r.Adyen.LivePrefix = "1797a841fbb37ca7-Shop"
		}
		remote, err := r.Remote.provider(environment == "production")
		if err != nil {
			t.Fatal(err)
		}
		s, err := newShop(t.Context(), slog.New(slog.DiscardHandler), shopConfig{
			Pool: pool, Environment: environment, Remote: remote, Stripe: r.Stripe, Adyen: r.Adyen,
		})
		if err != nil {
			t.Fatal(err)
		}
		names, built := slices.Sorted(slices.Values(r.providers(remote))), slices.Sorted(maps.Keys(s.Payments.Unavailable()))
		if !slices.Equal(names, built) {
			t.Errorf("%s: limits are held against %v, the shop has %v", environment, names, built)
		}
	}
}
