package address_test

import (
	"testing"

	"github.com/wharfhq/wharf/internal/address"
)

func TestValidZip(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		country address.CountryCode
		zip     string
		want    bool
	}{
		{"US", "94105", true},
		{"US", "94105-1234", true},
		{"US", "9410", false},
		{"US", "K1A 0B1", false},
		{"CA", "k1a 0b1", true},
		{"CA", "K1A0B", false},
		{"GB", "SW1A 1AA", true},
		{"GB", "M1 1AE", true},
		{"GB", "12345", false},
		{"DE", "10115", true},
		{"DE", "1011", false},
		{"NL", "1012 ab", true},
		{"JP", "100-0001", true},
		{"DE", "1011５", false},
		{"DE", "", false},
		{"HK", "", true},
		{"HK", "anything", true},
	} {
		if got := address.ValidZip(c.country, c.zip); got != c.want {
			t.Errorf("ValidZip(%s, %q) = %v", c.country, c.zip, got)
		}
	}
}

func TestRegion(t *testing.T) {
	t.Parallel()
	s := func(v string) *string { return &v }
	us, de := address.CountryCode("US"), address.CountryCode("DE")
	for _, c := range []struct {
		a    address.MailingAddress
		want string
		ok   bool
	}{
		{address.MailingAddress{CountryCodeV2: &us, ProvinceCode: s("NY"), Zip: s("94105")}, "NY", true},
		{address.MailingAddress{CountryCodeV2: &us, Zip: s("94105")}, "CA", true},
		{address.MailingAddress{CountryCodeV2: &us}, "", false},
		{address.MailingAddress{CountryCodeV2: &de, Zip: s("10115")}, "", true},
		{address.MailingAddress{}, "", false},
	} {
		if got, ok := c.a.Region(); got != c.want || ok != c.ok {
			t.Errorf("%+v is in %q, %v; want %q, %v", c.a, got, ok, c.want, c.ok)
		}
	}
}
