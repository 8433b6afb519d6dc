package payment_test

import (
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/id"
)

// codes are what the events of an order say of attempts that came to nothing.
func (d *desk) codes(order id.OrderID) string {
	d.t.Helper()
	steps, err := d.orders.EventsAfter(d.t.Context(), d.pool, order, 0, 1000)
	must(d.t, err)
	var codes []string
	for _, s := range steps {
		if (s.Type == "payment.declined") != (s.Code != nil) {
			d.t.Errorf("%s has the code %v", s.Type, s.Code)
		}
		if s.Code != nil {
			codes = append(codes, string(*s.Code))
		}
	}
	return strings.Join(codes, " ")
}

// TestAnAttemptThatNobodyHasDeclinedSaysSo: a shopper whose bank was never asked must not read of a decline.
func TestAnAttemptThatNobodyHasDeclinedSaysSo(t *testing.T) {
	d := newDesk(t)
	for want, tokens := range map[string][]string{
		"DECLINED":  {"decline", "approve"},
		"NO_ANSWER": {"error", "approve"},
	} {
		order := d.place(tokens...)
		d.settle(order)
		if got := d.codes(order); got != want {
			t.Errorf("%v ends with %s, not %s", tokens, got, want)
		}
	}
	left := d.place("challenge")
	d.settle(left)
	if _, err := d.update(left, "other", "approve"); err != nil {
		t.Fatal(err)
	}
	d.settle(left)
	if got := d.codes(left); got != "REPLACED" {
		t.Errorf("a challenge that was left ends with %s", got)
	}
}
