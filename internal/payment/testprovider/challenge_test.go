package testprovider_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/testprovider"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

// bank is the provider with its page.
type bank struct {
	*testprovider.Provider
	t    *testing.T
	site string
	told []string // the charges that the shop was told of
	deaf bool     // the shop takes no callback
}

func openBank(t *testing.T) *bank {
	t.Helper()
	b := &bank{t: t}
	mux := http.NewServeMux()
	server := httptest.NewServer(http.StripPrefix("/shop", mux)) // as behind a proxy that knows the shop under a path
	t.Cleanup(server.Close)
	b.site = server.URL + "/shop"
	b.Provider = testprovider.New(pgtest.New(t), testprovider.Options{Secret: []byte("secret"), Site: b.site})
	mux.Handle(testprovider.ChallengePath+"{charge}", b.Challenge(func(_ context.Context, header http.Header, body []byte) error {
		if b.deaf {
			return errors.New("the shop is away")
		}
		notices, err := b.Notification(header, body)
		for _, n := range notices {
			b.told = append(b.told, n.Charge)
		}
		return err
	}))
	return b
}

// asked begins a challenge and gives the address of its page.
func (b *bank) asked(a payment.Authorization) string {
	b.t.Helper()
	c, err := b.Authorize(b.t.Context(), a)
	if !errors.Is(err, payment.ErrActionRequired) || c.ChallengeURL != b.site+testprovider.ChallengePath+a.Key {
		b.t.Fatalf("the shopper is asked to act at %q: %v", c.ChallengeURL, err)
	}
	return c.ChallengeURL
}

// decides posts a decision and gives what the page says then.
func (b *bank) decides(page, decision string) (int, string) {
	b.t.Helper()
	answer, err := http.PostForm(page, url.Values{"decision": {decision}})
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func TestAShopperConfirmsOnTheBanksPage(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	a := ask("challenge")
	a.Save, a.Customer = true, uuid.NewString()
	page := b.asked(a)
	answer, err := http.Get(page)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if err != nil || answer.StatusCode != http.StatusOK || !strings.Contains(string(text), "Do you confirm the payment of 48.60 USD?") {
		t.Fatalf("the page says %d %s: %v", answer.StatusCode, text, err)
	}
	b.deaf = true
	if status, _ := b.decides(page, "confirm"); status != http.StatusServiceUnavailable {
		t.Errorf("the shop could not be told, and the shopper reads %d", status)
	}
	b.deaf = false
	for _, decision := range []string{"confirm", "refuse"} { // what was decided stays, and is told again
		if status, text := b.decides(page, decision); status != http.StatusOK || !strings.Contains(text, "is confirmed") {
			t.Errorf("after %s the page says %d %s", decision, status, text)
		}
	}
	if len(b.told) != 2 || b.told[0] != a.Key {
		t.Errorf("the shop was told of %q", b.told)
	}
	c, err := b.Lookup(t.Context(), a.Key)
	if err != nil || c.State != payment.ChargeAuthorized || c.Authorized != a.Amount || c.ChallengeURL != "" || c.Saved == nil {
		t.Fatalf("the charge is %+v, %v", c, err)
	}
	again := ask(c.Saved.Ref)
	again.Customer = a.Customer
	b.asked(again) // the method is kept
	a.Challenged = true
	if now, err := b.Authorize(t.Context(), a); err != nil || now.Authorized != a.Amount || len(now.Saved.Ref) == 0 {
		t.Errorf("asked again it answers %+v, %v", now, err)
	}
}

func TestAShopperRefusesOnTheBanksPage(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	a := ask("challenge")
	if status, text := b.decides(b.asked(a), "refuse"); status != http.StatusOK || !strings.Contains(text, "is not confirmed") || len(b.told) != 1 {
		t.Errorf("the page says %d %s, and the shop was told of %q", status, text, b.told)
	}
	if c, err := b.Lookup(t.Context(), a.Key); err != nil || c.State != payment.ChargeDeclined || !c.Authorized.IsZero() {
		t.Errorf("the charge is %+v, %v", c, err)
	}
	a.Challenged = true
	if _, err := b.Authorize(t.Context(), a); !errors.Is(err, payment.ErrDeclined) {
		t.Errorf("who says to have confirmed after all is answered %v", err)
	}
}

// TestTheBanksPageOfAPaymentThatWasCalledOff: the shop lets a charge go when its shopper chooses another way to pay; nobody is
// told to have refused it, whenever they come back to the page.
func TestTheBanksPageOfAPaymentThatWasCalledOff(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	for want, confirmed := range map[string]bool{
		"was called off by the shop":                          false,
		"was confirmed, and the shop has called it off since": true,
	} {
		a := ask("challenge")
		page := b.asked(a)
		if confirmed {
			b.decides(page, "confirm")
		}
		if _, err := b.Void(t.Context(), payment.Change{Key: uuid.NewString(), Charge: a.Key, Reference: a.Reference, Amount: a.Amount}); err != nil {
			t.Fatal(err)
		}
		for _, decision := range []string{"confirm", "refuse"} {
			if _, text := b.decides(page, decision); !strings.Contains(text, "The payment of 48.60 USD "+want+". You can go back") {
				t.Errorf("after %s the page says %s", decision, text)
			}
		}
	}
}

func TestTheBanksPageDecidesNothingElse(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	approved, voided := ask("approve"), ask("challenge")
	if _, err := b.Authorize(t.Context(), approved); err != nil {
		t.Fatal(err)
	}
	page := b.asked(voided)
	if _, err := b.Void(t.Context(), payment.Change{Key: uuid.NewString(), Charge: voided.Key, Reference: voided.Reference, Amount: voided.Amount}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		page, decision string
		want           int
	}{
		"called off":                {page, "confirm", http.StatusOK},
		"approved without the page": {b.site + testprovider.ChallengePath + approved.Key, "refuse", http.StatusOK},
		"no such charge":            {b.site + testprovider.ChallengePath + uuid.NewString(), "confirm", http.StatusNotFound},
		"no key":                    {b.site + testprovider.ChallengePath + "x", "confirm", http.StatusNotFound},
		"no decision":               {page, "perhaps", http.StatusBadRequest},
		"too long":                  {page, strings.Repeat("confirm", 1000), http.StatusBadRequest},
	} {
		if status, text := b.decides(c.page, c.decision); status != c.want {
			t.Errorf("%s: %d %s, want %d", name, status, text, c.want)
		}
	}
	if c, err := b.Lookup(t.Context(), approved.Key); err != nil || c.State != payment.ChargeAuthorized {
		t.Errorf("what was approved is %+v, %v", c, err)
	}
	if c, err := b.Lookup(t.Context(), voided.Key); err != nil || c.State != payment.ChargeClosed || !c.Authorized.IsZero() {
		t.Errorf("what was called off is %+v, %v", c, err)
	}
}
