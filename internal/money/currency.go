package money

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/text/currency"
)

// Currency is an ISO 4217 code, such as USD. It is the vocabulary's CurrencyCode.
type Currency string

// Digits is the number of digits after the point in ISO 4217 (JPY 0, USD 2, KWD 3, CLF 4); false for a code that
// is none. What is no money to pay with, such as gold, has none, and what was withdrawn counts only where the vocabulary
// still has it.
func (c Currency) Digits() (int, bool) {
	if d, ok := digits[c]; ok {
		return d, true
	}
	_, ok := names[c]
	return 2, ok
}

// Symbol is how shoppers see the currency, such as $ or €.
func (c Currency) Symbol() string {
	unit, err := currency.ParseISO(string(c))
	if err != nil {
		return string(c)
	}
	return fmt.Sprint(currency.NarrowSymbol(unit))
}

// digits lists the currencies whose minor unit is not two digits, and those of ISO 4217 that the vocabulary has not.
var digits = map[Currency]int{
	"BIF": 0, "BYR": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0,
	"UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
	"CLF": 4, "UYW": 4,
	"BOV": 2, "CHE": 2, "CHW": 2, "COU": 2, "CUC": 2, "MXV": 2, "SLE": 2, "USN": 2, "XCG": 2, "ZWG": 2, "ZWL": 2,
}

// MarshalGQL writes the code as an enum value.
func (c Currency) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(string(c))) }

// UnmarshalGQL reads an enum value.
func (c *Currency) UnmarshalGQL(v any) error {
	text, ok := v.(string)
	if !ok {
		return fmt.Errorf("a currency is an ISO 4217 code")
	}
	*c = Currency(text)
	if _, known := c.Digits(); !known {
		return fmt.Errorf("unknown currency %.10q", text)
	}
	return nil
}

// Decimal is a number written out in digits, such as 12.50: exact on every road.
type Decimal string

// MarshalGQL writes the number as a string, as the vocabulary does.
func (d Decimal) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(string(d))) }

// UnmarshalGQL takes a string of digits, or a JSON number as it was written; never a float.
func (d *Decimal) UnmarshalGQL(v any) error {
	var text string
	switch n := v.(type) {
	case string:
		text = n
	case interface{ String() string }: // json.Number
		text = n.String()
	case int64:
		text = strconv.FormatInt(n, 10)
	default:
		return fmt.Errorf("a decimal is a string such as \"12.50\"")
	}
	rest := strings.TrimPrefix(text, "-")
	whole, fraction, point := strings.Cut(rest, ".")
	if len(text) > 40 || whole == "" || (point && fraction == "") || !allDigits(whole) || !allDigits(fraction) {
		return fmt.Errorf("%.40q is no decimal", text)
	}
	*d = Decimal(text)
	return nil
}

// MoneyInput is an amount as a caller sends it.
type MoneyInput struct {
	Amount       Decimal
	CurrencyCode Currency
}

// Money reads the amount with the digits of its currency.
func (in MoneyInput) Money() (Money, error) { return Parse(string(in.Amount), in.CurrencyCode) }
