package payment_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/payment"
)

// undated is a desk whose provider shows one charge on each page of its books, and says of none when it has changed. A run
// has time for one page.
func undated(t *testing.T) (d *desk, m *meddler, asked *[]string) {
	t.Helper()
	pace := quick
	pace.Portion = time.Nanosecond
	return undatedAt(t, pace)
}

func undatedAt(t *testing.T, pace payment.Pace) (d *desk, m *meddler, asked *[]string) {
	t.Helper()
	m, asked = &meddler{}, &[]string{}
	d = pacedDesk(t, pace, meddle(m))
	m.turn = func(page string, list []payment.Entry, _ string) ([]payment.Entry, string, error) {
		*asked = append(*asked, page)
		at, _ := strconv.Atoi(page)
		one := list[at]
		one.ChangedAt = time.Now().AddDate(0, 0, -3) // so that it says nothing of how far a run has come
		if at++; at == len(list) {
			return []payment.Entry{one}, "", nil
		}
		return []payment.Entry{one}, strconv.Itoa(at), nil
	}
	return d, m, asked
}

// goesOn fails unless a run says that another must come.
func (d *desk) goesOn() {
	d.t.Helper()
	var later *payment.Later
	if err := d.Reconcile(d.t.Context(), "test"); !errors.As(err, &later) {
		d.t.Fatalf("a run ends with %v", err)
	}
}

// TestBooksWithoutTimesGoOnWhereTheLastRunHasStopped: each page is asked for once. In the end the shop asks about what none of
// them has shown, and about nothing else.
func TestBooksWithoutTimesGoOnWhereTheLastRunHasStopped(t *testing.T) {
	d, m, asked := undated(t)
	for range 4 {
		d.settle(d.place("approve"))
	}
	hidden := d.place("approve")
	d.settle(hidden)
	turn, lookups := m.turn, 0
	m.turn = func(page string, list []payment.Entry, next string) ([]payment.Entry, string, error) {
		return turn(page, slices.DeleteFunc(list, func(e payment.Entry) bool { return e.Key == d.firstKey(hidden) }), next)
	}
	m.before = func(call string) {
		if call == "lookup" {
			lookups++
		}
	}
	for range 3 {
		d.goesOn()
	}
	must(t, d.Reconcile(t.Context(), "test"))
	if want := []string{"", "1", "2", "3"}; !slices.Equal(*asked, want) || lookups != 1 {
		t.Errorf("asked for are the pages %q, want %q, and %d charges by themselves", *asked, want, lookups)
	}
	d.mustFind("")
	d.goesOn() // from the beginning
	if last := (*asked)[4]; last != "" {
		t.Errorf("after the end, page %q is asked for", last)
	}
}

// TestAPageIsAskedForAgainThatWasNotAnswered, but not for ever: a provider may not know it any more.
func TestAPageIsAskedForAgainThatWasNotAnswered(t *testing.T) {
	d, m, asked := undated(t)
	for range 3 {
		d.settle(d.place("approve"))
	}
	turn, away := m.turn, true
	m.turn = func(page string, list []payment.Entry, next string) ([]payment.Entry, string, error) {
		list, next, err := turn(page, list, next)
		if page == "1" && away {
			return nil, "", errors.New("503")
		}
		return list, next, err
	}
	d.goesOn()
	if err := d.Reconcile(t.Context(), "test"); err == nil || !strings.Contains(err.Error(), "503") {
		t.Fatalf("a run ends with %v", err)
	}
	away = false
	d.goesOn()
	d.exec(`update payment_reconciliation_place set kept_at = kept_at - interval '16 minutes'`)
	d.goesOn()
	if want := []string{"", "1", "1", ""}; !slices.Equal(*asked, want) {
		t.Errorf("asked for are the pages %q, want %q", *asked, want)
	}
}

// TestBooksThatNeverEndAreTold, and no run follows at once.
func TestBooksThatNeverEndAreTold(t *testing.T) {
	d, m, _ := undated(t)
	d.settle(d.place("approve"))
	pages := 0
	m.turn = func(_ string, list []payment.Entry, _ string) ([]payment.Entry, string, error) {
		pages++
		list[0].ChangedAt = time.Now().AddDate(0, 0, -3)
		return list, strconv.Itoa(pages), nil
	}
	d.goesOn()
	d.goesOn()
	d.mustFind("")
	d.exec(`update payment_reconciliation_place set began = began - interval '61 minutes'`) // most of it between the runs
	d.goesOn()
	d.mustFind("")
	d.exec(`update payment_reconciliation_place set spent = interval '61 minutes'`)
	must(t, d.Reconcile(t.Context(), "test"))
	d.mustFind("UNREADABLE OPEN")
	if _, detail, _ := d.detail(""); !strings.Contains(detail, "after 1h0m0s of reading they have not come to their end") {
		t.Errorf("told is %q", detail)
	}
	d.goesOn()
	d.mustFind("UNREADABLE OPEN")
}

// TestAPageMayHaveAnyName, also one that is no text of the database.
func TestAPageMayHaveAnyName(t *testing.T) {
	d, m, asked := undated(t)
	d.settle(d.place("approve"))
	m.turn = func(page string, list []payment.Entry, _ string) ([]payment.Entry, string, error) {
		*asked = append(*asked, page)
		list[0].ChangedAt = time.Now().AddDate(0, 0, -3)
		return list, map[string]string{"": "a\x00\xff"}[page], nil
	}
	d.goesOn()
	must(t, d.Reconcile(t.Context(), "test"))
	if want := []string{"", "a\x00\xff"}; !slices.Equal(*asked, want) {
		t.Errorf("asked for are the pages %q, want %q", *asked, want)
	}
}

// TestAPageThatIsNotAnsweredTakesBackNoOther: the next run begins with it, and does not compare again what came before it.
func TestAPageThatIsNotAnsweredTakesBackNoOther(t *testing.T) {
	d, m, asked := undatedAt(t, quick)
	for range 4 {
		d.settle(d.place("approve"))
	}
	turn, silent := m.turn, map[string]bool{"1": true, "3": true}
	m.turn = func(page string, list []payment.Entry, next string) ([]payment.Entry, string, error) {
		list, next, err := turn(page, list, next)
		if silent[page] {
			delete(silent, page)
			return nil, "", errors.New("503")
		}
		return list, next, err
	}
	for range 2 {
		if err := d.Reconcile(t.Context(), "test"); err == nil || !strings.Contains(err.Error(), "503") {
			t.Fatalf("a run ends with %v", err)
		}
	}
	must(t, d.Reconcile(t.Context(), "test"))
	if want := []string{"", "1", "1", "2", "3", "3"}; !slices.Equal(*asked, want) {
		t.Errorf("asked for are the pages %q, want %q", *asked, want)
	}
	d.mustFind("")
}

// TestARunThatIsStoppedAtASecondLookHasReadItsPages: where the books go on is kept before.
func TestARunThatIsStoppedAtASecondLookHasReadItsPages(t *testing.T) {
	d, m, asked := undated(t)
	for range 2 {
		d.settle(d.place("approve"))
	}
	d.exec(`update payment_attempt set captured = authorized where id = (select max(id::text)::uuid from payment_attempt)`)
	d.goesOn()
	must(t, d.Reconcile(t.Context(), "test"))
	d.mustFind("AHEAD OPEN")
	ctx, stop := context.WithCancel(t.Context())
	m.before = func(call string) {
		if call == "lookup" {
			stop()
		}
	}
	if err := d.Reconcile(ctx, "test"); !errors.Is(err, context.Canceled) {
		t.Fatalf("a run that is stopped ends with %v", err)
	}
	m.before = nil
	must(t, d.Reconcile(t.Context(), "test"))
	if want := []string{"", "1", "", "1"}; !slices.Equal(*asked, want) {
		t.Errorf("asked for are the pages %q, want %q", *asked, want)
	}
}

// TestARunThatComesLateBeginsNothingAnew: others have read the books to their end meanwhile.
func TestARunThatComesLateBeginsNothingAnew(t *testing.T) {
	d, m, asked := undated(t)
	for range 3 {
		d.settle(d.place("approve"))
	}
	d.goesOn()
	turn, meanwhile := m.turn, func() {
		d.beside().goesOn()
		must(t, d.beside().Reconcile(t.Context(), "test"))
	}
	m.turn = func(page string, list []payment.Entry, next string) ([]payment.Entry, string, error) {
		list, next, err := turn(page, list, next)
		if do := meanwhile; do != nil {
			meanwhile = nil
			do()
		}
		return list, next, err
	}
	d.goesOn()
	d.goesOn()
	if want := []string{"", "1", "1", "2", ""}; !slices.Equal(*asked, want) {
		t.Errorf("asked for are the pages %q, want %q", *asked, want)
	}
}

// TestOnlyWhatIsAskedForLaterIsRemembered: not what the books show of others, nor of the shop's attempts before that time.
func TestOnlyWhatIsAskedForLaterIsRemembered(t *testing.T) {
	d, m, _ := undated(t)
	d.settle(d.place("approve"))
	m.turn = func(_ string, list []payment.Entry, _ string) ([]payment.Entry, string, error) {
		others := list[0]
		others.Key, others.Reference = uuid.NewString(), uuid.NewString()
		list = append(list, others)
		for i := range list {
			list[i].ChangedAt = time.Now().AddDate(0, 0, -3)
		}
		return list, "1", nil
	}
	d.goesOn()
	var seen []string
	must(t, d.pool.QueryRow(t.Context(), `select seen::text[] from payment_reconciliation_place`).Scan(&seen))
	var mine string
	must(t, d.pool.QueryRow(t.Context(), `select id::text from payment_attempt`).Scan(&mine))
	if !slices.Equal(seen, []string{mine}) {
		t.Errorf("remembered are %v, want %s", seen, mine)
	}
}

// silentBooks is another provider, which does not answer.
type silentBooks struct{ payment.Provider }

func (silentBooks) About() payment.PaymentProvider {
	return payment.PaymentProvider{Name: "silent", Title: "Silent"}
}

func (silentBooks) Charges(context.Context, time.Time, string) ([]payment.Entry, string, error) {
	return nil, "", errors.New("503")
}

// TestAProviderThatIsSilentHoldsUpNoLongBooks of another one: they go on at once, and what is silent is an error in the end.
func TestAProviderThatIsSilentHoldsUpNoLongBooks(t *testing.T) {
	d, _, asked := undated(t)
	d.more = []payment.Provider{silentBooks{d.test}}
	d.Payments = d.process()
	for range 2 {
		d.settle(d.place("approve"))
	}
	d.goesOn()
	if err := d.Reconcile(t.Context(), "test"); err == nil || !strings.Contains(err.Error(), "reconcile with silent: 503") {
		t.Errorf("the last run ends with %v", err)
	}
	if want := []string{"", "1"}; !slices.Equal(*asked, want) {
		t.Errorf("asked for are the pages %q, want %q", *asked, want)
	}
}
