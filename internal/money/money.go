// Package money holds amounts as integers of a currency's smallest unit. No amount is ever a float: sums are
// checked for overflow, and what is shared out adds up to the unit.
package money

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"strings"
)

// Money is an amount in one currency. It is the vocabulary's MoneyV2.
type Money struct {
	Minor        int64    `json:"minor"` // in the currency's smallest unit: cents for USD, yen for JPY, fils for KWD
	CurrencyCode Currency `json:"currency"`
}

// ErrOverflow says that a result does not fit: the order is too large to be true.
var ErrOverflow = errors.New("amount out of range")

// ErrCurrency says that two amounts of different currencies met.
var ErrCurrency = errors.New("amounts of different currencies")

// New makes an amount from minor units.
func New(minor int64, c Currency) Money { return Money{Minor: minor, CurrencyCode: c} }

// Zero is nothing, in that currency.
func Zero(c Currency) Money { return Money{CurrencyCode: c} }

// Parse reads a decimal such as 12.50 with at most the currency's own number of digits after the point. It takes
// an optional minus sign, and neither exponents nor grouping.
func Parse(text string, c Currency) (Money, error) {
	digits, ok := c.Digits()
	if !ok {
		return Money{}, fmt.Errorf("unknown currency %.10q", string(c))
	}
	rest, negative := strings.CutPrefix(text, "-")
	whole, fraction, point := strings.Cut(rest, ".")
	if whole == "" || (point && fraction == "") || !allDigits(whole) || !allDigits(fraction) {
		return Money{}, fmt.Errorf("%.40q is no amount", text)
	}
	trimmed := fraction
	for len(trimmed) > digits && trimmed[len(trimmed)-1] == '0' {
		trimmed = trimmed[:len(trimmed)-1]
	}
	if len(trimmed) > digits {
		return Money{}, fmt.Errorf("%.40q has more than the %d decimals of %s", text, digits, c)
	}
	n, ok := new(big.Int).SetString(whole+trimmed+strings.Repeat("0", digits-len(trimmed)), 10)
	if !ok || !n.IsInt64() {
		return Money{}, ErrOverflow
	}
	minor := n.Int64()
	if negative {
		minor = -minor
	}
	return Money{Minor: minor, CurrencyCode: c}, nil
}

func allDigits(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}

// Amount is the amount as a decimal string, with the currency's digits: 12.50 USD, 1250 JPY.
func (m Money) Amount() Decimal {
	digits, _ := m.CurrencyCode.Digits()
	sign, n := "", uint64(m.Minor)
	if m.Minor < 0 {
		sign, n = "-", -n
	}
	text := fmt.Sprintf("%0*d", digits+1, n)
	if digits == 0 {
		return Decimal(sign + text)
	}
	at := len(text) - digits
	return Decimal(sign + text[:at] + "." + text[at:])
}

// String is the amount with its currency, for logs and mails.
func (m Money) String() string { return string(m.Amount()) + " " + string(m.CurrencyCode) }

// IsZero says that nothing is owed.
func (m Money) IsZero() bool { return m.Minor == 0 }

// Add is m + o, or ErrCurrency, or ErrOverflow.
func (m Money) Add(o Money) (Money, error) {
	if m.CurrencyCode != o.CurrencyCode {
		return Money{}, fmt.Errorf("%w: %s and %s", ErrCurrency, m.CurrencyCode, o.CurrencyCode)
	}
	sum := m.Minor + o.Minor
	if (m.Minor > 0 && o.Minor > 0 && sum < 0) || (m.Minor < 0 && o.Minor < 0 && sum >= 0) {
		return Money{}, ErrOverflow
	}
	return Money{sum, m.CurrencyCode}, nil
}

// Sub is m - o, or ErrCurrency, or ErrOverflow.
func (m Money) Sub(o Money) (Money, error) {
	if o.Minor == math.MinInt64 {
		return Money{}, ErrOverflow
	}
	return m.Add(Money{-o.Minor, o.CurrencyCode})
}

// Mul is the amount n times, or ErrOverflow.
func (m Money) Mul(n int64) (Money, error) {
	hi, lo := bits.Mul64(abs(m.Minor), abs(n))
	negative := (m.Minor < 0) != (n < 0)
	if hi != 0 || lo > math.MaxInt64 {
		return Money{}, ErrOverflow
	}
	product := int64(lo)
	if negative {
		product = -product
	}
	return Money{product, m.CurrencyCode}, nil
}

// Sum adds amounts up; of none it is zero in currency c.
func Sum(c Currency, amounts ...Money) (Money, error) {
	total := Zero(c)
	var err error
	for _, a := range amounts {
		if total, err = total.Add(a); err != nil {
			return Money{}, err
		}
	}
	return total, nil
}

// Share is the part num/den of the amount, rounded half away from zero to the smallest unit. den is positive.
func (m Money) Share(num, den int64) (Money, error) {
	if den <= 0 {
		return Money{}, fmt.Errorf("share of %d/%d", num, den)
	}
	n := new(big.Int).Mul(big.NewInt(m.Minor), big.NewInt(num))
	negative := n.Sign() < 0
	n.Abs(n).Lsh(n, 1).Add(n, big.NewInt(den)).Quo(n, new(big.Int).Lsh(big.NewInt(den), 1))
	if !n.IsInt64() {
		return Money{}, ErrOverflow
	}
	minor := n.Int64()
	if negative {
		minor = -minor
	}
	return Money{minor, m.CurrencyCode}, nil
}

// Allocate shares the amount out by weights so that the parts add up to it exactly: every part is rounded toward
// zero, and the units left over go one each to the parts with the largest remainders, the earlier first.
// Weights are not negative; when all are zero the parts are equal.
func (m Money) Allocate(weights []int64) ([]Money, error) {
	if len(weights) == 0 {
		return nil, nil
	}
	total := new(big.Int)
	for _, w := range weights {
		if w < 0 {
			return nil, fmt.Errorf("negative weight %d", w)
		}
		total.Add(total, big.NewInt(w))
	}
	if total.Sign() == 0 {
		equal := make([]int64, len(weights))
		for i := range equal {
			equal[i] = 1
		}
		return m.Allocate(equal)
	}
	parts, rests := make([]Money, len(weights)), make([]*big.Int, len(weights))
	left := m.Minor
	for i, w := range weights {
		q, r := new(big.Int).QuoRem(new(big.Int).Mul(big.NewInt(m.Minor), big.NewInt(w)), total, new(big.Int))
		parts[i], rests[i] = Money{q.Int64(), m.CurrencyCode}, r.Abs(r)
		left -= q.Int64()
	}
	step := int64(1)
	if left < 0 {
		step = -1
	}
	for ; left != 0; left -= step {
		best := 0
		for i := range rests {
			if rests[i].Cmp(rests[best]) > 0 {
				best = i
			}
		}
		parts[best].Minor += step
		rests[best] = big.NewInt(-1)
	}
	return parts, nil
}

func abs(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}
