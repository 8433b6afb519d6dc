package orders

import (
	"testing"

	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/money"
)

// TestMessagesSayOneThingOnce: a reason is the whole message, and nobody reads of amounts that were never there.
func TestMessagesSayOneThingOnce(t *testing.T) {
	t.Parallel()
	usd := func(minor int64) money.Money { return money.New(minor, "USD") }
	for _, c := range []struct {
		data event.Data
		want string
	}{
		{PaymentDeclined{Reason: "Your bank has declined the payment."}, "Your bank has declined the payment."},
		{PaymentDeclined{}, "Your payment was declined."},
		{PaymentActionRequired{Reason: "Your bank has declined the payment."}, "We could not take your payment. Please choose another way to pay."},
		{PaymentActionRequired{Partial: true}, "We could not take the rest of your payment. Please choose another way to pay."},
		{
			PaymentActionRequired{Partial: true, Fallback: &Fallback{Rank: 3, Provider: "test", Amount: usd(1200)}},
			"We could not take the rest of your payment. May we take 12.00 USD with your payment method number 3 (test)?",
		},
		{PaymentActionRequired{Challenge: true, Reason: "Please confirm the payment in your bank's app."}, "Please confirm the payment in your bank's app."},
		{PaymentActionRequired{Challenge: true}, "Please confirm the payment with your bank."},
		{PaymentVoided{Amount: usd(0)}, "Your payment has been called off; you will not be charged for it."},
		{PaymentVoided{Amount: usd(4400)}, "The payment of 44.00 USD has been released; you will not be charged for it."},
		{CompensationStarted{Steps: []CompensationStep{{Action: "void"}}}, "We are calling your payment off."},
		{CompensationStarted{Steps: []CompensationStep{{Action: "void"}, {Action: "refund"}}}, "We are giving your money back."},
	} {
		if got := message(Order{}, c.data); got != c.want {
			t.Errorf("%s says %q, want %q", c.data.Kind(), got, c.want)
		}
	}
}
