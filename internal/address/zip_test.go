package address_test

import (
	"testing"

	"github.com/wharfhq/wharf/internal/address"
)

func TestProvinceOfZip(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		country address.CountryCode
		zip     string
		want    string
	}{
		{"US", "94105", "CA"},
		{"US", "10001-1234", "NY"},
		{"US", "55425", "MN"},
		{"US", "99501", "AK"},
		{"US", "20166", "VA"},
		{"US", "20500", "DC"},
		{"US", "73301", "TX"},
		{"US", "00501", "NY"},
		{"US", "97201", "OR"},
		{"US", "09012", ""},
		{"US", "123", ""},
		{"US", "ABCDE", ""},
		{"CA", "m5v 3l9", "ON"},
		{"CA", "V6B 1A1", "BC"},
		{"CA", "X0A 0H0", ""},
		{"CA", "D1A 1A1", ""},
		{"DE", "10115", ""},
	} {
		got, ok := address.ProvinceOfZip(c.country, c.zip)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%s %s is in %q, %t; want %q", c.country, c.zip, got, ok, c.want)
		}
		if ok {
			if _, known := address.ProvinceName(c.country, got); !known {
				t.Errorf("%s %s is no province", c.country, got)
			}
		}
	}
	if !address.HasProvinces("US") || !address.HasProvinces("CA") || address.HasProvinces("DE") {
		t.Error("the countries with known provinces are not the United States and Canada")
	}
}
