package stripe

import (
	"fmt"
	"math"

	"github.com/wharfhq/wharf/internal/money"
)

// scale is how Stripe counts a currency that it counts otherwise than ISO 4217, or in which not every amount can be
// charged.
type scale struct {
	times int64 // Stripe's units are so many times the shop's
	per   int64 // and one of them is so many of the shop's
	step  int64 // amounts are a multiple of it, in the shop's units
}

// scales lists them. UGX and ISK have no cents, but Stripe counts them in hundredths of which the last two digits are
// always 0; MGA has fifths, and Stripe counts whole ones; with three digits the last one is always 0.
var scales = map[money.Currency]scale{
	"ISK": {times: 100, per: 1, step: 1},
	"UGX": {times: 100, per: 1, step: 1},
	"MGA": {times: 1, per: 100, step: 100},
	"BHD": {times: 1, per: 1, step: 10},
	"JOD": {times: 1, per: 1, step: 10},
	"KWD": {times: 1, per: 1, step: 10},
	"OMR": {times: 1, per: 1, step: 10},
	"TND": {times: 1, per: 1, step: 10},
}

func scaleOf(c money.Currency) scale {
	if s, ok := scales[c]; ok {
		return s
	}
	return scale{times: 1, per: 1, step: 1}
}

// units is an amount as Stripe counts it, or an error when it can't be charged to the unit.
func units(m money.Money) (int64, error) {
	s := scaleOf(m.CurrencyCode)
	if m.Minor%s.step != 0 {
		return 0, fmt.Errorf("stripe takes %s only in steps of %s", m.CurrencyCode, money.New(s.step, m.CurrencyCode))
	}
	if m.Minor > math.MaxInt64/s.times || m.Minor < math.MinInt64/s.times {
		return 0, money.ErrOverflow
	}
	return m.Minor * s.times / s.per, nil
}

// amount reads what Stripe has counted.
func amount(n int64, c money.Currency) (money.Money, error) {
	if _, known := c.Digits(); !known {
		return money.Money{}, fmt.Errorf("stripe shows amounts in %.10q", c)
	}
	s := scaleOf(c)
	if n%s.times != 0 {
		return money.Money{}, fmt.Errorf("stripe shows %d of %s, which is no whole unit", n, c)
	}
	if n > math.MaxInt64/s.per || n < math.MinInt64/s.per {
		return money.Money{}, money.ErrOverflow
	}
	return money.New(n/s.times*s.per, c), nil
}
