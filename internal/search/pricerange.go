package search

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/wharfhq/wharf/internal/money"
)

// maxPrice bounds the prices that a filter may name: in minor units of any currency they are whole numbers of PostgreSQL's.
const maxPrice = 1e14

// ranges are prices in minor units of which one must hold, as PostgreSQL writes them; nil is any price.
type ranges []string

// with adds the prices from least to most, both included; nil is an open end. What lies between two minor units is no price.
func (r ranges) with(least, most *float64, currency money.Currency) ranges {
	low, high := int64(0), ""
	if least != nil {
		low = -floor(-*least, currency)
	}
	if most != nil {
		top := floor(*most, currency)
		if top < low {
			return append(r, "empty")
		}
		high = strconv.FormatInt(top, 10)
	}
	bracket := "]"
	if high == "" {
		bracket = ")"
	}
	return append(r, fmt.Sprintf("[%d,%s%s", low, high, bracket))
}

// multirange writes the ranges as PostgreSQL reads them; nil where any price will do.
func (r ranges) multirange() *string {
	if r == nil {
		return nil
	}
	text := "{" + strings.Join(r, ",") + "}"
	return &text
}

// floor is the highest number of minor units that is no more than an amount, read as its shortest decimal.
func floor(amount float64, currency money.Currency) int64 {
	exact, ok := new(big.Rat).SetString(minor(strconv.FormatFloat(amount, 'f', -1, 64), currency))
	if !ok {
		return 0
	}
	return new(big.Int).Div(exact.Num(), exact.Denom()).Int64()
}
