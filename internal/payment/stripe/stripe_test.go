package stripe_test

import (
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/clock"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/paymenttest"
	"github.com/wharfhq/wharf/internal/payment/simulator"
	"github.com/wharfhq/wharf/internal/payment/stripe"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

const (
	secretKey = "sk_test_simulated"
	signing   = "whsec_simulated"
	account   = "acct_simulated"
	returnURL = "https://shop.example/paid"
)

// scene is a shop's provider and the world that it talks to.
type scene struct {
	*stripe.Provider
	world *simulator.World
	face  *simulator.Stripe
	pool  *pgxpool.Pool
	url   string
	clock clock.Clock // of the provider; nil for the real one
}

// terms are the terms of the account, both ours and the world's.
type terms struct {
	stripe.Options
	simulator.BooksOptions
	face simulator.StripeOptions
}

// multicapture is an account that may capture a card in parts.
func multicapture() terms {
	return terms{Options: stripe.Options{Multicapture: true}, face: simulator.StripeOptions{Multicapture: true}}
}

// onceOnly is an account that may not.
func onceOnly() terms { return terms{BooksOptions: simulator.BooksOptions{Once: true}} }

func open(t *testing.T, pool *pgxpool.Pool, terms terms) *scene {
	t.Helper()
	terms.face.Key, terms.face.Secret = secretKey, signing
	face := simulator.NewStripe(terms.face)
	world, err := simulator.New(simulator.Options{
		Ledger: filepath.Join(t.TempDir(), "books"), BooksOptions: terms.BooksOptions, Faces: []simulator.Face{face},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = world.Close() })
	url, err := world.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := terms.Options
	o.Key, o.Secrets, o.ReturnURL, o.Account, o.URL = secretKey, []string{signing}, returnURL, account, url+"/stripe"
	provider, err := stripe.New(pool, o)
	if err != nil {
		t.Fatal(err)
	}
	return &scene{Provider: provider, world: world, face: face, pool: pool, url: url, clock: o.Clock}
}

func TestPromises(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	paymenttest.Run(t, func(t *testing.T) paymenttest.Vendor {
		terms := multicapture()
		terms.Expiry = 7 * 24 * time.Hour
		s := open(t, pool, terms)
		return paymenttest.Vendor{
			Provider: s, Approved: "approve", Declined: "decline", Books: true, Saves: true,
			Challenged: "challenge", Act: func(t *testing.T, c payment.Charge) { t.Helper(); act(t, c.ChallengeURL, "confirm") },
			Refuse:  func(t *testing.T, _ string, c payment.Charge) { t.Helper(); act(t, c.ChallengeURL, "refuse") },
			Pending: "pending", Settle: s.settle, Stays: true,
		}
	})
}

// settle lets a pending charge end well, and gives the event that tells of it.
func (s *scene) settle(t *testing.T, key string) (http.Header, []byte) {
	t.Helper()
	done, err := s.world.Settle(key)
	if err != nil {
		t.Fatal(err)
	}
	return s.event(t, simulator.News{ID: "settled", Entry: done.Entry, Charge: done.First, Account: account})
}

// event is how the world tells of something.
func (s *scene) event(t *testing.T, n simulator.News) (http.Header, []byte) {
	t.Helper()
	messages := s.face.Messages(n)
	if len(messages) != 1 {
		t.Fatalf("it is told in %d messages", len(messages))
	}
	return messages[0].Header, messages[0].Body
}

func ask(token string) payment.Authorization {
	return payment.Authorization{
		Key: uuid.Must(uuid.NewV7()).String(), Reference: uuid.NewString(), Token: token, Amount: money.New(4860, "USD"),
	}
}

// change asks for something to be done with a charge.
func change(a payment.Authorization, minor int64) payment.Change {
	return payment.Change{Key: uuid.NewString(), Charge: a.Key, Reference: a.Reference, Amount: money.New(minor, "USD")}
}

// amounts are what a charge says of the money.
func amounts(c payment.Charge) [5]int64 {
	return [5]int64{c.Authorized.Minor, c.Captured.Minor, c.Refunded.Minor, c.Voided.Minor, c.Disputed.Minor}
}
