package payment_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/payment"
)

// undated is a desk whose provider shows one charge on each page of its books, and says of none when it has changed. A run
// has time for one page.
func undated(t *testing.T) (d *desk, m *meddler, asked *[]string) {
	t.Helper()
	pace := quick
	pace.Portion = time.Nanosecond
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
	d.exec(`update payment_reconciliation_place set began = began - interval '61 minutes'`)
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
