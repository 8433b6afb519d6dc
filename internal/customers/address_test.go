package customers_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/id"
)

func home() address.MailingAddressInput {
	return address.MailingAddressInput{
		FirstName: ptr("Ada"), LastName: ptr("Lovelace"), Address1: ptr(" 1 Main  St "), City: ptr("Albany"),
		Zip: ptr("12207"), Country: ptr("United States"), Phone: ptr("(518) 555-0123"),
	}
}

// street is home in another street.
func street(n int) address.MailingAddressInput {
	in := home()
	in.Address1 = ptr(fmt.Sprintf("%d Side St", n))
	return in
}

// book lists a customer's streets, the default with a star.
func (f fixture) book(t *testing.T, customer id.CustomerID) []string {
	t.Helper()
	books, err := f.AddressesByCustomer(t.Context(), []id.CustomerID{customer})
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, entry := range books[customer] {
		text := *entry.Address1
		if entry.Default {
			text += " *"
		}
		list = append(list, text)
	}
	return list
}

func (f fixture) wantBook(t *testing.T, customer id.CustomerID, want ...string) {
	t.Helper()
	if got := f.book(t, customer); !slices.Equal(got, want) {
		t.Errorf("the book holds %q, want %q", got, want)
	}
}

func TestAddressBook(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ada := f.ada(t)
	token := f.signIn(t).AccessToken
	first, err := f.AddressCreate(t.Context(), token, home())
	if err != nil || *first.Address1 != "1 Main St" || *first.ProvinceCode != "NY" || *first.CountryCodeV2 != "US" || *first.Phone != "+15185550123" {
		t.Fatalf("kept %+v, %v", first, err)
	}
	if again, err := f.AddressCreate(t.Context(), token, home()); err != nil || again.ID != first.ID {
		t.Errorf("the same address again is %v, %v", again.ID, err)
	}
	second, err := f.AddressCreate(t.Context(), token, street(2))
	if err != nil {
		t.Fatal(err)
	}
	third, err := f.AddressCreate(t.Context(), token, street(3))
	if err != nil {
		t.Fatal(err)
	}
	f.wantBook(t, ada.ID, "1 Main St *", "2 Side St", "3 Side St")
	changed, err := f.AddressUpdate(t.Context(), token, second.ID.String(), address.MailingAddressInput{Zip: ptr("94105"), City: ptr("San Francisco"), LastName: ptr("")})
	if err != nil || *changed.ProvinceCode != "CA" || changed.LastName != nil || *changed.FirstName != "Ada" || *changed.Address1 != "2 Side St" {
		t.Errorf("changed to %+v, %v", changed, err)
	}
	if _, err := f.SetDefaultAddress(t.Context(), token, second.ID.String()); err != nil {
		t.Fatal(err)
	}
	f.wantBook(t, ada.ID, "1 Main St", "2 Side St *", "3 Side St")
	if gone, err := f.AddressDelete(t.Context(), token, second.ID.String()); err != nil || gone != second.ID {
		t.Fatal(err)
	}
	f.wantBook(t, ada.ID, "1 Main St", "3 Side St *")
	for _, entry := range []id.MailingAddressID{third.ID, first.ID} {
		if _, err := f.AddressDelete(t.Context(), token, entry.String()); err != nil {
			t.Fatal(err)
		}
	}
	f.wantBook(t, ada.ID)
}

func TestAddressRefuses(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ada := f.ada(t)
	token := f.signIn(t).AccessToken
	for name, c := range map[string]struct {
		change func(*address.MailingAddressInput)
		want   []string
	}{
		"nothing":          {func(in *address.MailingAddressInput) { *in = address.MailingAddressInput{} }, []string{"address.address1=BLANK", "address.city=BLANK", "address.country=BLANK"}},
		"no such country":  {func(in *address.MailingAddressInput) { in.Country = ptr("Atlantis") }, []string{"address.country=INVALID"}},
		"no such province": {func(in *address.MailingAddressInput) { in.Province = ptr("Bavaria") }, []string{"address.province=INVALID", "address.zip=INVALID"}},
		"no province":      {func(in *address.MailingAddressInput) { in.Zip = nil }, []string{"address.province=BLANK"}},
		"another's zip":    {func(in *address.MailingAddressInput) { in.Province = ptr("California") }, []string{"address.zip=INVALID"}},
		"phone":            {func(in *address.MailingAddressInput) { in.Phone = ptr("call me") }, []string{"address.phone=INVALID"}},
		"markup":           {func(in *address.MailingAddressInput) { in.Company = ptr("<script>x</script>") }, []string{"address.company=CONTAINS_HTML_TAGS"}},
		"a web address":    {func(in *address.MailingAddressInput) { in.Address2 = ptr("https://evil.example") }, []string{"address.address2=CONTAINS_URL"}},
	} {
		in := home()
		c.change(&in)
		_, err := f.AddressCreate(t.Context(), token, in)
		f.wantCodes(t, name, err, c.want...)
	}
	for name, country := range map[string]string{"emoji and right-to-left": "IL", "no provinces": "DE"} {
		in := address.MailingAddressInput{Address1: ptr("רחוב 1 🏠"), City: ptr("חיפה"), Country: ptr(country)}
		if _, err := f.AddressCreate(t.Context(), token, in); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := f.AddressCreate(t.Context(), "nothing", home())
	f.wantCodes(t, "no token", err, "customerAccessToken=TOKEN_INVALID")
	if n := len(f.book(t, ada.ID)); n != 2 {
		t.Errorf("%d addresses are kept, want 2", n)
	}
}

// What is another customer's looks as if it were not there, and stays as it is.
func TestForeignAddresses(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ada := f.ada(t)
	kept, err := f.AddressCreate(t.Context(), f.signIn(t).AccessToken, home())
	if err != nil {
		t.Fatal(err)
	}
	eve, err := f.Create(t.Context(), shopper, customers.CreateInput{Email: "eve@example.com", Password: "secret garden"})
	if err != nil {
		t.Fatal(err)
	}
	login, err := f.SignIn(t.Context(), shopper, customers.AccessTokenCreateInput{Email: "eve@example.com", Password: "secret garden"})
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]string{"foreign": kept.ID.String(), "absent": id.NewMailingAddressID().String(), "no id": "1"} {
		_, err := f.AddressUpdate(t.Context(), login.AccessToken, key, street(1))
		f.wantCodes(t, name+" update", err, "id=NOT_FOUND")
		_, err = f.AddressDelete(t.Context(), login.AccessToken, key)
		f.wantCodes(t, name+" delete", err, "id=NOT_FOUND")
		_, err = f.SetDefaultAddress(t.Context(), login.AccessToken, key)
		f.wantCodes(t, name+" default", err, "addressId=NOT_FOUND")
	}
	for name, c := range map[string]struct {
		actor access.Actor
		sees  int
	}{
		"its owner": {access.Actor{Kind: access.Customer, ID: ada.ID}, 1},
		"staff":     {access.Actor{Kind: access.Staff, Scopes: access.Scopes{"customers:read"}}, 1},
		"another":   {access.Actor{Kind: access.Customer, ID: eve.ID}, 0},
		"anybody":   {access.Actor{}, 0},
	} {
		if got, err := f.AddressesByID(t.Context(), c.actor, []id.MailingAddressID{kept.ID}); err != nil || len(got) != c.sees {
			t.Errorf("%s sees %d, want %d (%v)", name, len(got), c.sees, err)
		}
	}
	f.wantBook(t, ada.ID, "1 Main St *")
}

// Side by side the limit holds, and there is one default.
func TestAddressesAtOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ada := f.ada(t)
	token := f.signIn(t).AccessToken
	if _, err := f.pool.Exec(t.Context(), `insert into customer_address (id, customer_id, address1, country_code)
select gen_random_uuid(), $1, 'x', 'DE' from generate_series(1, 98)`, ada.ID); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		all.Go(func() { _, errs[i] = f.AddressCreate(t.Context(), token, street(i)) })
	}
	all.Wait()
	refused := 0
	for _, err := range errs {
		if err != nil {
			f.wantCodes(t, "one too many", err, "address=INVALID")
			refused++
		}
	}
	if n := f.count(t, "customer_address"); refused != 4 || n != 100 {
		t.Errorf("%d were refused and %d are kept, want 4 and 100", refused, n)
	}
}
