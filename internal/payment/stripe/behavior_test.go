package stripe_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/simulator"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

func TestASmallerCaptureReleasesTheRest(t *testing.T) {
	t.Parallel()
	s := open(t, pgtest.New(t), onceOnly())
	if !s.About().Once {
		t.Error("it does not say that there is one capture")
	}
	a := ask("approve")
	authorize(t, s, a)
	part := change(a, 1000)
	for range 2 {
		c, err := s.Capture(t.Context(), part)
		if err != nil || amounts(c) != [5]int64{4860, 1000, 0, 3860, 0} {
			t.Fatalf("captured, it is %+v, %v", c, err)
		}
	}
	c, err := s.Capture(t.Context(), change(a, 1000))
	if !errors.Is(err, payment.ErrDeclined) || amounts(c) != [5]int64{4860, 1000, 0, 3860, 0} {
		t.Errorf("captured once more, it is %+v, %v", c, err)
	}
}

func TestSeveralCapturesAndARelease(t *testing.T) {
	t.Parallel()
	s := open(t, pgtest.New(t), multicapture())
	a := ask("approve")
	authorize(t, s, a)
	for i, want := range [][5]int64{{4860, 1000, 0, 0, 0}, {4860, 2000, 0, 0, 0}} {
		if c, err := s.Capture(t.Context(), change(a, 1000)); err != nil || amounts(c) != want {
			t.Fatalf("capture %d: %+v, %v", i, c, err)
		}
	}
	c, err := s.Void(t.Context(), change(a, 4860))
	if err != nil || amounts(c) != [5]int64{4860, 2000, 0, 2860, 0} || c.State != payment.ChargeAuthorized {
		t.Errorf("released, it is %+v, %v", c, err)
	}
	if c, err := s.Refund(t.Context(), change(a, 2000)); err != nil || amounts(c) != [5]int64{4860, 2000, 2000, 2860, 0} {
		t.Errorf("refunded, it is %+v, %v", c, err)
	}
}

func TestACardThatCannotBeCapturedInParts(t *testing.T) {
	t.Parallel()
	terms := multicapture()
	terms.face.Multicapture = false
	s := open(t, pgtest.New(t), terms)
	a := ask("approve")
	authorize(t, s, a)
	if c, err := s.Capture(t.Context(), change(a, 1000)); err != nil || amounts(c) != [5]int64{4860, 1000, 0, 3860, 0} {
		t.Errorf("captured, it is %+v, %v", c, err)
	}
}

// TestAChangeIsMadeOnceForGood repeats a change when Stripe has forgotten its key, as it does after a day.
func TestAChangeIsMadeOnceForGood(t *testing.T) {
	t.Parallel()
	s := open(t, pgtest.New(t), multicapture())
	a := ask("approve")
	authorize(t, s, a)
	taken, back := change(a, 1000), change(a, 300)
	for i := range 3 {
		if c, err := s.Capture(t.Context(), taken); err != nil || c.Captured.Minor != 1000 {
			t.Fatalf("capture %d: %+v, %v", i, c, err)
		}
		if c, err := s.Refund(t.Context(), back); err != nil || c.Refunded.Minor != 300 {
			t.Fatalf("refund %d: %+v, %v", i, c, err)
		}
		s.face.ForgetKeys()
	}
	if c, err := s.world.Books.Charge(a.Key); err != nil || c.Captured != 1000 || c.Refunded != 300 {
		t.Errorf("the books say %+v, %v", c, err)
	}
}

func TestAChallenge(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	for decision, want := range map[string]struct {
		state payment.ChargeState
		err   error
	}{
		"confirm": {payment.ChargeAuthorized, nil},
		"refuse":  {payment.ChargeDeclined, payment.ErrDeclined},
	} {
		t.Run(decision, func(t *testing.T) {
			t.Parallel()
			s := open(t, pool, onceOnly())
			a := ask("challenge")
			for range 2 {
				c, err := s.Authorize(t.Context(), a)
				if !errors.Is(err, payment.ErrActionRequired) || payment.Reason(err) == "" || c.ChallengeURL != s.url+"/challenge/"+a.Key {
					t.Fatalf("it answers %+v, %v", c, err)
				}
				a.Challenged = true // which is not true yet
			}
			if c, err := s.Lookup(t.Context(), a.Key); err != nil || c.State != payment.ChargeChallenge || c.ChallengeURL == "" {
				t.Fatalf("looked up, it is %+v, %v", c, err)
			}
			act(t, s.url+"/challenge/"+a.Key, decision)
			c, err := s.Authorize(t.Context(), a)
			if c.State != want.state || !errors.Is(err, want.err) {
				t.Errorf("afterwards it answers %+v, %v", c, err)
			}
			if c, err := s.Lookup(t.Context(), a.Key); err != nil || c.State != want.state {
				t.Errorf("looked up, it is %+v, %v", c, err)
			}
		})
	}
}

// act does what the shopper does on the bank's page.
func act(t *testing.T, page, decision string) {
	t.Helper()
	answer, err := http.PostForm(page, url.Values{"decision": {decision}})
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatal(answer.Status)
	}
}

func TestAnAbandonedChallengeIsClosed(t *testing.T) {
	t.Parallel()
	s := open(t, pgtest.New(t), onceOnly())
	a := ask("challenge")
	if _, err := s.Authorize(t.Context(), a); !errors.Is(err, payment.ErrActionRequired) {
		t.Fatal(err)
	}
	if c, err := s.Void(t.Context(), change(a, 4860)); err != nil || c.State != payment.ChargeClosed {
		t.Fatalf("voided, it is %+v, %v", c, err)
	}
	act(t, s.url+"/challenge/"+a.Key, "confirm")
	if c, err := s.Lookup(t.Context(), a.Key); err != nil || c.State != payment.ChargeClosed || amounts(c) != [5]int64{} {
		t.Errorf("confirmed late, it is %+v, %v", c, err)
	}
}

func TestAPendingCharge(t *testing.T) {
	t.Parallel()
	s := open(t, pgtest.New(t), onceOnly())
	a := ask("pending")
	c, err := s.Authorize(t.Context(), a)
	if err != nil || c.State != payment.ChargePending || amounts(c) != [5]int64{} {
		t.Fatalf("it answers %+v, %v", c, err)
	}
	if c, err := s.Void(t.Context(), change(a, 4860)); err == nil || errors.Is(err, payment.ErrDeclined) {
		t.Errorf("what the bank is deciding can't be withdrawn, but it answers %+v, %v", c, err)
	}
	if _, err := s.world.Settle(a.Key); err != nil {
		t.Fatal(err)
	}
	if c, err := s.Lookup(t.Context(), a.Key); err != nil || amounts(c) != [5]int64{4860, 0, 0, 0, 0} {
		t.Errorf("settled, it is %+v, %v", c, err)
	}
	if c, err := s.Void(t.Context(), change(a, 4860)); err != nil || amounts(c) != [5]int64{4860, 0, 0, 4860, 0} {
		t.Errorf("voided at last, it is %+v, %v", c, err)
	}
}

func TestADispute(t *testing.T) {
	t.Parallel()
	s := open(t, pgtest.New(t), onceOnly())
	a := ask("approve")
	authorize(t, s, a)
	if _, err := s.Capture(t.Context(), change(a, 4860)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.world.Dispute(a.Key, 1200); err != nil {
		t.Fatal(err)
	}
	if c, err := s.Lookup(t.Context(), a.Key); err != nil || amounts(c) != [5]int64{4860, 4860, 0, 0, 1200} {
		t.Errorf("disputed, it is %+v, %v", c, err)
	}
}

func TestWhenAReservationEnds(t *testing.T) {
	t.Parallel()
	terms := onceOnly()
	terms.Expiry = 7 * 24 * time.Hour
	s := open(t, pgtest.New(t), terms)
	a := ask("approve")
	c := authorize(t, s, a)
	booked, err := s.world.Books.Charge(a.Key)
	if err != nil || c.ExpiresAt == nil || !c.ExpiresAt.Equal(booked.ExpiresAt.Truncate(time.Second)) {
		t.Errorf("it ends at %v, the books say %v, %v", c.ExpiresAt, booked.ExpiresAt, err)
	}
	if _, err := s.world.Expire(a.Key); err != nil {
		t.Fatal(err)
	}
	if c, err := s.Lookup(t.Context(), a.Key); err != nil || c.State != payment.ChargeClosed || amounts(c) != [5]int64{4860, 0, 0, 4860, 0} {
		t.Errorf("expired, it is %+v, %v", c, err)
	}
}

func TestASavedMethod(t *testing.T) {
	t.Parallel()
	s := open(t, pgtest.New(t), onceOnly())
	customer := uuid.NewString()
	a := ask("approve")
	a.Customer, a.Save = customer, true
	c := authorize(t, s, a)
	if c.Saved == nil || c.Saved.Label != "Visa ending in 4242" || !strings.HasPrefix(c.Saved.Ref, "pm_") {
		t.Fatalf("it keeps %+v", c.Saved)
	}
	again := func(customer string) (payment.Charge, error) {
		b := ask(c.Saved.Ref)
		b.Customer, b.OffSession = customer, true
		return s.Authorize(t.Context(), b)
	}
	if c, err := again(customer); err != nil || c.Authorized.Minor != 4860 || c.Saved != nil {
		t.Errorf("without the shopper it answers %+v, %v", c, err)
	}
	for name, other := range map[string]string{"a guest": "", "somebody else": uuid.NewString()} {
		if c, err := again(other); !errors.Is(err, payment.ErrDeclined) || c.Authorized.Minor != 0 {
			t.Errorf("%s pays with it: %+v, %v", name, c, err)
		}
	}
	for range 2 {
		if err := s.Forget(t.Context(), c.Saved.Ref); err != nil {
			t.Fatal(err)
		}
	}
	if c, err := again(customer); !errors.Is(err, payment.ErrDeclined) {
		t.Errorf("forgotten, it answers %+v, %v", c, err)
	}
	if err := s.Forget(t.Context(), "pm_of_nobody"); err != nil {
		t.Errorf("a method that nobody knows: %v", err)
	}
}

func TestABankThatWantsTheShopperToBeThere(t *testing.T) {
	t.Parallel()
	s := open(t, pgtest.New(t), onceOnly())
	a := ask("challenge")
	a.OffSession = true
	c, err := s.Authorize(t.Context(), a)
	if !errors.Is(err, payment.ErrActionRequired) || c.Authorized.Minor != 0 {
		t.Errorf("it answers %+v, %v", c, err)
	}
	if c, err := s.Lookup(t.Context(), a.Key); err != nil || c.State != payment.ChargeChallenge {
		t.Errorf("looked up, it is %+v, %v", c, err)
	}
}

// TestAnUnknownTokenIsFinal: Stripe keeps no failure in an intent whose token it does not know, so the intent is closed.
func TestAnUnknownTokenIsFinal(t *testing.T) {
	t.Parallel()
	s := open(t, pgtest.New(t), onceOnly())
	a := ask("pm_of_nobody")
	if c, err := s.Authorize(t.Context(), a); !errors.Is(err, payment.ErrDeclined) || payment.Reason(err) != "The payment provider does not know this payment method." {
		t.Fatalf("it answers %+v, %v", c, err)
	}
	a.Token = "approve"
	if c, err := s.Authorize(t.Context(), a); !errors.Is(err, payment.ErrDeclined) || amounts(c) != [5]int64{} {
		t.Errorf("with another token it answers %+v, %v", c, err)
	}
}

func TestAnswersThatNameSomethingElse(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	for _, fault := range []simulator.Fault{simulator.AnswerSize, simulator.AnswerCoin, simulator.AnswerRef} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			s := open(t, pool, onceOnly())
			a := ask("approve")
			if err := s.world.Modes.Set(simulator.Rule{Fault: fault, Calls: []string{"authorize"}}); err != nil {
				t.Fatal(err)
			}
			c, err := s.Authorize(t.Context(), a)
			if err == nil && c.Authorized == a.Amount && c.Reference == a.Reference {
				t.Errorf("what was answered is not told: %+v", c)
			}
		})
	}
}

// authorize reserves the amount, or fails the test.
func authorize(t *testing.T, s *scene, a payment.Authorization) payment.Charge {
	t.Helper()
	c, err := s.Authorize(t.Context(), a)
	if err != nil || c.State != payment.ChargeAuthorized || c.Authorized != money.New(4860, "USD") || c.Reference != a.Reference {
		t.Fatalf("it answers %+v, %v", c, err)
	}
	return c
}
