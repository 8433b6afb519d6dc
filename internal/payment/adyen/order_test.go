package adyen_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/simulator"
)

// story is all that can happen to one charge.
func (w *world) story(charge string) map[string][]byte {
	later := func(i *simulator.AdyenItem) { i.EventDate = "2026-11-28T01:02:03+01:00" }
	return map[string][]byte{
		"authorized":     w.note(charge, "AUTHORISATION", "PAYMENT1", total),
		"captured":       w.note(charge, "CAPTURE", "CAPTURE1", total),
		"partly given":   w.note(charge, "REFUND", "REFUND1", 1000),
		"capture failed": w.note(charge, "CAPTURE_FAILED", "CAPTURE1", total, later),
		"charged back":   w.note(charge, "CHARGEBACK", "DISPUTE1", 500),
	}
}

// permutations are all orders of the numbers below n.
func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{nil}
	}
	var all [][]int
	for _, p := range permutations(n - 1) {
		for at := range n {
			all = append(all, slices.Insert(slices.Clone(p), at, n-1))
		}
	}
	return all
}

// TestNotificationsInEveryOrderComeToTheSameEnd looks the charge up after each notification too, as the shop does: no
// amount ever falls, so that what the shop has taken over on the way is the same in the end as well.
func TestNotificationsInEveryOrderComeToTheSameEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	names := []string{"authorized", "captured", "partly given", "capture failed", "charged back"}
	for _, order := range permutations(len(names)) {
		charge := key()
		story := w.story(charge)
		var before payment.Charge
		var seen []string
		for _, i := range order {
			w.learn(t, story[names[i]])
			seen = append(seen, names[i])
			now, err := w.provider.Lookup(t.Context(), charge)
			if slices.Contains(seen, "authorized") != (err == nil) {
				t.Fatalf("after %v it answers %v", seen, err)
			}
			for name, fell := range map[string]bool{
				"authorized": now.Authorized.Minor < before.Authorized.Minor, "captured": now.Captured.Minor < before.Captured.Minor,
				"refunded": now.Refunded.Minor < before.Refunded.Minor, "voided": now.Voided.Minor < before.Voided.Minor,
			} {
				if fell {
					t.Fatalf("after %v less is %s: %+v, then %+v", seen, name, before, now)
				}
			}
			if now.Captured.Minor+now.Voided.Minor > now.Authorized.Minor || now.Refunded.Minor > now.Captured.Minor {
				t.Fatalf("after %v it cannot be: %+v", seen, now)
			}
			before = now
		}
		want := payment.Charge{
			State: payment.ChargeAuthorized, Ref: "PAYMENT1",
			Authorized: usd(total), Captured: usd(total), Refunded: usd(1000), Voided: usd(0), Disputed: usd(total + 500), DisputeLost: usd(0),
		}
		if before != want {
			t.Fatalf("after %v it is %+v", seen, before)
		}
	}
}

// TestEveryNotificationTenTimesAtOnce comes to the same end, and is kept once.
func TestEveryNotificationTenTimesAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	charge := key()
	var all sync.WaitGroup
	for _, body := range w.story(charge) {
		for range 10 {
			all.Go(func() {
				if err := w.provider.Keep(t.Context(), nil, body); err != nil {
					t.Errorf("keep: %v", err)
				}
			})
		}
	}
	all.Wait()
	c, err := w.provider.Lookup(t.Context(), charge)
	if err != nil || c.Captured.Minor != total || c.Refunded.Minor != 1000 || c.Disputed.Minor != total+500 {
		t.Errorf("it is %+v, %v", c, err)
	}
	var kept int
	if err := w.pool.QueryRow(t.Context(), `select count(*) from adyen_notification where charge = $1`, charge).Scan(&kept); err != nil || kept != 5 {
		t.Errorf("%d are kept, %v", kept, err)
	}
}

// TestTheNewestWordOfADisputeCounts, and of a capture that Adyen has tried again, whichever came first.
func TestTheNewestWordOfADisputeCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	on := func(day int) func(*simulator.AdyenItem) {
		return func(i *simulator.AdyenItem) { i.EventDate = fmt.Sprintf("2026-12-%02dT00:00:00Z", day) }
	}
	rapid.Check(t, func(r *rapid.T) {
		charge := key()
		capture := []string{"CAPTURE", "CAPTURE_FAILED", "CAPTURE", "CAPTURE_FAILED"}[:rapid.IntRange(1, 4).Draw(r, "captures")]
		dispute := []string{"NOTIFICATION_OF_CHARGEBACK", "CHARGEBACK", "CHARGEBACK_REVERSED", "SECOND_CHARGEBACK", "PREARBITRATION_WON"}[:rapid.IntRange(0, 5).Draw(r, "disputes")]
		bodies := [][]byte{w.note(charge, "AUTHORISATION", "PAYMENT1", total)}
		for day, code := range capture {
			bodies = append(bodies, w.note(charge, code, "CAPTURE1", total, on(day+1)))
		}
		for day, code := range dispute {
			bodies = append(bodies, w.note(charge, code, "DISPUTE1", 700, on(day+1)))
		}
		order := make([]int, len(bodies))
		for i := range order {
			order[i] = i
		}
		for _, i := range rapid.Permutation(order).Draw(r, "order") {
			w.learn(t, bodies[i])
		}
		var want int64
		if len(capture)%2 == 0 {
			want += total
		}
		if n := len(dispute); n > 0 && n != 3 && n != 5 {
			want += 700
		}
		c, err := w.provider.Lookup(t.Context(), charge)
		if err != nil || c.Captured.Minor != total || c.Disputed.Minor != want {
			r.Errorf("%v and %v make %d captured and %d disputed, not %d: %v", capture, dispute, c.Captured.Minor, c.Disputed.Minor, want, err)
		}
	})
}
