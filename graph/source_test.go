package graph_test

import (
	"strings"
	"testing"
)

// TestSettingsAreAsOldAsTheRestOfAnAnswer: what a process remembers of the settings is up to a second old, and so is no
// part of an answer that is kept.
func TestSettingsAreAsOldAsTheRestOfAnAnswer(t *testing.T) {
	t.Parallel()
	m := openMarket(t)
	operator := m.key("operations:write")
	logo := func(url string) {
		data, _ := m.askAs(operator, `mutation($url: String!) { shopUpdate(input: { brand: { logo: { url: $url } } }) { userErrors { code } } }`, "url", url)
		holds(t, data, map[string]any{"shopUpdate.userErrors": []any{}})
	}
	logo("/images/old.svg")
	k := openKeeper(t, m)
	k.post(`{ products(first: 1) { nodes { id } } }`, nil).data(t) // from here on the process remembers the settings
	logo("/images/new.svg")
	data, _ := m.ask(`{ shop { brand { logo { id } } } }`)
	answer := k.post(`query($id: ID!) { node(id: $id) { ... on MediaImage { image { url } } } }`, map[string]any{"id": under(t, data, "shop.brand.logo.id")}).data(t)
	if !strings.Contains(answer, "/images/new.svg") {
		t.Errorf("the answer is %s", answer)
	}
}

// TestListsBelowListsWaitForTheListing, all of them together.
func TestListsBelowListsWaitForTheListing(t *testing.T) {
	t.Parallel()
	m := openMarket(t)
	data, _ := m.ask(`{ collections(first: 3) { nodes { products(first: 1, minPosition: "1") { nodes { handle } } } } products(first: 1, minPosition: "1") { nodes { handle } } }`)
	if at(data, "products", "nodes", 0, "handle") == nil {
		t.Errorf("%s is listed", text(data))
	}
}
