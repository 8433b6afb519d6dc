package simulator_test

import (
	"errors"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/clock"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/payment/simulator"
)

func openBooks(t *testing.T, path string, o simulator.BooksOptions) *simulator.Books {
	t.Helper()
	b, err := simulator.OpenBooks(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

func usd(minor int64) money.Money { return money.New(minor, "USD") }

func ask(token string) simulator.Authorization {
	return simulator.Authorization{
		Face: "remote", Account: account, Key: uuid.NewString(), Reference: uuid.NewString(), Token: token, Amount: usd(4860),
	}
}

func change(charge string, minor int64) simulator.Change {
	return simulator.Change{Key: uuid.NewString(), Charge: charge, Amount: usd(minor)}
}

// done fails unless the books have done what was asked for.
func done(t *testing.T) func(simulator.Answer, error) simulator.Charge {
	return func(a simulator.Answer, err error) simulator.Charge {
		t.Helper()
		if err != nil || a.Refusal != nil {
			t.Fatalf("answered with %+v, %v", a.Refusal, err)
		}
		return a.Charge
	}
}

// refused fails unless it was refused with this code.
func refused(t *testing.T, code string) func(simulator.Answer, error) {
	return func(a simulator.Answer, err error) {
		t.Helper()
		if err != nil || a.Refusal == nil || a.Refusal.Code != code {
			t.Errorf("answered with %+v, %v, not refused as %s", a.Refusal, err, code)
		}
	}
}

func totals(c simulator.Charge) [5]int64 {
	return [5]int64{c.Authorized, c.Captured, c.Refunded, c.Voided, c.Disputed}
}

func TestAKeyMovesMoneyOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "books")
	b := openBooks(t, path, simulator.BooksOptions{})
	a := ask("approve")
	take, give, release := change(a.Key, 3000), change(a.Key, 1000), change(a.Key, 0)
	for i, call := range []func() (simulator.Answer, error){
		func() (simulator.Answer, error) { return b.Authorize(a) },
		func() (simulator.Answer, error) { return b.Capture(take) },
		func() (simulator.Answer, error) { return b.Refund(give) },
		func() (simulator.Answer, error) { return b.Void(release) },
	} {
		var all sync.WaitGroup
		answers := make([]simulator.Answer, 16)
		for n := range answers {
			all.Go(func() {
				answer, err := call()
				if err != nil || answer.Refusal != nil && i < 3 {
					t.Errorf("answered with %+v, %v", answer.Refusal, err)
				}
				answers[n] = answer
			})
		}
		all.Wait()
		first := 0
		for _, answer := range answers {
			if !answer.Again {
				first++
			}
			if !reflect.DeepEqual(answer.First, answers[0].First) || !reflect.DeepEqual(answer.Entry, answers[0].Entry) {
				t.Errorf("one was told %+v, another %+v", answer, answers[0])
			}
		}
		if first != 1 || lines(t, path) != i+1 {
			t.Errorf("call %d was the first %d times, and the books have %d entries", i, first, lines(t, path))
		}
	}
	c, err := b.Charge(a.Key)
	if want := [5]int64{4860, 3000, 1000, 1860, 0}; err != nil || totals(c) != want || c.State != simulator.Closed {
		t.Errorf("it came to %+v, %v", c, err)
	}
	// The first answer is told for good, beside how the charge stands now.
	late, err := b.Capture(take)
	if err != nil || totals(late.First) != [5]int64{4860, 3000, 0, 0, 0} || totals(late.Charge) != totals(c) || late.Refusal != nil {
		t.Errorf("asked again, it answers %+v, %v", late, err)
	}
}

func TestAKeyServesOneWish(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "books")
	b := openBooks(t, path, simulator.BooksOptions{})
	a, other := ask("approve"), ask("approve")
	done(t)(b.Authorize(a))
	done(t)(b.Authorize(other))
	take := change(a.Key, 3000)
	done(t)(b.Capture(take))
	reused := func(_ simulator.Answer, err error) {
		t.Helper()
		if !errors.Is(err, simulator.ErrKeyReused) {
			t.Errorf("answered with %v", err)
		}
	}
	for _, alter := range []func(*simulator.Authorization){
		func(a *simulator.Authorization) { a.Amount.Minor++ },
		func(a *simulator.Authorization) { a.Amount.CurrencyCode = "EUR" },
		func(a *simulator.Authorization) { a.Reference = "another order" },
		func(a *simulator.Authorization) { a.Account = "another merchant" },
		func(a *simulator.Authorization) { a.Token = "decline" },
	} {
		altered := a
		alter(&altered)
		reused(b.Authorize(altered))
	}
	reused(b.Capture(simulator.Change{Key: take.Key, Charge: a.Key, Amount: usd(3001)}))
	reused(b.Capture(simulator.Change{Key: take.Key, Charge: other.Key, Amount: usd(3000)}))
	reused(b.Capture(simulator.Change{Key: take.Key, Charge: a.Key, Amount: money.New(3000, "EUR")}))
	reused(b.Refund(take))
	reused(b.Void(take))
	reused(b.Capture(simulator.Change{Key: a.Key, Charge: a.Key, Amount: usd(1)}))
	if n := lines(t, path); n != 3 {
		t.Errorf("the books have %d entries", n)
	}
}

func TestWhatTheBooksRefuse(t *testing.T) {
	t.Parallel()
	b := openBooks(t, filepath.Join(t.TempDir(), "books"), simulator.BooksOptions{})
	fresh := func(token string) string {
		a := ask(token)
		if _, err := b.Authorize(a); err != nil {
			t.Fatal(err)
		}
		return a.Key
	}
	for token, code := range map[string]string{
		"decline": simulator.CodeDeclined, "decline_insufficient_funds": simulator.CodeFunds, "no such token": simulator.CodeMethod, "": simulator.CodeMethod,
	} {
		refused(t, code)(b.Authorize(ask(token)))
		refused(t, code)(b.Capture(change(fresh(token), 1)))
	}
	nothing := ask("approve")
	nothing.Amount.Minor = 0
	refused(t, simulator.CodeAmount)(b.Authorize(nothing))
	alone := ask("challenge")
	alone.OffSession = true
	refused(t, simulator.CodeChallenge)(b.Authorize(alone))
	refused(t, simulator.CodeNotPaid)(b.Capture(change(fresh("pending"), 1)))
	refused(t, simulator.CodeNotPaid)(b.Capture(change(fresh("challenge"), 1)))
	for _, minor := range []int64{4861, 0, -1} {
		refused(t, simulator.CodeAmount)(b.Capture(change(fresh("approve"), minor)))
	}
	euros := change(fresh("approve"), 1)
	euros.Amount.CurrencyCode = "EUR"
	refused(t, simulator.CodeAmount)(b.Capture(euros))
	refused(t, simulator.CodeAmount)(b.Refund(change(fresh("approve"), 1)))
	if _, err := b.Capture(change(uuid.NewString(), 1)); !errors.Is(err, simulator.ErrUnknownCharge) {
		t.Errorf("an unknown charge is answered with %v", err)
	}
	// A refusal is final for its key, although the amount is there now.
	key := fresh("approve")
	early := change(key, 100)
	refused(t, simulator.CodeAmount)(b.Refund(early))
	done(t)(b.Capture(change(key, 4860)))
	refused(t, simulator.CodeAmount)(b.Refund(early))
}

func TestAVoidClosesTheKeyForGood(t *testing.T) {
	t.Parallel()
	b := openBooks(t, filepath.Join(t.TempDir(), "books"), simulator.BooksOptions{})
	unheard := ask("approve")
	if c := done(t)(b.Void(change(unheard.Key, 0))); c.State != simulator.Closed || totals(c) != [5]int64{} {
		t.Errorf("closed unheard, it is %+v", c)
	}
	refused(t, simulator.CodeClosed)(b.Authorize(unheard))
	for _, token := range []string{"pending", "challenge"} {
		a := ask(token)
		if _, err := b.Authorize(a); err != nil {
			t.Fatal(err)
		}
		done(t)(b.Void(change(a.Key, 0)))
		if settled, err := b.Settle(a.Key); err != nil || !settled.Again || settled.Charge.State != simulator.Closed || settled.Charge.Authorized != 0 {
			t.Errorf("%s settles although it is closed: %+v, %v", token, settled, err)
		}
		refused(t, simulator.CodeClosed)(b.Authorize(a))
	}
	taken := ask("approve")
	done(t)(b.Authorize(taken))
	done(t)(b.Capture(change(taken.Key, 4860)))
	if c := done(t)(b.Void(change(taken.Key, 0))); c.State != simulator.Authorized || totals(c) != [5]int64{4860, 4860, 0, 0, 0} {
		t.Errorf("voided too late, it is %+v", c)
	}
}

func TestOnceReleasesTheRest(t *testing.T) {
	t.Parallel()
	b := openBooks(t, filepath.Join(t.TempDir(), "books"), simulator.BooksOptions{Once: true})
	a := ask("approve")
	done(t)(b.Authorize(a))
	if c := done(t)(b.Capture(change(a.Key, 1000))); totals(c) != [5]int64{4860, 1000, 0, 3860, 0} {
		t.Errorf("it came to %v", totals(c))
	}
	refused(t, simulator.CodeAmount)(b.Capture(change(a.Key, 1)))
}

func TestReservationsLapse(t *testing.T) {
	t.Parallel()
	now := clock.NewFake(time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC))
	b := openBooks(t, filepath.Join(t.TempDir(), "books"), simulator.BooksOptions{Expiry: time.Hour, Clock: now})
	untouched, partly := ask("approve"), ask("approve")
	c := done(t)(b.Authorize(untouched))
	done(t)(b.Authorize(partly))
	done(t)(b.Capture(change(partly.Key, 1000)))
	if want := time.Date(2026, 11, 27, 13, 0, 0, 0, time.UTC); !c.ExpiresAt.Equal(want) {
		t.Errorf("it expires at %s", c.ExpiresAt)
	}
	now.Advance(time.Hour - time.Second)
	if c, err := b.Charge(untouched.Key); err != nil || c.State != simulator.Authorized || c.Rest() != 4860 {
		t.Errorf("a second before, it is %+v, %v", c, err)
	}
	now.Advance(time.Second + time.Millisecond)
	refused(t, simulator.CodeClosed)(b.Capture(change(untouched.Key, 1)))
	changed, err := b.Changed(now.Now().Add(-time.Second), 0, 10)
	if err != nil || len(changed) != 2 || totals(changed[0]) != [5]int64{4860, 0, 0, 4860, 0} || totals(changed[1]) != [5]int64{4860, 1000, 0, 3860, 0} {
		t.Errorf("the books show %+v, %v", changed, err)
	}
}

func TestDisputesTakeBackWhatWasTaken(t *testing.T) {
	t.Parallel()
	b := openBooks(t, filepath.Join(t.TempDir(), "books"), simulator.BooksOptions{})
	a := ask("approve")
	done(t)(b.Authorize(a))
	if early, err := b.Dispute(a.Key, 0); err != nil || !early.Again || early.Charge.Disputed != 0 {
		t.Errorf("nothing was taken, and %+v is disputed, %v", early, err)
	}
	done(t)(b.Capture(change(a.Key, 4000)))
	done(t)(b.Refund(change(a.Key, 1000)))
	for _, step := range []struct{ asked, total int64 }{{500, 500}, {9999, 3000}, {0, 3000}} {
		if c := done(t)(b.Dispute(a.Key, step.asked)); c.Disputed != step.total {
			t.Errorf("after %d more, %d is disputed, not %d", step.asked, c.Disputed, step.total)
		}
	}
}

func TestASavedMethodServesItsCustomer(t *testing.T) {
	t.Parallel()
	b := openBooks(t, filepath.Join(t.TempDir(), "books"), simulator.BooksOptions{})
	a := ask("approve")
	a.Customer, a.Save = "ada", true
	method := done(t)(b.Authorize(a)).Method
	if saved := b.Saved("ada"); len(saved) != 1 || saved[0].Ref != method || saved[0].Label != "Visa ending in 4242" {
		t.Errorf("kept is %+v", saved)
	}
	guest := ask("approve")
	guest.Save = true
	if c := done(t)(b.Authorize(guest)); c.Method != "" {
		t.Errorf("a guest's method is kept as %s", c.Method)
	}
	use := func(customer string) simulator.Authorization {
		u := ask(method)
		u.Customer = customer
		return u
	}
	done(t)(b.Authorize(use("ada")))
	refused(t, simulator.CodeMethod)(b.Authorize(use("bob")))
	refused(t, simulator.CodeMethod)(b.Authorize(use("")))
	for range 2 {
		if err := b.Forget(method); err != nil {
			t.Fatal(err)
		}
	}
	refused(t, simulator.CodeMethod)(b.Authorize(use("ada")))
	if saved := b.Saved("ada"); len(saved) != 0 {
		t.Errorf("kept is still %+v", saved)
	}
}

func TestChangesAreListedInOrderAndByPage(t *testing.T) {
	t.Parallel()
	b := openBooks(t, filepath.Join(t.TempDir(), "books"), simulator.BooksOptions{})
	var keys []string
	for range 5 {
		a := ask("approve")
		done(t)(b.Authorize(a))
		keys = append(keys, a.Key)
	}
	done(t)(b.Capture(change(keys[0], 1))) // it has changed last
	want := append(keys[1:len(keys):len(keys)], keys[0])
	var got []string
	after := int64(0)
	for {
		page, err := b.Changed(time.Time{}, after, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, c := range page {
			got = append(got, c.Key())
			after = c.Change
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("listed are %v, not %v", got, want)
	}
	last, err := b.Charge(keys[0])
	if err != nil {
		t.Fatal(err)
	}
	if page, err := b.Changed(last.ChangedAt, 0, 10); err != nil || len(page) != 1 || page[0].Key() != keys[0] {
		t.Errorf("since the last change: %+v, %v", page, err)
	}
}
