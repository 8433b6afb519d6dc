package graph_test

import (
	"slices"
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/settings"
)

func TestShop(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	set, err := a.Settings.Change(t.Context(), access.SystemActor, func(s *settings.Shop) {
		s.Name, s.Currency, s.URL, s.Ships = "Harbor", "EUR", "https://harbor.example/shop", []address.CountryCode{"DE", "AT"}
	})
	if err != nil {
		t.Fatal(err)
	}
	type shopAnswer struct {
		ID, Name, MoneyFormat string
		Description           *string
		PrimaryDomain         struct {
			Host, URL  string
			SSLEnabled bool
		}
		ShipsToCountries []string
	}
	const fields = `{ id name description moneyFormat primaryDomain { host sslEnabled url } shipsToCountries }`
	var got struct {
		Shop shopAnswer
		Node *shopAnswer
	}
	a.want(t, "", `query($id: ID!) { shop `+fields+` node(id: $id) { ... on Shop `+fields+` } }`, map[string]any{"id": set.ID.String()}, &got)
	if s := got.Shop; s.Name != "Harbor" || s.MoneyFormat != "€{{amount}}" || s.Description != nil || s.PrimaryDomain.Host != "harbor.example" ||
		!s.PrimaryDomain.SSLEnabled || !slices.Equal(s.ShipsToCountries, []string{"DE", "AT"}) {
		t.Errorf("the shop is %+v", s)
	}
	if got.Node == nil || got.Node.ID != got.Shop.ID || got.Node.Name != "Harbor" {
		t.Errorf("found by its id it is %+v", got.Node)
	}
}

// Every country that the shop can name must be a value of the API's enum.
func TestEveryCountryIsInTheSchema(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	var got struct {
		Type struct{ EnumValues []struct{ Name string } } `json:"__type"`
		Shop struct{ ShipsToCountries []string }
	}
	a.want(t, "", `{ __type(name: "CountryCode") { enumValues { name } } shop { shipsToCountries } }`, nil, &got)
	var known []string
	for _, value := range got.Type.EnumValues {
		known = append(known, value.Name)
	}
	for _, country := range got.Shop.ShipsToCountries {
		if !slices.Contains(known, country) {
			t.Errorf("%s is no CountryCode of the schema", country)
		}
	}
}
