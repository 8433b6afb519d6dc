package adyen_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/adyen"
	"github.com/wharfhq/wharf/internal/payment/paymenttest"
	"github.com/wharfhq/wharf/internal/payment/simulator"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

const (
	apiKey   = "an API key"
	merchant = "WharfTests"
	hmacKey  = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"
)

// world is Adyen outside, the shop's side of it, and what the shop was told.
type world struct {
	*simulator.World
	face     *simulator.Adyen
	pool     *pgxpool.Pool
	provider *adyen.Provider
	config   adyen.Config

	taking sync.Mutex

	mu    sync.Mutex
	held  bool // what is told waits until it is taken in
	inbox [][]byte
	all   [][]byte
}

// newWorld makes a world on a database of its own.
func newWorld(t *testing.T, changes ...func(*simulator.Options, *adyen.Config)) *world {
	t.Helper()
	return newWorldOn(t, pgtest.New(t), changes...)
}

// newWorldOn makes a world whose notifications come before the answer to the call that has caused them, so that a test
// need not wait for any.
func newWorldOn(t *testing.T, pool *pgxpool.Pool, changes ...func(*simulator.Options, *adyen.Config)) *world {
	t.Helper()
	w := &world{face: &simulator.Adyen{APIKey: apiKey, MerchantAccount: merchant, HMACKey: hmacKey}, pool: pool}
	outside := simulator.Options{Ledger: filepath.Join(t.TempDir(), "books"), Seed: 1, Faces: []simulator.Face{w.face}, Slow: 50 * time.Millisecond}
	w.config = adyen.Config{
		APIKey: apiKey, MerchantAccount: merchant, HMACKeys: []string{hmacKey}, ReturnURL: "https://shop.example/paid?lang=en", MultipleCaptures: true,
	}
	for _, change := range changes {
		change(&outside, &w.config)
	}
	var err error
	if w.World, err = simulator.New(outside); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Errorf("close the world: %v", err)
		}
	})
	at, err := w.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.config.URL = at + "/adyen/v71"
	if w.provider, err = adyen.New(w.pool, w.config); err != nil {
		t.Fatal(err)
	}
	shop := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = w.tell(r.Context(), body)
		}
		if err != nil {
			http.Error(rw, err.Error(), http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(shop.Close)
	w.Callbacks.Send("adyen", shop.URL)
	w.misbehave(t, simulator.Rule{Fault: simulator.Early})
	return w
}

func (w *world) misbehave(t *testing.T, rules ...simulator.Rule) {
	t.Helper()
	if err := w.Modes.Set(rules...); err != nil {
		t.Fatal(err)
	}
}

// tell brings a notification to the provider, as the shop does, or lays it aside until it is taken in.
func (w *world) tell(ctx context.Context, body []byte) error {
	w.mu.Lock()
	w.all = append(w.all, body)
	if w.held {
		w.inbox = append(w.inbox, body)
	}
	held := w.held
	w.mu.Unlock()
	if held {
		return nil
	}
	return w.provider.Keep(ctx, nil, body)
}

// takeIn brings what was laid aside, the newest first.
func (w *world) takeIn(ctx context.Context) error {
	w.taking.Lock()
	defer w.taking.Unlock()
	w.mu.Lock()
	inbox := w.inbox
	w.inbox = nil
	w.mu.Unlock()
	for _, body := range slices.Backward(inbox) {
		if err := w.provider.Keep(ctx, nil, body); err != nil {
			return err
		}
	}
	return nil
}

// note is a genuine notification that something has happened to the payment of a charge.
func (w *world) note(charge string, code, psp string, minor int64, spoil ...func(*simulator.AdyenItem)) []byte {
	item := simulator.AdyenItem{
		EventCode: code, EventDate: "2026-11-27T01:02:03+01:00", MerchantAccountCode: merchant, MerchantReference: charge,
		OriginalReference: "PAYMENT1", PSPReference: psp, Success: "true",
	}
	item.Amount.Value, item.Amount.Currency = minor, "USD"
	if code == "AUTHORISATION" {
		item.OriginalReference = ""
	}
	for _, change := range spoil {
		change(&item)
	}
	return w.face.Notification(false, item).Body
}

// learn brings notifications to the provider, one after the other.
func (w *world) learn(t *testing.T, bodies ...[]byte) {
	t.Helper()
	for _, body := range bodies {
		if err := w.provider.Keep(t.Context(), nil, body); err != nil {
			t.Fatal(err)
		}
	}
}

// newest is the last notification that was sent.
func (w *world) newest() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.all) == 0 {
		return nil
	}
	return w.all[len(w.all)-1]
}

// patient is a shop that is told only after it was answered, and then asks again under the same key, as shops do.
type patient struct {
	*adyen.Provider
	world *world
}

func (p patient) Authorize(ctx context.Context, a payment.Authorization) (payment.Charge, error) {
	if err := p.world.takeIn(ctx); err != nil {
		return payment.Charge{}, err
	}
	return p.Provider.Authorize(ctx, a)
}

func (p patient) Lookup(ctx context.Context, key string) (payment.Charge, error) {
	if err := p.world.takeIn(ctx); err != nil {
		return payment.Charge{}, err
	}
	return p.Provider.Lookup(ctx, key)
}

func (p patient) Capture(ctx context.Context, c payment.Change) (payment.Charge, error) {
	return p.twice(ctx, c, p.Provider.Capture)
}

func (p patient) Refund(ctx context.Context, c payment.Change) (payment.Charge, error) {
	return p.twice(ctx, c, p.Provider.Refund)
}

func (p patient) Void(ctx context.Context, c payment.Change) (payment.Charge, error) {
	return p.twice(ctx, c, p.Provider.Void)
}

func (p patient) twice(ctx context.Context, c payment.Change, call func(context.Context, payment.Change) (payment.Charge, error)) (payment.Charge, error) {
	now, err := call(ctx, c)
	if err != nil {
		return now, err
	}
	if err := p.world.takeIn(ctx); err != nil {
		return payment.Charge{}, err
	}
	return call(ctx, c)
}

func (w *world) vendor(p payment.Provider) paymenttest.Vendor {
	return paymenttest.Vendor{
		Provider: p, Approved: "approve", Declined: "decline", Books: true, Saves: true, SignedBody: true,
		Challenged: "challenge", Act: confirm, Pending: "pending",
		Settle: func(t *testing.T, key string) (http.Header, []byte) {
			done, err := w.Settle(key)
			if err != nil {
				t.Fatal(err)
			}
			if done.Again {
				return nil, nil
			}
			return http.Header{}, w.newest()
		},
	}
}

// confirm is the shopper on the page of their bank.
func confirm(t *testing.T, c payment.Charge) {
	response, err := http.PostForm(c.ChallengeURL, url.Values{"decision": {"confirm"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("the challenge page answers %s", response.Status)
	}
}

// TestPromises: whether the shop is told before its call is answered or afterwards, and whether the account captures once
// or in parts, every promise holds.
func TestPromises(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t) // every charge has a key of its own
	for name, once := range map[string]bool{"captures in parts": false, "one capture": true} {
		change := func(outside *simulator.Options, inside *adyen.Config) {
			outside.Once, inside.MultipleCaptures = once, !once
		}
		t.Run(name+", told before the answer", func(t *testing.T) {
			t.Parallel()
			paymenttest.Run(t, func(t *testing.T) paymenttest.Vendor {
				w := newWorldOn(t, pool, change)
				return w.vendor(w.provider)
			})
		})
		t.Run(name+", told after the answer", func(t *testing.T) {
			t.Parallel()
			paymenttest.Run(t, func(t *testing.T) paymenttest.Vendor {
				w := newWorldOn(t, pool, change)
				w.held = true
				return w.vendor(patient{w.provider, w})
			})
		})
	}
}

const total = 4860

func usd(minor int64) money.Money { return money.New(minor, "USD") }

func key() string { return uuid.Must(uuid.NewV7()).String() }

func authorization(token string) payment.Authorization {
	return payment.Authorization{Key: key(), Reference: key(), Token: token, Amount: usd(total)}
}

func change(a payment.Authorization, minor int64) payment.Change {
	return payment.Change{Key: key(), Charge: a.Key, Reference: a.Reference, Amount: usd(minor)}
}

// TestWhereALiveAccountIs: neither in plain text nor in a test environment, while a test may be anywhere.
func TestWhereALiveAccountIs(t *testing.T) {
	t.Parallel()
	for address, good := range map[string]bool{
		"":                                    false, // without a prefix either
		"https://checkout.example.com/v71":    true,
		"https://contest.example.com/v71":     true,
		"http://checkout.example.com/v71":     false,
		"https://checkout-test.adyen.com/v71": false,
		"https://Pal-Test.adyen.com:443/v71":  false,
		"https://test.adyen.com/v71":          false,
	} {
		c := adyen.Config{APIKey: apiKey, MerchantAccount: merchant, HMACKeys: []string{hmacKey}, ReturnURL: "https://shop.example/paid", URL: address}
		if _, err := adyen.New(nil, c); err != nil {
			t.Errorf("a test at %q is refused: %v", address, err)
		}
		c.Live = true
		if _, err := adyen.New(nil, c); (err == nil) != good {
			t.Errorf("a live account at %q: %v", address, err)
		}
	}
}
