package money

import (
	"maps"
	"slices"
	"testing"

	"golang.org/x/text/currency"
)

// asWritten are the currencies whose digits the Unicode consortium's table gives as people write them: without minor
// units that inflation has made worthless. ISO 4217, and with it every payment provider, goes on counting those.
var asWritten = []Currency{
	"AFN", "ALL", "AMD", "COP", "GYD", "IDR", "IQD", "IRR", "KPW", "LAK", "LBP", "MGA", "MMK", "MNT", "MUR", "PKR", "RSD",
	"SLL", "SOS", "STD", "SYP", "TZS", "UZS", "YER",
}

// unknown are the currencies that the table does not have, or does not have as money that is paid with.
var unknown = map[Currency]string{
	"MRU": "of 2018, after the table", "VES": "of 2018, after the table", "VED": "of 2021, after the table",
	"SLE": "of 2022, after the table", "ZWG": "of 2024, after the table", "XCG": "of 2025, after the table",
	"UYW": "of 2018, after the table",
	"JEP": "the vocabulary's; ISO 4217 has it under GBP", "KID": "the vocabulary's; ISO 4217 has it under AUD",
}

// abroad is the money in the table that a shop does not take, since ISO 4217 has withdrawn it.
var abroad = map[string]string{"MRO": "MRU since 2018"}

// TestTheCurrenciesAreThoseOfISO4217 holds each currency that we know, and each that is paid with somewhere, against the
// table of golang.org/x/text.
func TestTheCurrenciesAreThoseOfISO4217(t *testing.T) {
	t.Parallel()
	table := map[Currency]int{}
	for units := currency.Query(currency.Historical, currency.NonTender); units.Next(); {
		table[Currency(units.Unit().String())], _ = currency.Standard.Rounding(units.Unit())
	}
	ours := maps.Clone(names)
	for c := range digits {
		ours[c] = ""
	}
	for _, c := range slices.Sorted(maps.Keys(ours)) {
		is, known := c.Digits()
		if !known {
			t.Errorf("%s is none", c)
		}
		want, there := table[c]
		if slices.Contains(asWritten, c) {
			if want != 0 {
				t.Errorf("the table counts minor units of %s: it is no exception", c)
			}
			want = 2
			if c == "IQD" {
				want = 3
			}
		}
		if reason := unknown[c]; (reason != "") == there {
			t.Errorf("%s is in the table: %v; expected: %q", c, there, reason)
		}
		if there && is != want {
			t.Errorf("%s has %d digits, in the table %d", c, is, want)
		}
		if !there && is != 2 && c != "UYW" {
			t.Errorf("%s has %d digits, and nothing to be compared with", c, is)
		}
	}
	for tender := currency.Query(); tender.Next(); {
		code := tender.Unit().String()
		if _, known := Currency(code).Digits(); known == (abroad[code] != "") {
			t.Errorf("people pay with %s, and it is ours: %v", code, known)
		}
	}
}

func TestWhatIsNoCurrency(t *testing.T) {
	t.Parallel()
	for _, c := range []Currency{"", "usd", "US", "USDX", "XAU", "XDR", "XTS", "DEM", "ITL", "ZZZ"} {
		if digits, known := c.Digits(); known {
			t.Errorf("%q has %d digits", c, digits)
		}
	}
}
