package stripe_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/simulator"
	"github.com/wharfhq/wharf/internal/payment/stripe"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

// The promise that these tests are about: once Void has answered, nothing stays reserved under the key, whatever call
// was under way. TestPromises races the two; here each moment is met on purpose.

// gate stands between the shop and the world, and holds a call at a moment of the test's choice.
type gate struct {
	provider *stripe.Provider
	before   atomic.Pointer[func(*http.Request)] // runs before a call is passed on
	after    atomic.Pointer[func(*http.Request)] // runs when it is answered, before the shop hears
}

func gated(t *testing.T, s *scene) *gate {
	t.Helper()
	target, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{}
	proxy := httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if f := g.before.Load(); f != nil {
			(*f)(r)
		}
		proxy.ServeHTTP(rw, r)
	}))
	t.Cleanup(server.Close)
	proxy.ModifyResponse = func(answer *http.Response) error {
		if f := g.after.Load(); f != nil {
			(*f)(answer.Request)
		}
		return nil
	}
	g.provider, err = stripe.New(s.pool, stripe.Options{
		Key: secretKey, Secrets: []string{signing}, ReturnURL: returnURL, Account: account, URL: server.URL + "/stripe", Clock: s.clock,
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func isCreate(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/payment_intents")
}

func isConfirm(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/confirm") }

// TestAVoidMeetsAnAuthorizationAtAnyMoment voids a key at each moment of an authorization that is under way in another
// process.
func TestAVoidMeetsAnAuthorizationAtAnyMoment(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	for name, c := range map[string]struct {
		call  func(*http.Request) bool
		after bool
	}{
		"before the intent is made":                         {call: isCreate},
		"when it is made, and the shop has not heard of it": {call: isCreate, after: true},
		"when the confirmation is on its way":               {call: isConfirm},
		"when it is confirmed, and the shop has not heard":  {call: isConfirm, after: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, pool, onceOnly())
			g := gated(t, s)
			a := ask("approve")
			var voided payment.Charge
			var voidErr error
			times := 0
			strike := func(r *http.Request) {
				if c.call(r) {
					times++
					voided, voidErr = s.Void(t.Context(), change(a, 4860))
				}
			}
			if c.after {
				g.after.Store(&strike)
			} else {
				g.before.Store(&strike)
			}
			authorized, err := g.provider.Authorize(t.Context(), a)
			if times != 1 || voidErr != nil || voided.State != payment.ChargeClosed {
				t.Fatalf("voided %d times: %+v, %v", times, voided, voidErr)
			}
			confirmed := c.after && strings.Contains(name, "confirmed")
			if !confirmed && !errors.Is(err, payment.ErrDeclined) {
				t.Errorf("the authorization answers %+v, %v", authorized, err)
			}
			booked, err := s.world.Books.Charge(a.Key)
			if err != nil && !errors.Is(err, simulator.ErrUnknownCharge) {
				t.Fatal(err)
			}
			if booked.Rest() != 0 || booked.Captured != 0 {
				t.Errorf("%d stays reserved and %d is taken", booked.Rest(), booked.Captured)
			}
			if late, err := s.Authorize(t.Context(), a); !errors.Is(err, payment.ErrDeclined) || late.Authorized.Minor != late.Voided.Minor {
				t.Errorf("asked again, it answers %+v, %v", late, err)
			}
			if c, err := s.Lookup(t.Context(), a.Key); err != nil || c.State != payment.ChargeClosed {
				t.Errorf("looked up, it is %+v, %v", c, err)
			}
		})
	}
}

// TestACloseThatDidNotComeThrough closes a key while its confirmation is on its way, and Stripe does not answer the
// cancel. Nobody may hear that the key is closed until its intent is canceled, since the confirmation still arrives.
func TestACloseThatDidNotComeThrough(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	for name, again := range map[string]func(*scene, payment.Authorization) (payment.Charge, error){
		"looked up":   func(s *scene, a payment.Authorization) (payment.Charge, error) { return s.Lookup(t.Context(), a.Key) },
		"asked again": func(s *scene, a payment.Authorization) (payment.Charge, error) { return s.Authorize(t.Context(), a) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, pool, onceOnly())
			g := gated(t, s)
			a := ask("approve")
			times := 0
			strike := func(r *http.Request) {
				if !isConfirm(r) {
					return
				}
				times++
				if err := s.world.Modes.Set(simulator.Rule{Fault: simulator.Down, Calls: []string{"void"}}); err != nil {
					t.Error(err)
				}
				if c, err := s.Void(t.Context(), change(a, 4860)); err == nil {
					t.Errorf("without an answer, it is voided: %+v", c)
				}
				if c, err := again(s, a); err == nil || errors.Is(err, payment.ErrDeclined) || c.State != "" {
					t.Errorf("while nothing can be canceled, it answers %+v, %v", c, err)
				}
				if err := s.world.Modes.Set(); err != nil {
					t.Error(err)
				}
				c, err := again(s, a)
				if c.State != payment.ChargeClosed || amounts(c) != [5]int64{} || (err != nil && !errors.Is(err, payment.ErrDeclined)) {
					t.Errorf("it answers %+v, %v", c, err)
				}
			}
			g.before.Store(&strike)
			if c, err := g.provider.Authorize(t.Context(), a); !errors.Is(err, payment.ErrDeclined) || c.State != payment.ChargeClosed {
				t.Errorf("the late confirmation answers %+v, %v", c, err)
			}
			if times != 1 {
				t.Errorf("it was confirmed %d times", times)
			}
			if c, err := s.world.Books.Charge(a.Key); err != nil && !errors.Is(err, simulator.ErrUnknownCharge) || c.Rest() != 0 {
				t.Errorf("the books say %+v, %v", c, err)
			}
		})
	}
}

// TestARepeatedCallAfterALostAnswer repeats a call whose answer was lost, at each of the two calls of an authorization.
func TestARepeatedCallAfterALostAnswer(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	for _, call := range []string{"create", "authorize"} {
		for _, fault := range []simulator.Fault{
			simulator.Dropped, simulator.Cut, simulator.Malformed, simulator.Broken, simulator.Throttled, simulator.Down, simulator.Moved, simulator.Oversized,
		} {
			t.Run(fmt.Sprintf("%s %s", call, fault), func(t *testing.T) {
				t.Parallel()
				s := open(t, pool, onceOnly())
				if err := s.world.Modes.Set(simulator.Rule{Fault: fault, Calls: []string{call}}); err != nil {
					t.Fatal(err)
				}
				a := ask("approve")
				charge, err := s.Authorize(t.Context(), a)
				if err == nil || errors.Is(err, payment.ErrDeclined) || errors.Is(err, payment.ErrActionRequired) {
					t.Fatalf("without an answer it says %+v, %v", charge, err)
				}
				for _, secret := range []string{"approve", "_secret_", secretKey} {
					if strings.Contains(err.Error(), secret) {
						t.Errorf("the error tells %q: %v", secret, err)
					}
				}
				if err := s.world.Modes.Set(); err != nil {
					t.Fatal(err)
				}
				charge, err = s.Authorize(t.Context(), a)
				if err != nil || amounts(charge) != [5]int64{4860, 0, 0, 0, 0} {
					t.Errorf("repeated, it answers %+v, %v", charge, err)
				}
				all, err := s.world.Books.Changed(time.Time{}, 0, 10)
				if err != nil || len(all) != 1 || all[0].Authorized != 4860 {
					t.Errorf("the books hold %+v, %v", all, err)
				}
			})
		}
	}
}

func TestAHangingCallEndsInTime(t *testing.T) {
	t.Parallel()
	s := open(t, pgtest.New(t), onceOnly())
	a := ask("timeout")
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if c, err := s.Authorize(ctx, a); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it answers %+v, %v", c, err)
	}
	if c, err := s.Lookup(t.Context(), a.Key); !errors.Is(err, payment.ErrUnknownKey) {
		t.Errorf("looked up, it is %+v, %v", c, err)
	}
	if c, err := s.Void(t.Context(), change(a, 4860)); err != nil || c.State != payment.ChargeClosed || amounts(c) != [5]int64{} {
		t.Errorf("voided, it is %+v, %v", c, err)
	}
}

const forgetSQL = `
delete from stripe_intent
where key = $1`

// TestARestoredDatabase has forgotten a key that Stripe knows.
func TestARestoredDatabase(t *testing.T) {
	t.Parallel()
	terms := onceOnly()
	terms.face.Behind = time.Nanosecond
	s := open(t, pgtest.New(t), terms)
	a := ask("approve")
	if _, err := s.Authorize(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	forget := func() {
		t.Helper()
		if tag, err := s.pool.Exec(t.Context(), forgetSQL, a.Key); err != nil || tag.RowsAffected() != 1 {
			t.Fatal(tag, err)
		}
	}
	forget()
	if c, err := s.Lookup(t.Context(), a.Key); err != nil || c.State != payment.ChargeAuthorized || c.Authorized.Minor != 4860 {
		t.Errorf("looked up, it is %+v, %v", c, err)
	}
	forget()
	if c, err := s.Authorize(t.Context(), a); err != nil || amounts(c) != [5]int64{4860, 0, 0, 0, 0} {
		t.Errorf("asked again, it is %+v, %v", c, err)
	}
	forget()
	if c, err := s.Void(t.Context(), change(a, 4860)); err != nil || amounts(c) != [5]int64{4860, 0, 0, 4860, 0} {
		t.Errorf("voided, it is %+v, %v", c, err)
	}
}

// TestAKeptFailure: Stripe answers a call that has failed on its side with the same failure for a day. What is asked
// for must not wait that long.
func TestAKeptFailure(t *testing.T) {
	t.Parallel()
	s := open(t, pgtest.New(t), onceOnly())
	target, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	a := ask("approve")
	failed := 0
	proxy := httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if isConfirm(r) && r.Header.Get("Idempotency-Key") == a.Key {
			if failed++; failed > 1 {
				rw.Header().Set("Idempotent-Replayed", "true")
			}
			rw.WriteHeader(http.StatusInternalServerError)
			_, _ = io.WriteString(rw, `{"error": {"type": "api_error", "message": "Something went wrong."}}`)
			return
		}
		proxy.ServeHTTP(rw, r)
	}))
	t.Cleanup(server.Close)
	p, err := stripe.New(s.pool, stripe.Options{Key: secretKey, ReturnURL: returnURL, URL: server.URL + "/stripe"})
	if err != nil {
		t.Fatal(err)
	}
	if c, err := p.Authorize(t.Context(), a); err == nil {
		t.Fatalf("a failure is taken for %+v", c)
	}
	if c, err := p.Authorize(t.Context(), a); err != nil || c.Authorized.Minor != 4860 {
		t.Errorf("asked again, it is %+v, %v", c, err)
	}
	if failed != 2 {
		t.Errorf("it was asked %d times under the key", failed)
	}
}

func TestAKeyServesOneAmount(t *testing.T) {
	t.Parallel()
	s := open(t, pgtest.New(t), onceOnly())
	a := ask("approve")
	if _, err := s.Authorize(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	a.Amount.Minor = 1
	if c, err := s.Authorize(t.Context(), a); err == nil {
		t.Errorf("another amount under the same key gives %+v", c)
	}
	a.Key = uuid.NewString()
	a.Amount.CurrencyCode = "MGA"
	if c, err := s.Authorize(t.Context(), a); !errors.Is(err, payment.ErrDeclined) {
		t.Errorf("an amount that can't be charged gives %+v, %v", c, err)
	}
}
