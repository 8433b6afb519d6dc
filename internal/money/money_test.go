package money_test

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/wharfhq/wharf/internal/money"
)

func TestParseAndAmount(t *testing.T) {
	for _, c := range []struct {
		text     string
		currency money.Currency
		minor    int64
		written  string
	}{
		{"12.50", "USD", 1250, "12.50"},
		{"12.5", "USD", 1250, "12.50"},
		{"12", "USD", 1200, "12.00"},
		{"0.05", "USD", 5, "0.05"},
		{"-3.99", "EUR", -399, "-3.99"},
		{"1250", "JPY", 1250, "1250"},
		{"1.250", "KWD", 1250, "1.250"},
		{"10.000", "USD", 1000, "10.00"},
		{"92233720368547758.07", "USD", math.MaxInt64, "92233720368547758.07"},
	} {
		m, err := money.Parse(c.text, c.currency)
		if err != nil || m.Minor != c.minor {
			t.Errorf("Parse(%q, %s) = %v, %v; want %d", c.text, c.currency, m, err, c.minor)
		}
		if string(m.Amount()) != c.written {
			t.Errorf("%q is written %q, want %q", c.text, m.Amount(), c.written)
		}
	}
	for _, bad := range []string{"", ".", "1.", ".5", "1,50", "1e3", "+1", "1.234", " 1", "NaN", "92233720368547758.08", "١"} {
		if m, err := money.Parse(bad, "USD"); err == nil {
			t.Errorf("Parse(%q) = %v, want an error", bad, m)
		}
	}
	if _, err := money.Parse("1", "XYZ1"); err == nil {
		t.Error("an unknown currency was taken")
	}
	if _, err := money.Parse("1.5", "JPY"); err == nil {
		t.Error("half a yen was taken")
	}
}

func TestArithmeticMatchesBigIntegers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64().Draw(t, "a"), rapid.Int64().Draw(t, "b")
		x, y := money.New(a, "USD"), money.New(b, "USD")
		agrees(t, "add", x.Add, y, new(big.Int).Add(big.NewInt(a), big.NewInt(b)))
		got, err := x.Mul(b)
		want := new(big.Int).Mul(big.NewInt(a), big.NewInt(b))
		if err == nil && big.NewInt(got.Minor).Cmp(want) != 0 {
			t.Fatalf("%d * %d = %d", a, b, got.Minor)
		}
		if err != nil && want.IsInt64() && want.Int64() != math.MinInt64 {
			t.Fatalf("%d * %d refused: %v", a, b, err)
		}
	})
}

func agrees(t *rapid.T, what string, op func(money.Money) (money.Money, error), y money.Money, want *big.Int) {
	got, err := op(y)
	if want.IsInt64() != (err == nil) {
		t.Fatalf("%s: fits %v, error %v", what, want.IsInt64(), err)
	}
	if err == nil && got.Minor != want.Int64() {
		t.Fatalf("%s = %d, want %s", what, got.Minor, want)
	}
}

func TestAllocateLosesNoUnit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := money.New(rapid.Int64Range(-1e12, 1e12).Draw(t, "amount"), "EUR")
		weights := rapid.SliceOfN(rapid.Int64Range(0, 1e9), 1, 20).Draw(t, "weights")
		parts, err := m.Allocate(weights)
		if err != nil {
			t.Fatal(err)
		}
		sum, err := money.Sum("EUR", parts...)
		if err != nil || sum != m {
			t.Fatalf("parts %v add up to %v, not %v", parts, sum, m)
		}
	})
}

func TestAllocateGivesTheRestToTheLargestRemainder(t *testing.T) {
	parts, err := money.New(100, "USD").Allocate([]int64{1, 1, 1})
	if err != nil {
		t.Fatal(err)
	}
	if parts[0].Minor != 34 || parts[1].Minor != 33 || parts[2].Minor != 33 {
		t.Errorf("100 over three = %v", parts)
	}
}

func TestShareRoundsHalfAwayFromZero(t *testing.T) {
	for _, c := range []struct{ minor, num, den, want int64 }{
		{1000, 825, 10000, 83}, {-1000, 825, 10000, -83}, {1, 1, 2, 1}, {1, 1, 3, 0}, {199, 19, 119, 32},
	} {
		got, err := money.New(c.minor, "USD").Share(c.num, c.den)
		if err != nil || got.Minor != c.want {
			t.Errorf("%d × %d/%d = %v, %v; want %d", c.minor, c.num, c.den, got.Minor, err, c.want)
		}
	}
}

func TestDifferentCurrenciesDoNotMeet(t *testing.T) {
	if _, err := money.New(1, "USD").Add(money.New(1, "EUR")); err == nil {
		t.Error("dollars and euros were added")
	}
}
