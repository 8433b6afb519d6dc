package testprovider_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/clock"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/paymenttest"
	"github.com/wharfhq/wharf/internal/payment/testprovider"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

func TestPromises(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	paymenttest.Run(t, func(*testing.T) paymenttest.Vendor {
		p := testprovider.New(pool, testprovider.Options{Secret: []byte("secret")})
		return paymenttest.Vendor{
			Provider: p, Approved: "approve", Declined: "decline", Books: true, Saves: true, Challenged: "challenge", Pending: "pending",
			Expires: "expires", Days: "pending_days",
			Refuse: func(t *testing.T, key string, _ payment.Charge) {
				page := p.Challenge(func(context.Context, http.Header, []byte) error { return nil })
				r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("decision=refuse"))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				r.SetPathValue("charge", key)
				w := httptest.NewRecorder()
				if page.ServeHTTP(w, r); w.Code != http.StatusSeeOther {
					t.Fatalf("the bank's page answers %d", w.Code)
				}
			},
			Settle: func(t *testing.T, key string) (http.Header, []byte) {
				header, body, err := p.Settle(t.Context(), key)
				if err != nil {
					t.Fatal(err)
				}
				return header, body
			},
		}
	})
}

func ask(token string) payment.Authorization {
	return payment.Authorization{
		Key: uuid.NewString(), Reference: uuid.NewString(), Token: token, Amount: money.New(4860, "USD"),
	}
}

// TestTokensBook says of each token whether it books, what it answers, and what a look-up finds afterwards.
func TestTokensBook(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	p := testprovider.New(pool, testprovider.Options{Slow: 20 * time.Millisecond})
	for token, want := range map[string]struct {
		answer error
		found  payment.ChargeState // empty: the key is unknown
		books  int64
	}{
		"approve":                    {nil, payment.ChargeAuthorized, 4860},
		"slow":                       {nil, payment.ChargeAuthorized, 4860},
		"decline":                    {payment.ErrDeclined, payment.ChargeDeclined, 0},
		"decline_insufficient_funds": {payment.ErrDeclined, payment.ChargeDeclined, 0},
		"anything else":              {payment.ErrDeclined, payment.ChargeDeclined, 0},
		"timeout":                    {context.DeadlineExceeded, "", 0},
		"error":                      {errAny, "", 0},
		"charge_then_drop":           {io.ErrUnexpectedEOF, payment.ChargeAuthorized, 4860},
		"challenge":                  {payment.ErrActionRequired, payment.ChargeChallenge, 0},
		"pending":                    {nil, payment.ChargePending, 0},
		"pending_declined":           {nil, payment.ChargePending, 0},
		"pending_days":               {nil, payment.ChargePending, 0},
		"pending_days_declined":      {nil, payment.ChargePending, 0},
		"expires":                    {nil, payment.ChargeAuthorized, 4860},
		"expires_declined":           {nil, payment.ChargeAuthorized, 4860},
		"dispute_won":                {nil, payment.ChargeAuthorized, 4860},
		"dispute_lost":               {nil, payment.ChargeAuthorized, 4860},
	} {
		t.Run(token, func(t *testing.T) {
			t.Parallel()
			a := ask(token)
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			_, err := p.Authorize(ctx, a)
			if errors.Is(want.answer, errAny) {
				if err == nil || errors.Is(err, payment.ErrDeclined) || errors.Is(err, payment.ErrActionRequired) {
					t.Errorf("it answers %v, which is a definite answer", err)
				}
			} else if !errors.Is(err, want.answer) {
				t.Errorf("it answers %v, not %v", err, want.answer)
			}
			c, err := p.Lookup(t.Context(), a.Key)
			if want.found == "" {
				if !errors.Is(err, payment.ErrUnknownKey) {
					t.Errorf("its look-up says %+v, %v", c, err)
				}
				return
			}
			if err != nil || c.State != want.found || c.Authorized.Minor != want.books {
				t.Errorf("its look-up says %+v, %v", c, err)
			}
		})
	}
}

var errAny = errors.New("any error that is no definite answer")

func TestSlowTakesTenSecondsInProduction(t *testing.T) {
	t.Parallel()
	p := testprovider.New(pgtest.New(t), testprovider.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	a := ask("slow")
	if _, err := p.Authorize(ctx, a); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it answers %v", err)
	}
	if _, err := p.Lookup(t.Context(), a.Key); !errors.Is(err, payment.ErrUnknownKey) {
		t.Errorf("it has booked before it answered: %v", err)
	}
}

func TestAChallengeIsBookedOnceItIsDone(t *testing.T) {
	t.Parallel()
	p := testprovider.New(pgtest.New(t), testprovider.Options{})
	a := ask("challenge")
	for range 2 {
		if _, err := p.Authorize(t.Context(), a); !errors.Is(err, payment.ErrActionRequired) {
			t.Fatalf("it answers %v", err)
		}
	}
	a.Challenged = true
	c, err := p.Authorize(t.Context(), a)
	if err != nil || c.State != payment.ChargeAuthorized {
		t.Errorf("afterwards it is %s, %v", c.State, err)
	}
}

func TestAKeyServesOneAmount(t *testing.T) {
	t.Parallel()
	p := testprovider.New(pgtest.New(t), testprovider.Options{})
	a := ask("approve")
	if _, err := p.Authorize(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	a.Amount = money.New(1, "USD")
	if c, err := p.Authorize(t.Context(), a); err == nil {
		t.Errorf("another amount under the same key gives %+v", c)
	}
}

func TestPendingSettlesOnceAndTells(t *testing.T) {
	t.Parallel()
	p := testprovider.New(pgtest.New(t), testprovider.Options{Secret: []byte("secret")})
	a := ask("pending")
	if c, err := p.Authorize(t.Context(), a); err != nil || c.State != payment.ChargePending {
		t.Fatalf("it answers %+v, %v", c, err)
	}
	var ids []string
	for range 2 {
		header, body, err := p.Settle(t.Context(), a.Key)
		if err != nil {
			t.Fatal(err)
		}
		notices, err := p.Notification(header, body)
		if want := (payment.Notice{ID: header.Get("Webhook-Id"), Charge: a.Key}); err != nil || len(notices) != 1 || notices[0] != want {
			t.Errorf("its callback reads as %v, %v", notices, err)
		}
		ids = append(ids, header.Get("Webhook-Id"))
	}
	if ids[0] != ids[1] {
		t.Errorf("the same news has the ids %v", ids)
	}
	c, err := p.Lookup(t.Context(), a.Key)
	if err != nil || c.State != payment.ChargeAuthorized || c.Authorized.Minor != 4860 {
		t.Errorf("settled, it is %+v, %v", c, err)
	}
}

func TestAVoidedPendingChargeNeverSettles(t *testing.T) {
	t.Parallel()
	p := testprovider.New(pgtest.New(t), testprovider.Options{Secret: []byte("secret")})
	a := ask("pending")
	if _, err := p.Authorize(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Void(t.Context(), payment.Change{Key: uuid.NewString(), Charge: a.Key, Reference: a.Reference, Amount: a.Amount}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.Settle(t.Context(), a.Key); err != nil {
		t.Fatal(err)
	}
	if c, err := p.Lookup(t.Context(), a.Key); err != nil || c.State != payment.ChargeClosed || c.Authorized.Minor != 0 {
		t.Errorf("it is %+v, %v", c, err)
	}
}

func TestForgedCallbacksAreRefused(t *testing.T) {
	t.Parallel()
	now := clock.NewFake(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
	pool := pgtest.New(t)
	p := testprovider.New(pool, testprovider.Options{Secret: []byte("secret"), Clock: now})
	header, body, err := p.Settle(t.Context(), uuid.NewString())
	if err != nil {
		t.Fatal(err)
	}
	with := func(name, value string) http.Header {
		h := header.Clone()
		h.Set(name, value)
		return h
	}
	for name, forged := range map[string]struct {
		header http.Header
		body   []byte
	}{
		"no signature":      {with("Webhook-Signature", ""), body},
		"another signature": {with("Webhook-Signature", "v1,AAAA"), body},
		"another version":   {with("Webhook-Signature", "v2"+header.Get("Webhook-Signature")[2:]), body},
		"another body":      {header, bytes.Replace(body, []byte("charge"), []byte("refund"), 1)},
		"another time":      {with("Webhook-Timestamp", "1795348801"), body},
		"no time":           {with("Webhook-Timestamp", "soon"), body},
		"another id":        {with("Webhook-Id", "x"), body},
		"no id":             {with("Webhook-Id", ""), body},
		"nothing at all":    {http.Header{}, nil},
	} {
		if keys, err := p.Notification(forged.header, forged.body); !errors.Is(err, payment.ErrForged) {
			t.Errorf("%s: it believes %v, %v", name, keys, err)
		}
	}
	if _, err := p.Notification(header, body); err != nil {
		t.Errorf("the genuine one is refused: %v", err)
	}
	if _, err := p.Notification(with("Webhook-Signature", "v1,AAAA "+header.Get("Webhook-Signature")), body); err != nil {
		t.Errorf("a right signature beside a wrong one is refused: %v", err)
	}
	now.Advance(5*time.Minute + time.Second)
	if _, err := p.Notification(header, body); !errors.Is(err, payment.ErrForged) {
		t.Errorf("an old one is believed: %v", err)
	}
	if _, err := testprovider.New(pool, testprovider.Options{Clock: now}).Notification(header, body); !errors.Is(err, payment.ErrForged) {
		t.Errorf("without a secret it is believed: %v", err)
	}
}
