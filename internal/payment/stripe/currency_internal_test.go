package stripe

import (
	"errors"
	"math"
	"testing"

	"github.com/wharfhq/wharf/internal/money"
)

func TestUnits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		amount money.Money
		want   int64
	}{
		"cents":                                    {money.New(4860, "USD"), 4860},
		"forints have hundredths when charged":     {money.New(4860, "HUF"), 4860},
		"yen have none":                            {money.New(500, "JPY"), 500},
		"crowns are counted in hundredths":         {money.New(5, "ISK"), 500},
		"shillings are counted in hundredths":      {money.New(5, "UGX"), 500},
		"ariary are counted whole":                 {money.New(500, "MGA"), 5},
		"three digits, the last of which is 0":     {money.New(5120, "KWD"), 5120},
		"the largest amount that fits":             {money.New(math.MaxInt64/100, "ISK"), math.MaxInt64 / 100 * 100},
		"nothing":                                  {money.New(0, "ISK"), 0},
		"an amount of ariary that needs no fifths": {money.New(100, "MGA"), 1},
	} {
		got, err := units(c.amount)
		if err != nil || got != c.want {
			t.Errorf("%s: %s is %d, %v, not %d", name, c.amount, got, err, c.want)
		}
		back, err := amount(got, c.amount.CurrencyCode)
		if err != nil || back != c.amount {
			t.Errorf("%s: %d reads as %s, %v, not %s", name, got, back, err, c.amount)
		}
	}
}

func TestUnitsThatStripeDoesNotCount(t *testing.T) {
	t.Parallel()
	for _, m := range []money.Money{money.New(5124, "KWD"), money.New(120, "MGA"), money.New(math.MaxInt64/100+1, "UGX")} {
		if n, err := units(m); err == nil {
			t.Errorf("%s is sent as %d", m, n)
		}
	}
	if m, err := amount(550, "ISK"); err == nil {
		t.Errorf("550 of ISK reads as %s", m)
	}
	if _, err := amount(math.MaxInt64/100+1, "MGA"); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("too many ariary read with %v", err)
	}
}
