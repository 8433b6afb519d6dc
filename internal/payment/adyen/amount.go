package adyen

import (
	"fmt"
	"math"

	"github.com/wharfhq/wharf/internal/money"
)

// amount is an amount as Adyen writes it.
type amount struct {
	Currency string `json:"currency"`
	Value    int64  `json:"value"`
}

// adyenDigits are the currencies that Adyen counts with another number of digits after the point than ISO 4217 has.
var adyenDigits = map[money.Currency]int{"CLP": 2, "CVE": 0, "IDR": 0, "ISK": 2}

// apart says by which power of ten Adyen's minor unit is smaller than the shop's; below 0 it is larger.
func apart(c money.Currency) (int, error) {
	ours, ok := c.Digits()
	if !ok {
		return 0, fmt.Errorf("adyen: %.10q is no currency", string(c))
	}
	if theirs, ok := adyenDigits[c]; ok {
		return theirs - ours, nil
	}
	return 0, nil
}

// inMinorUnits writes an amount as Adyen does. One that Adyen cannot count, such as half a rupiah, is an error.
func inMinorUnits(m money.Money) (amount, error) {
	if m.CurrencyCode == "" {
		return amount{}, nil
	}
	digits, err := apart(m.CurrencyCode)
	if err != nil {
		return amount{}, err
	}
	value, err := shift(m.Minor, digits)
	return amount{Currency: string(m.CurrencyCode), Value: value}, err
}

// money reads an amount of Adyen. One that the shop cannot count is an error: it is not what was asked for.
func (a amount) money() (money.Money, error) {
	digits, err := apart(money.Currency(a.Currency))
	if err != nil {
		return money.Money{}, err
	}
	value, err := shift(a.Value, -digits)
	return money.New(value, money.Currency(a.Currency)), err
}

// shift moves the point of a number, and loses nothing.
func shift(n int64, digits int) (int64, error) {
	for ; digits > 0; digits-- {
		if n > math.MaxInt64/10 || n < math.MinInt64/10 {
			return 0, money.ErrOverflow
		}
		n *= 10
	}
	for ; digits < 0; digits++ {
		if n%10 != 0 {
			return 0, fmt.Errorf("adyen: %d is no whole number of the currency's smallest unit", n)
		}
		n /= 10
	}
	return n, nil
}
