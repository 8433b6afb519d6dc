package stripe_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/clock"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/simulator"
	"github.com/wharfhq/wharf/internal/payment/stripe"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

// read goes through all pages of the books.
func read(t *testing.T, s *scene, since time.Time) (entries []payment.Entry, pages int) {
	t.Helper()
	for page := ""; ; {
		list, next, err := s.Charges(t.Context(), since, page)
		if err != nil {
			t.Fatal(err)
		}
		entries, pages = append(entries, list...), pages+1
		if next == "" {
			return entries, pages
		}
		if page = next; pages > 100 {
			t.Fatal("the books do not end")
		}
	}
}

func TestTheBooksShowWhatChangesLater(t *testing.T) {
	t.Parallel()
	now := clock.NewFake(time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC))
	terms := onceOnly()
	terms.BooksOptions.Clock, terms.Options.Clock = now, now
	s := open(t, pgtest.New(t), terms)
	old, quiet, declined, unheard := ask("approve"), ask("approve"), ask("decline"), ask("timeout")
	for _, a := range []payment.Authorization{old, quiet} {
		authorize(t, s, a)
		if _, err := s.Capture(t.Context(), change(a, 4860)); err != nil {
			t.Fatal(err)
		}
	}
	now.Advance(5 * time.Hour)
	since := now.Now()
	now.Advance(30 * time.Hour)
	if _, err := s.world.Refund(bookChange(old, 300)); err != nil { // in the dashboard
		t.Fatal(err)
	}
	now.Advance(time.Hour)
	if _, err := s.Authorize(t.Context(), declined); err == nil {
		t.Fatal("a card is not declined")
	}
	if _, err := s.Void(t.Context(), change(unheard, 4860)); err != nil {
		t.Fatal(err)
	}
	now.Advance(time.Minute)
	entries, pages := read(t, s, since)
	if len(entries) != 2 || entries[0].Key != old.Key || entries[1].Key != declined.Key {
		t.Fatalf("they show %+v", entries)
	}
	if e := entries[0]; amounts(e.Charge) != [5]int64{4860, 4860, 300, 0, 0} || e.Reference != old.Reference || !e.ChangedAt.Equal(since.Add(30*time.Hour)) {
		t.Errorf("the old one is %+v", e)
	}
	if e := entries[1]; e.Charge.State != payment.ChargeDeclined {
		t.Errorf("the declined one is %+v", e)
	}
	if pages > 10 {
		t.Errorf("31 quiet hours take %d pages", pages)
	}
	all, _ := read(t, s, since.Add(-6*time.Hour))
	shown := map[string]int{}
	for _, e := range all {
		shown[e.Key]++
	}
	if len(all) != 4 || shown[old.Key] != 2 || shown[quiet.Key] != 1 || shown[declined.Key] != 1 { // the old one where it was made, and where it has changed
		t.Errorf("from the beginning they show %+v", all)
	}
}

// TestABusySecond has more charges in one second than Stripe gives with one call.
func TestABusySecond(t *testing.T) {
	t.Parallel()
	now := clock.NewFake(time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC))
	terms := onceOnly()
	terms.BooksOptions.Clock, terms.Options.Clock = now, now
	s := open(t, pgtest.New(t), terms)
	asked := map[string]bool{}
	for range 130 {
		a := ask("approve")
		authorize(t, s, a)
		asked[a.Key] = true
	}
	now.Advance(time.Minute)
	entries, _ := read(t, s, now.Now().Add(-time.Hour))
	for i, e := range entries {
		if !asked[e.Key] {
			t.Errorf("%s is shown twice, or was never asked for", e.Key)
		}
		delete(asked, e.Key)
		if i > 0 && e.ChangedAt.Before(entries[i-1].ChangedAt) {
			t.Errorf("%s comes after %s", e.ChangedAt, entries[i-1].ChangedAt)
		}
	}
	if len(asked) != 0 {
		t.Errorf("%d are not shown", len(asked))
	}
}

// TestAPageOfABusyAccountIsFewCalls: a page has only seconds, so one that turns out to be too full ends at once, and the
// next one covers less.
func TestAPageOfABusyAccountIsFewCalls(t *testing.T) {
	t.Parallel()
	now := clock.NewFake(time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC))
	terms := onceOnly()
	terms.BooksOptions.Clock, terms.Options.Clock = now, now
	s := open(t, pgtest.New(t), terms)
	var asked []payment.Authorization
	for range 130 {
		a := ask("approve")
		authorize(t, s, a)
		asked = append(asked, a)
	}
	now.Advance(12 * time.Hour)
	since := now.Now()
	want := map[string]time.Time{}
	for _, a := range asked {
		if _, err := s.world.Capture(bookChange(a, 4860)); err != nil {
			t.Fatal(err)
		}
		want[a.Key] = now.Now()
		now.Advance(time.Second)
	}
	g := gated(t, s)
	calls := 0
	count := func(*http.Request) { calls++ }
	g.before.Store(&count)
	full := 0
	for page := ""; ; {
		calls = 0
		entries, next, err := g.provider.Charges(t.Context(), since, page)
		if err != nil {
			t.Fatal(err)
		}
		if limit := 2 + len(entries); calls > limit { // the two lists, and each older one
			t.Errorf("page %q of %d entries takes %d calls", page, len(entries), calls)
		}
		for _, e := range entries {
			if at, ok := want[e.Key]; !ok || !e.ChangedAt.Equal(at) || e.Charge.Captured.Minor != 4860 {
				t.Errorf("page %q shows %+v", page, e)
			}
			delete(want, e.Key)
		}
		if next == "" {
			break
		}
		if len(entries) == 0 {
			full++
		}
		if page = next; full > 100 {
			t.Fatal("the books do not end")
		}
	}
	if full == 0 || len(want) != 0 {
		t.Errorf("%d pages were full, %d charges are not shown", full, len(want))
	}
}

// TestAnIntentThatCannotBeReadIsOneOfMany: what the shop has made is said not to be readable, what another system has made is
// passed over, and all others are shown.
func TestAnIntentThatCannotBeReadIsOneOfMany(t *testing.T) {
	t.Parallel()
	s := open(t, pgtest.New(t), onceOnly())
	good, odd, others := ask("approve"), ask("approve"), ask("approve")
	authorize(t, s, good)
	others.Key = ""
	for _, a := range []payment.Authorization{odd, others} {
		if _, err := s.world.Books.Authorize(simulator.Authorization{
			Face: "stripe", Account: account, Key: a.Key, Reference: a.Reference, Token: a.Token, Amount: money.New(700, "XYZ"),
		}); err != nil {
			t.Fatal(err)
		}
	}
	entries, _ := read(t, s, time.Now().Add(-time.Minute))
	if len(entries) != 2 {
		t.Fatalf("they show %+v", entries)
	}
	if entries[0].Key != good.Key { // made within one second, they come in any order
		slices.Reverse(entries)
	}
	if e := entries[0]; e.Key != good.Key || e.Unread != "" || e.Charge.Authorized.Minor != 4860 {
		t.Errorf("the good one is %+v", e)
	}
	if e := entries[1]; e.Key != odd.Key || e.Reference != odd.Reference || !strings.Contains(e.Unread, "XYZ") || e.Charge != (payment.Charge{}) || e.ChangedAt.IsZero() {
		t.Errorf("the odd one is %+v", e)
	}
}

func TestAPageThatIsNone(t *testing.T) {
	t.Parallel()
	s := open(t, pgtest.New(t), onceOnly())
	for _, page := range []string{"x", "1", "1+0", "1+-5"} {
		if entries, next, err := s.Charges(t.Context(), time.Now(), page); err == nil {
			t.Errorf("page %q is %v, %q", page, entries, next)
		}
	}
}

// TestAnOlderIntentThatIsGoneIsOneOfMany: events tell of it, and Stripe does not know it any more. It is said of that one alone,
// where the shop has made it, and all others are shown.
func TestAnOlderIntentThatIsGoneIsOneOfMany(t *testing.T) {
	t.Parallel()
	now := clock.NewFake(time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC))
	terms := onceOnly()
	terms.BooksOptions.Clock, terms.Options.Clock = now, now
	s := open(t, pgtest.New(t), terms)
	// A dispute says nothing of who has made its intent: the shop remembers that.
	good, gone, disputed, others := ask("approve"), ask("approve"), ask("dispute"), ask("dispute")
	all := []payment.Authorization{good, gone, disputed, others}
	for _, a := range all {
		authorize(t, s, a)
	}
	now.Advance(12 * time.Hour)
	since := now.Now()
	missing := map[string]bool{}
	for _, a := range all {
		if _, err := s.world.Capture(bookChange(a, 4860)); err != nil {
			t.Fatal(err)
		}
		intent := ""
		if err := s.pool.QueryRow(t.Context(), `select intent from stripe_intent where key = $1`, a.Key).Scan(&intent); err != nil {
			t.Fatal(err)
		}
		missing["/stripe/v1/payment_intents/"+intent] = a != good
	}
	if _, err := s.pool.Exec(t.Context(), `delete from stripe_intent where key = $1`, others.Key); err != nil {
		t.Fatal(err)
	}
	now.Advance(time.Minute)
	target, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if missing[r.URL.Path] {
			rw.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(rw, `{"error": {"type": "invalid_request_error", "code": "resource_missing", "message": "No such payment_intent"}}`)
			return
		}
		proxy.ServeHTTP(rw, r)
	}))
	t.Cleanup(server.Close)
	p, err := stripe.New(s.pool, stripe.Options{Key: secretKey, ReturnURL: returnURL, Account: account, URL: server.URL + "/stripe", Clock: now})
	if err != nil {
		t.Fatal(err)
	}
	entries, _, err := p.Charges(t.Context(), since, "")
	if err != nil || len(entries) != 3 {
		t.Fatalf("they show %+v, %v", entries, err)
	}
	shown := map[string]payment.Entry{}
	for _, e := range entries {
		if shown[e.Key] = e; !e.ChangedAt.Equal(since) {
			t.Errorf("%s has changed at %s", e.Key, e.ChangedAt)
		}
	}
	if e := shown[good.Key]; e.Unread != "" || e.Charge.Captured.Minor != 4860 {
		t.Errorf("the good one is %+v", e)
	}
	for key, reference := range map[string]string{gone.Key: gone.Reference, disputed.Key: ""} {
		if e := shown[key]; !strings.Contains(e.Unread, "does not know it") || e.Reference != reference || e.Charge != (payment.Charge{}) {
			t.Errorf("the one that is gone is %+v", e)
		}
	}
}
