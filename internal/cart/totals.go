package cart

import (
	"errors"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/money"
)

// MaxAmount is the largest sum, in minor units, that a cart or an order may come to: far more than anybody buys, and
// far less than what an integer can hold.
const MaxAmount = 1_000_000_000_000_000

// ErrAmount says that a sum is larger than an order can be.
var ErrAmount = fault.New(fault.Invalid, "AMOUNT_OUT_OF_RANGE", "The amount is larger than an order can be.")

// Priced is a line with the price of one unit and what is taken off the whole line.
type Priced struct {
	Unit     money.Money
	Quantity int
	Discount money.Money
}

// Subtotal adds lines up: each line's own amount after its discount, and all of them together.
func Subtotal(c money.Currency, lines []Priced) ([]money.Money, money.Money, error) {
	amounts, total := make([]money.Money, len(lines)), money.Zero(c)
	for i, line := range lines {
		amount, err := line.Unit.Mul(int64(line.Quantity))
		if err != nil {
			return nil, money.Money{}, tooLarge(err)
		}
		if line.Discount != (money.Money{}) {
			if amount, err = amount.Sub(line.Discount); err != nil {
				return nil, money.Money{}, tooLarge(err)
			}
		}
		amounts[i] = amount
		if total, err = total.Add(amount); err != nil {
			return nil, money.Money{}, tooLarge(err)
		}
	}
	return amounts, total, inRange(total)
}

// Total is what is to be paid: the lines, the delivery, and the tax that is not in the prices already.
func Total(subtotal, shipping, addedTax money.Money) (money.Money, error) {
	total, err := money.Sum(subtotal.CurrencyCode, subtotal, shipping, addedTax)
	if err != nil {
		return money.Money{}, tooLarge(err)
	}
	return total, inRange(total)
}

func inRange(m money.Money) error {
	if m.Minor < 0 || m.Minor > MaxAmount {
		return ErrAmount
	}
	return nil
}

// tooLarge turns an overflow into an answer; currencies that differ are a broken invariant.
func tooLarge(err error) error {
	if errors.Is(err, money.ErrOverflow) {
		return ErrAmount
	}
	return err
}
