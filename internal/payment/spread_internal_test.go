package payment

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
)

// TestPartsAddUpToTheUnit whatever is there: nobody gives more than they have, and the first give first.
func TestPartsAddUpToTheUnit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		available := rapid.SliceOfN(rapid.Int64Range(-5, 1_000_000), 0, 8).Draw(t, "available")
		amount := rapid.Int64Range(0, 3_000_000).Draw(t, "amount")
		var most, sum int64
		for _, a := range available {
			most += max(a, 0)
		}
		parts := spread(amount, available)
		for i, part := range parts {
			if part < 0 || part > max(available[i], 0) {
				t.Fatalf("part %d is %d of %d", i, part, available[i])
			}
			if part < max(available[i], 0) && sum+part != amount {
				t.Fatalf("part %d is not used up, and the next gives", i)
			}
			sum += part
		}
		if sum != min(amount, most) {
			t.Fatalf("the parts add up to %d, not %d", sum, min(amount, most))
		}
	})
}

// TestSharesPayExactlyWhatIsOwed for any list of methods, whichever of them are declined: what is authorized and what is
// left are the total at every step, and no share is above what is left.
func TestSharesPayExactlyWhatIsOwed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		owed := rapid.Int64Range(1, 100_000).Draw(t, "owed")
		d := dossier{order: &orders.Order{}, payment: Payment{Amount: money.New(owed, "USD")}, now: time.Now()}
		rest := owed
		for range rapid.IntRange(1, maxMethods).Draw(t, "methods") {
			m := Method{Provider: "test"}
			if rest > 0 && rapid.Bool().Draw(t, "named") {
				named := money.New(rapid.Int64Range(1, rest).Draw(t, "amount"), "USD")
				rest -= named.Minor
				m.Amount = &money.MoneyInput{Amount: named.Amount(), CurrencyCode: "USD"}
			}
			d.payment.methods = append(d.payment.methods, m)
		}
		var authorized int64
		for d.payment.tried = range d.payment.methods {
			share := d.share()
			if share < 0 || share > d.left() {
				t.Fatalf("method %d would be asked for %d of %d", d.payment.tried, share, d.left())
			}
			if share == 0 {
				continue
			}
			a := PaymentAttempt{ID: id.NewPaymentAttemptID(), stage: stageDeclined, amount: money.New(share, "USD")}
			if rapid.Bool().Draw(t, "approved") {
				a.stage, a.authorized = stageAuthorized, share
				authorized += share
			}
			d.payment.Attempts = append(d.payment.Attempts, a)
			if authorized+d.left() != owed {
				t.Fatalf("%d are authorized and %d left of %d", authorized, d.left(), owed)
			}
		}
	})
}

func TestTheLeadGrowsWithTheLife(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	for life, lead := range map[time.Duration]time.Duration{
		7 * 24 * time.Hour: 24 * time.Hour, 30 * 24 * time.Hour: 24 * time.Hour, 8 * time.Hour: 2 * time.Hour,
		3 * time.Minute: time.Minute, time.Minute: 30 * time.Second, time.Second: 500 * time.Millisecond, -time.Hour: 0,
	} {
		a := PaymentAttempt{}
		end := now.Add(life)
		a.lasts(&end, now)
		if got := a.ExpiresAt.Sub(*a.RenewAt); got != lead {
			t.Errorf("of %v a lead of %v, not %v", life, got, lead)
		}
	}
	a := PaymentAttempt{}
	a.lasts(nil, now)
	if a.ExpiresAt != nil || a.RenewAt != nil {
		t.Error("what has no end is to be renewed")
	}
}
