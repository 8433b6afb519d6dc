package payment_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/payment"
)

// silent is a meddler that makes the provider fail while it is told to.
func silent(away *atomic.Bool) *meddler {
	return &meddler{answer: func(_ string, c payment.Charge, err error) (payment.Charge, error) {
		if away.Load() {
			return payment.Charge{}, errors.New("503 service unavailable, secret=hunter2")
		}
		return c, err
	}}
}

// shut lets the breaker of a desk's process open.
func (d *desk) shut() {
	d.t.Helper()
	for range 5 {
		d.work(d.authorize(d.place("approve")))
	}
	if !d.Unavailable()["test"] {
		d.t.Fatal("the breaker has not opened")
	}
}

// asks lets a process make one call, once its breaker lets it.
func (d *desk) asks() {
	d.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; {
		order := d.place("approve")
		d.work(d.authorize(order))
		if len(d.attempts(order)) > 0 {
			return
		}
		if time.Now().After(deadline) {
			d.t.Fatal("the breaker lets nobody see")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (d *desk) endOutages() {
	d.t.Helper()
	if err := d.EndOutages(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
}

// TestAnOutageIsToldOnce, however many processes find it and however often their breakers open and close.
func TestAnOutageIsToldOnce(t *testing.T) {
	var away atomic.Bool
	pace := quick
	pace.Calm = time.Hour
	d := pacedDesk(t, pace, meddle(silent(&away)))
	other := d.beside()
	told := func(unavailable, available int) {
		t.Helper()
		if u, a := d.told("payment.provider_unavailable"), d.told("payment.provider_available"); u != unavailable || a != available {
			t.Fatalf("told are %d outages and %d ends, want %d and %d", u, a, unavailable, available)
		}
	}
	// calms lets as much time pass as a provider must answer for, if it does.
	calms := func() {
		t.Helper()
		const calmsSQL = `
update payment_outage
set answered_at = answered_at - 2 * $1::bigint * interval '1 microsecond'`
		if _, err := d.pool.Exec(t.Context(), calmsSQL, pace.Calm.Microseconds()); err != nil {
			t.Fatal(err)
		}
	}
	d.asks()
	away.Store(true)
	began := time.Now()
	for range 4 {
		d.work(d.authorize(d.place("approve")))
	}
	told(0, 0) // that is no outage yet
	d.shut()
	begun := time.Now()
	told(1, 0)
	other.shut()
	for range 3 { // it opens and closes again and again
		away.Store(false)
		d.asks()
		away.Store(true)
		d.shut()
		d.endOutages()
	}
	told(1, 0)

	away.Store(false)
	d.asks()
	away.Store(true)
	other.asks() // in vain
	away.Store(false)
	calms()
	d.endOutages()
	told(1, 0) // one process has found it silent after another was answered
	back := time.Now()
	other.asks()
	answered := time.Now()
	d.endOutages()
	told(1, 0) // nobody knows yet whether that lasts
	calms()
	var sweeps sync.WaitGroup
	for range 8 {
		sweeps.Go(d.endOutages)
	}
	sweeps.Wait()
	told(1, 1)
	d.endOutages()
	d.asks()
	other.asks()
	told(1, 1)

	var began1, back1 []byte
	const storySQL = `
select u.data::text, a.data::text
from event u
join event a on a.stream = u.stream and a.version = 2
where u.kind = 'payment.provider_unavailable' and u.version = 1 and a.kind = 'payment.provider_available'`
	if err := d.pool.QueryRow(t.Context(), storySQL).Scan(&began1, &back1); err != nil {
		t.Fatal(err)
	}
	var u payment.ProviderUnavailable
	var a payment.ProviderAvailable
	if err := errors.Join(json.Unmarshal(began1, &u), json.Unmarshal(back1, &a)); err != nil {
		t.Fatal(err)
	}
	between := func(from, at, until time.Time) bool {
		return !at.Before(from.Truncate(time.Microsecond)) && !at.After(until)
	}
	if u.Provider != "test" || u.Reason != "it answers that it fails, or what can't be understood" || !between(began, u.Since, begun) {
		t.Errorf("the outage is told as %+v; it began at %s", u, began)
	}
	if a.Provider != "test" || !between(back, a.Since.Add(2*pace.Calm), answered) || !a.Away.Equal(u.Since) {
		t.Errorf("its end is told as %+v; it was back at %s", a, back.Add(-2*pace.Calm))
	}

	away.Store(true)
	d.shut()
	told(2, 1) // a new one
}

// TestAnOutageThatCouldNotBeNoted is noted with a later call.
func TestAnOutageThatCouldNotBeNoted(t *testing.T) {
	var away atomic.Bool
	pace := quick
	pace.Break = 2 * time.Second // longer than it is tried to note it
	d := pacedDesk(t, pace, meddle(silent(&away)))
	lock, err := d.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Rollback(context.WithoutCancel(t.Context())) }()
	if _, err := lock.Exec(t.Context(), `lock table payment_outage in access exclusive mode`); err != nil {
		t.Fatal(err)
	}
	away.Store(true)
	d.shut()
	if err := lock.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := d.told("payment.provider_unavailable"); n != 0 {
		t.Fatalf("%d outages are told although none could be noted", n)
	}
	d.asks()
	if n := d.told("payment.provider_unavailable"); n != 1 {
		t.Errorf("%d outages are told", n)
	}
}
