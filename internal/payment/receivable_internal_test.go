package payment

import (
	"testing"

	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
)

// TestWhatOneChargeHasLostPaysForNoOther: a card has given all back and lost it to the bank as well, another one was taken late.
func TestWhatOneChargeHasLostPaysForNoOther(t *testing.T) {
	t.Parallel()
	d := &dossier{order: &orders.Order{TotalPrice: money.New(100, "USD")}}
	d.payment.Attempts = []PaymentAttempt{{captured: 100, refunded: 100, lostFor: 100}, {captured: 70}}
	if got := d.receivable(); got != 30 {
		t.Errorf("%d may come in, not 30", got)
	}
}
