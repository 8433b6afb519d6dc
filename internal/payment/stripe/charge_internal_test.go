package stripe

import (
	"testing"

	api "github.com/stripe/stripe-go/v85"
)

// TestWhatIsReleasedIsNoRefund reads charges of which Stripe says that something was refunded.
func TestWhatIsReleasedIsNoRefund(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status             api.PaymentIntentStatus
		captured, refunded int64
		want               [4]int64 // authorized, captured, voided, refunded
	}{
		"canceled":                              {api.PaymentIntentStatusCanceled, 0, 0, [4]int64{4860, 0, 4860, 0}},
		"canceled by an old version":            {api.PaymentIntentStatusCanceled, 0, 4860, [4]int64{4860, 0, 4860, 0}},
		"captured in part":                      {api.PaymentIntentStatusSucceeded, 1000, 0, [4]int64{4860, 1000, 3860, 0}},
		"captured in part, some of it refunded": {api.PaymentIntentStatusSucceeded, 1000, 300, [4]int64{4860, 1000, 3860, 300}},
		"captured and refunded":                 {api.PaymentIntentStatusSucceeded, 4860, 4860, [4]int64{4860, 4860, 0, 4860}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			charge, err := standing(&api.PaymentIntent{
				ID: "pi_1", Amount: 4860, Currency: api.CurrencyUSD, Status: c.status,
				LatestCharge: &api.Charge{
					ID: "ch_1", Amount: 4860, AmountCaptured: c.captured, AmountRefunded: c.refunded, Status: api.ChargeStatusSucceeded,
				},
			})
			got := [4]int64{charge.Authorized.Minor, charge.Captured.Minor, charge.Voided.Minor, charge.Refunded.Minor}
			if err != nil || got != c.want {
				t.Errorf("it is %v, %v; want %v", got, err, c.want)
			}
		})
	}
}
