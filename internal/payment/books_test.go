package payment_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/payment"
)

// TestBooksThatMakeNoSenseAreToldOnce: what could be read of them is compared, and it is no break any more once they can be read
// to their end.
func TestBooksThatMakeNoSenseAreToldOnce(t *testing.T) {
	malformed := payment.Nonsense(errors.New("its answer is no JSON"))
	for name, c := range map[string]struct {
		turn func(page string, list []payment.Entry, next string) ([]payment.Entry, string, error)
		says string
	}{
		"with what could be read": {func(_ string, list []payment.Entry, _ string) ([]payment.Entry, string, error) {
			return list, "", fmt.Errorf("read the books: %w", malformed)
		}, "its answer is no JSON"},
		"a page later": {func(page string, list []payment.Entry, _ string) ([]payment.Entry, string, error) {
			if page == "" {
				return list, "", nil
			}
			return nil, "", malformed
		}, "its answer is no JSON"},
		"a page that comes again": {func(page string, list []payment.Entry, _ string) ([]payment.Entry, string, error) {
			return list, map[string]string{"": "", "a": "b", "b": "a"}[page], nil
		}, `after page "b" comes page "a", which has been read`},
	} {
		t.Run(name, func(t *testing.T) {
			m := &meddler{}
			d := newDesk(t, meddle(m))
			order := d.place("approve")
			d.settle(order)
			d.outside(order, "capture", total)
			m.turn = func(page string, list []payment.Entry, next string) ([]payment.Entry, string, error) {
				list, after, err := c.turn(page, list, next)
				if page == "" && err == nil { // there is a second page
					after = "a"
				}
				return list, after, err
			}
			d.reconcile()
			d.reconcile()
			if got := d.order(order).Paid.Captured.Minor; got != total {
				t.Errorf("%d are taken over", got)
			}
			if found := d.breaks(); found != "UNREADABLE OPEN, BEHIND REPAIRED" && found != "BEHIND REPAIRED, UNREADABLE OPEN" {
				t.Errorf("found is %q", found)
			}
			if n := d.told("payment.reconciliation_broken"); n != 2 {
				t.Errorf("the operators were told of %d breaks", n)
			}
			if kind, detail, of := d.detail(""); kind != payment.BreakUnreadable || !strings.Contains(detail, c.says) || of != nil {
				t.Errorf("told is %s, %q, of %v", kind, detail, of)
			}
			m.turn = nil
			d.reconcile()
			if found := d.breaks(); strings.Contains(found, "OPEN") || !strings.Contains(found, "UNREADABLE RESOLVED") {
				t.Errorf("in the end found is %q", found)
			}
		})
	}
}

// TestBooksThatAreNotAnsweredAreWaitedFor: nobody is told, and the run is an error, so that the next one begins at the same place.
func TestBooksThatAreNotAnsweredAreWaitedFor(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("approve")
	d.settle(order)
	d.outside(order, "capture", total)
	m.turn = func(string, []payment.Entry, string) ([]payment.Entry, string, error) {
		return nil, "", errors.New("503")
	}
	if err := d.Reconcile(t.Context(), "test"); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("the run ends with %v", err)
	}
	d.mustFind("")
	m.turn = nil
	d.reconcile()
	d.mustFind("BEHIND REPAIRED")
}

// TestAChargeOfNoKeyDoesNotEndWhatIsToldOfTheBooks, though what is told of the books is of no charge either.
func TestAChargeOfNoKeyDoesNotEndWhatIsToldOfTheBooks(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("approve")
	d.settle(order)
	m.turn = func(_ string, list []payment.Entry, _ string) ([]payment.Entry, string, error) {
		released := held(0, 0, total)
		list = append(list, payment.Entry{Reference: uuid.UUID(order).String(), ChangedAt: list[0].ChangedAt, Charge: released})
		return list, "", payment.Nonsense(errors.New("its answer is cut"))
	}
	for range 3 {
		must(t, d.Reconcile(t.Context(), "test"))
		d.mustFind("UNREADABLE OPEN")
	}
}

// TestAProviderWhoseAnswersMakeNoSenseIsNotTakenForSilent: each charge of which it tells nonsense is a break, and those behind
// them are asked about.
func TestAProviderWhoseAnswersMakeNoSenseIsNotTakenForSilent(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	m.answer = func(call string, c payment.Charge, err error) (payment.Charge, error) {
		switch call {
		case "authorize":
			return held(0, 0, 0), nil
		case "lookup":
			return payment.Charge{}, payment.Nonsense(errors.New("it is in no language"))
		}
		return c, err
	}
	for range 7 {
		d.settle(d.place("error")) // the shop believes in a charge that is in no books
	}
	must(t, d.Reconcile(t.Context(), "test"))
	must(t, d.Reconcile(t.Context(), "test"))
	d.mustFind(strings.TrimSuffix(strings.Repeat("MISSING OPEN, ", 7), ", "))
}

// TestNonsenseIsToldOfFewOpenBreaks: a provider that answers nothing but nonsense adds a break to five open ones at most in a run.
func TestNonsenseIsToldOfFewOpenBreaks(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	for range 7 {
		d.settle(d.place("approve"))
	}
	d.exec(`update payment_attempt set captured = authorized`)
	must(t, d.Reconcile(t.Context(), "test"))
	m.turn = func(string, []payment.Entry, string) ([]payment.Entry, string, error) { return nil, "", nil }
	m.answer = func(call string, c payment.Charge, err error) (payment.Charge, error) {
		if call == "lookup" {
			return payment.Charge{}, payment.Nonsense(errors.New("it is in no language"))
		}
		return c, err
	}
	for _, want := range []int{7 + 5, 7 + 7} { // the second run begins with those that the first has left
		must(t, d.Reconcile(t.Context(), "test"))
		if n := d.told("payment.reconciliation_broken"); n != want {
			t.Errorf("the operators were told of %d breaks, want %d", n, want)
		}
	}
}

// TestWhatIsToldOfBooksEndsWithTheBooks: the provider is not plugged in any more, or shows none.
func TestWhatIsToldOfBooksEndsWithTheBooks(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	m.turn = func(string, []payment.Entry, string) ([]payment.Entry, string, error) {
		return nil, "", payment.Nonsense(errors.New("no JSON"))
	}
	must(t, d.Reconcile(t.Context(), "test"))
	d.exec(`update payment_reconciliation_break set provider = 'sold', state = 'RESOLVED', settled_at = clock_timestamp()`) // so that this run passes it over
	must(t, d.Reconcile(t.Context(), "test"))
	d.exec(`update payment_reconciliation_break set provider = 'manual' where provider = 'test'`)
	d.exec(`update payment_reconciliation_break set state = 'OPEN', settled_at = null where provider = 'sold'`)
	m.turn = nil
	d.exec(`insert into payment_reconciliation_break (id, provider, charge, kind, detail, state)
values (gen_random_uuid(), 'sold', 'a', 'MISSING', 'gone', 'OPEN')`)
	d.reconcile()
	var open []string
	must(t, d.pool.QueryRow(t.Context(), `
select array_agg(provider || ' ' || kind) from payment_reconciliation_break where state = 'OPEN'`).Scan(&open))
	if !slices.Equal(open, []string{"sold MISSING"}) {
		t.Errorf("open are %v", open)
	}
	if n := d.told("payment.reconciliation_mended"); n != 2 {
		t.Errorf("the operators were told of %d ends", n)
	}
	var ended int
	must(t, d.pool.QueryRow(t.Context(), `
select count(*) from event where kind = 'payment.reconciliation_mended' and data ->> 'reason' = 'UNREADABLE'`).Scan(&ended))
	if ended != 2 {
		t.Errorf("%d ends are told as those of books that could not be read", ended)
	}
}

// TestAStrayChargeOfAPageThatMakesNoSenseIsNotGivenBackYet: it is told, and goes back once the page can be read.
func TestAStrayChargeOfAPageThatMakesNoSenseIsNotGivenBackYet(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("approve")
	d.settle(order)
	key := uuid.NewString()
	_, err := d.test.Authorize(t.Context(), payment.Authorization{Key: key, Reference: uuid.UUID(order).String(), Token: "approve", Amount: money.New(700, "USD")})
	must(t, err)
	m.turn = func(_ string, list []payment.Entry, _ string) ([]payment.Entry, string, error) {
		return list, "", payment.Nonsense(errors.New("its next page is none"))
	}
	for _, want := range []struct {
		kind payment.BreakState
		held int64
	}{{payment.BreakOpen, 700}, {payment.BreakOpen, 700}, {payment.BreakRepaired, 0}} {
		if want.kind == payment.BreakRepaired {
			m.turn = nil
		}
		d.reconcile()
		var state payment.BreakState
		must(t, d.pool.QueryRow(t.Context(), `select state from payment_reconciliation_break where charge = $1 and kind = 'STRAY_CHARGE'`, key).Scan(&state))
		c, err := d.test.Lookup(t.Context(), key)
		if held := c.Authorized.Minor - c.Voided.Minor; err != nil || state != want.kind || held != want.held {
			t.Errorf("the stray charge is %s with %d held, %v; want %s with %d", state, held, err, want.kind, want.held)
		}
	}
}
