package cart_test

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/money"
)

func usd(minor int64) money.Money { return money.New(minor, "USD") }

func TestTotalsAgreeWithBigIntegers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 20).Draw(t, "lines")
		lines, sum := make([]cart.Priced, n), new(big.Int)
		wraps := false
		for i := range lines {
			unit := rapid.OneOf(rapid.Int64Range(0, 100_000), rapid.Int64Range(0, math.MaxInt64)).Draw(t, "unit")
			quantity := rapid.IntRange(1, 1_000_000).Draw(t, "quantity")
			amount := new(big.Int).Mul(big.NewInt(unit), big.NewInt(int64(quantity)))
			wraps = wraps || !amount.IsInt64()
			discount := int64(0)
			if amount.IsInt64() {
				discount = rapid.Int64Range(0, amount.Int64()).Draw(t, "discount")
			}
			lines[i] = cart.Priced{Unit: usd(unit), Quantity: quantity, Discount: usd(discount)}
			sum.Add(sum, amount).Sub(sum, big.NewInt(discount))
		}
		shipping := rapid.Int64Range(0, 10_000).Draw(t, "shipping")
		added := rapid.Int64Range(0, 10_000).Draw(t, "tax")

		amounts, subtotal, err := cart.Subtotal("USD", lines)
		fits := !wraps && sum.Cmp(big.NewInt(cart.MaxAmount)) <= 0
		if !fits {
			if !errors.Is(err, cart.ErrAmount) {
				t.Fatalf("%v adds up to %s, and the answer is %v, %v", lines, sum, subtotal, err)
			}
			return
		}
		if err != nil || sum.Cmp(big.NewInt(subtotal.Minor)) != 0 {
			t.Fatalf("%v adds up to %d, %v; want %s", lines, subtotal.Minor, err, sum)
		}
		parts, err := money.Sum("USD", amounts...)
		if err != nil || parts != subtotal {
			t.Fatalf("the lines are %s, the subtotal is %s", parts, subtotal)
		}
		total, err := cart.Total(subtotal, usd(shipping), usd(added))
		want := sum.Int64() + shipping + added
		if want > cart.MaxAmount {
			if !errors.Is(err, cart.ErrAmount) {
				t.Fatalf("a total of %d: %v", want, err)
			}
			return
		}
		if err != nil || total.Minor != want {
			t.Fatalf("total %s, %v; want %d", total, err, want)
		}
	})
}

func TestTotalsRefuseWhatNoOrderCanBe(t *testing.T) {
	t.Parallel()
	for name, lines := range map[string][]cart.Priced{
		"a line that wraps":       {{Unit: usd(math.MaxInt64/2 + 1), Quantity: 2}},
		"lines that wrap":         {{Unit: usd(math.MaxInt64), Quantity: 1}, {Unit: usd(1), Quantity: 1}},
		"just above the bound":    {{Unit: usd(cart.MaxAmount), Quantity: 1}, {Unit: usd(1), Quantity: 1}},
		"a discount beyond price": {{Unit: usd(1), Quantity: 1, Discount: usd(2)}},
	} {
		if _, total, err := cart.Subtotal("USD", lines); !errors.Is(err, cart.ErrAmount) {
			t.Errorf("%s: %s, %v; want %v", name, total, err, cart.ErrAmount)
		}
	}
	if _, total, err := cart.Subtotal("USD", []cart.Priced{{Unit: usd(cart.MaxAmount), Quantity: 1}}); err != nil || total.Minor != cart.MaxAmount {
		t.Errorf("at the bound: %s, %v", total, err)
	}
	if _, _, err := cart.Subtotal("USD", []cart.Priced{{Unit: money.New(1, "EUR"), Quantity: 1}}); !errors.Is(err, money.ErrCurrency) {
		t.Errorf("euros in a cart of dollars: %v", err)
	}
}
