package graph_test

import (
	"slices"
	"testing"
	"time"

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

// TestDeadlinesAreSetOverTheAPI: what the shop is set to holds for the next order, and those that wait keep theirs.
func TestDeadlinesAreSetOverTheAPI(t *testing.T) {
	t.Parallel()
	m := openMarket(t)
	operator := m.key("operations:write")
	set := func(seconds, action int) any {
		data, _ := m.askAs(operator, `mutation($payment: Int, $action: Int) { shopUpdate(input: { paymentDeadlineSeconds: $payment, actionDeadlineSeconds: $action }) {
			shop { paymentDeadlineSeconds actionDeadlineSeconds } userErrors { code field }
		} }`, "payment", seconds, "action", action)
		return data["shopUpdate"]
	}
	shelf, _ := m.ask(`{ products(first: 1) { nodes { variants(first: 1) { nodes { id } } } } }`)
	variant := under(t, shelf, "products.nodes.0.variants.nodes.0.id").(string)
	wait := func(order any) time.Duration {
		t.Helper()
		var times [2]time.Time
		for i, field := range []string{"processedAt", "deadline"} {
			var err error
			if times[i], err = time.Parse(time.RFC3339, under(t, order, field).(string)); err != nil {
				t.Fatal(err)
			}
		}
		return times[1].Sub(times[0]).Round(time.Second)
	}
	place := func(key string) (order any, token string) {
		t.Helper()
		data, _ := m.ask(`mutation($input: OrderPlaceInput!) { orderPlace(input: $input) { order { id processedAt deadline } accessToken userErrors { code field } } }`, "input", orderInput(key, variant, 1))
		return under(t, data, "orderPlace.order"), under(t, data, "orderPlace.accessToken").(string)
	}
	first, token := place("first")
	holds(t, set(7200, 60), map[string]any{"shop": map[string]any{"paymentDeadlineSeconds": 7200.0, "actionDeadlineSeconds": 60.0}, "userErrors": []any{}})
	holds(t, set(59, 7_776_001), map[string]any{"shop": nil, "userErrors": []any{
		map[string]any{"code": "INVALID", "field": []any{"input", "paymentDeadlineSeconds"}},
		map[string]any{"code": "INVALID", "field": []any{"input", "actionDeadlineSeconds"}},
	}})
	if second, _ := place("second"); wait(second) != 2*time.Hour {
		t.Errorf("the next order waits %s", wait(second))
	}
	old, _ := m.ask(`query($id: ID!, $token: String) { order(id: $id, accessToken: $token) { processedAt deadline } }`, "id", under(t, first, "id"), "token", token)
	if got := wait(old["order"]); got != 30*time.Minute {
		t.Errorf("the order before waits %s", got)
	}
	shop, _ := m.ask(`{ shop { paymentDeadlineSeconds actionDeadlineSeconds } }`)
	holds(t, shop, map[string]any{"shop.paymentDeadlineSeconds": 7200.0, "shop.actionDeadlineSeconds": 60.0})
}
