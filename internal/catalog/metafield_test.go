package catalog_test

import (
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

func TestMetafieldsAreSetAndDeletedTogether(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	done := set(t, pool, chair())
	_, variants := product(t, pool, "chair")
	thing, variant := done.Product.ID, variants[0].ID
	collection := id.NewCollectionID()
	if _, err := pool.Exec(t.Context(), `insert into collection (id, handle, title) values ($1, 'c', 'C')`, collection); err != nil {
		t.Fatal(err)
	}
	entry := func(owner, key, kind, value string) catalog.MetafieldsSetEntry {
		e := catalog.MetafieldsSetEntry{OwnerID: owner, Key: key, Value: value}
		if kind != "" {
			e.Type = &kind
		}
		return e
	}
	written, at, err := catalog.SetMetafields(t.Context(), pool, catalog.MetafieldsSetInput{Metafields: []catalog.MetafieldsSetEntry{
		entry(collection.String(), "story", "multi_line_text_field", "Once\nupon"),
		entry(thing.String(), "material", "", "Pine"),
		entry(variant.String(), "pairs", "list.product_reference", `["`+thing.String()+`"]`),
	}})
	if err != nil || at != done.Position+1 || len(written) != 3 || written[1].Value != "Pine" || written[2].References()[0].UUID != thing {
		t.Fatal(written, at, err)
	}
	names := []catalog.HasMetafieldsIdentifier{{Key: "material"}, {Key: "nothing"}, {Key: "material", Namespace: ptr("custom")}}
	found, err := catalog.MetafieldsByOwner(t.Context(), pool, []id.ProductID{thing, id.NewProductID()}, names)
	if err != nil || len(found) != 2 || found[thing][0].Value != "Pine" || found[thing][1] != nil || found[thing][2].ID != found[thing][0].ID {
		t.Fatal(found, err)
	}
	if _, again, err := catalog.SetMetafields(t.Context(), pool, catalog.MetafieldsSetInput{Metafields: []catalog.MetafieldsSetEntry{entry(thing.String(), "material", "", "Pine")}}); err != nil || again != at {
		t.Error("what is the same moves the position to", again, err)
	}

	t.Run("bad ones are refused as a whole", func(t *testing.T) {
		page := "gid://wharf/Page/" + strings.TrimPrefix(thing.String(), "gid://wharf/Product/")
		asVariant := "gid://wharf/ProductVariant/" + strings.TrimPrefix(thing.String(), "gid://wharf/Product/")
		_, _, err := catalog.SetMetafields(t.Context(), pool, catalog.MetafieldsSetInput{Metafields: []catalog.MetafieldsSetEntry{
			entry(thing.String(), "material", "", "Oak"),
			entry(thing.String(), "material", "", "Fir"),
			entry(page, "material", "", "Fir"),
			entry(asVariant, "a key", "color", "red"),
			entry(thing.String(), "a key", "color", "#000000"),
			entry(thing.String(), "new", "", "x"),
			entry(thing.String(), "kind", "rich_text", "x"),
			entry(thing.String(), "age", "number_integer", "old"),
			entry(thing.String(), "other", "product_reference", id.NewProductID().String()),
			entry(thing.String(), "third", "collection_reference", "gid://wharf/Collection/"+strings.TrimPrefix(thing.String(), "gid://wharf/Product/")),
		}})
		want := "NOT_FOUND metafields.2.ownerId; NOT_FOUND metafields.3.ownerId; DUPLICATE metafields.1; INVALID metafields.3.key; INVALID metafields.4.key; " +
			"INVALID_VALUE metafields.3.value; BLANK metafields.5.type; INVALID_TYPE metafields.6.type; INVALID_VALUE metafields.7.value; NOT_FOUND metafields.8.value; NOT_FOUND metafields.9.value"
		if got := strings.Join(refusals(err), "; "); got != want {
			t.Errorf("refused: %s\n\twant %s", got, want)
		}
		found, err := catalog.MetafieldsByOwner(t.Context(), pool, []id.ProductID{thing}, names)
		if err != nil || found[thing][0].Value != "Pine" {
			t.Errorf("a refused write has written %v, %v", found[thing][0], err)
		}
		_, _, err = catalog.SetMetafields(t.Context(), pool, catalog.MetafieldsSetInput{Metafields: make([]catalog.MetafieldsSetEntry, 251)})
		if got := strings.Join(refusals(err), "; "); got != "TOO_MANY metafields" {
			t.Errorf("251: %s", got)
		}
	})
	t.Run("seen by who sees the owner", func(t *testing.T) {
		ids := []id.MetafieldID{written[0].ID, written[1].ID, written[2].ID}
		seen := func(actor access.Actor) int {
			found, err := catalog.MetafieldsByID(t.Context(), pool, actor, ids)
			if err != nil {
				t.Fatal(err)
			}
			return len(found)
		}
		if n := seen(shopper); n != 3 {
			t.Errorf("shoppers see %d", n)
		}
		set(t, pool, catalog.ProductSetInput{Handle: ptr("chair"), Published: ptr(false)})
		if n, all := seen(shopper), seen(access.SystemActor); n != 1 || all != 3 {
			t.Errorf("of what is kept back, shoppers see %d, the system %d", n, all)
		}
	})
	t.Run("deleted once", func(t *testing.T) {
		in := catalog.MetafieldsDeleteInput{Metafields: []catalog.MetafieldsDeleteEntry{
			{OwnerID: thing.String(), Key: "material"}, {OwnerID: thing.String(), Key: "nothing"}, {OwnerID: collection.String(), Key: "story"},
		}}
		gone, _, err := catalog.DeleteMetafields(t.Context(), pool, in)
		if err != nil || len(gone) != 2 || gone[0] != written[1].ID || gone[1] != written[0].ID {
			t.Fatal(gone, err)
		}
		if gone, _, err = catalog.DeleteMetafields(t.Context(), pool, in); err != nil || len(gone) != 0 {
			t.Fatal(gone, err)
		}
	})
}

func TestPricesAreSetTogether(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	done := set(t, pool, chair())
	_, variants := product(t, pool, "chair")
	in := catalog.ProductPricesSetInput{Prices: []catalog.ProductPriceInput{
		{VariantID: variants[1].ID.String(), Price: "30.00", CompareAtPrice: ptr(money.Decimal("40"))},
		{VariantID: variants[0].ID.String(), Price: "9.99", CompareAtPrice: ptr(money.Decimal("0"))},
	}}
	now, at, err := catalog.SetPrices(t.Context(), pool, "USD", in)
	if err != nil || at != done.Position+1 || now[0].ID != variants[1].ID || now[0].Price.Minor != 3000 || now[1].CompareAtPrice != nil {
		t.Fatal(now, at, err)
	}
	if p, _ := product(t, pool, "chair"); p.MinPrice != 999 || p.MaxPrice != 3000 || *p.MinCompareAt != 4000 || versionOf(t, pool, p.ID) != 2 {
		t.Errorf("the range: %+v", p)
	}
	in.Prices[0].CompareAtPrice = nil
	if again, same, err := catalog.SetPrices(t.Context(), pool, "USD", in); err != nil || same != at || again[0].CompareAtPrice.Minor != 4000 {
		t.Errorf("the same prices: %v, %d after %d, %v", again, same, at, err)
	}
	for want, prices := range map[string][]catalog.ProductPriceInput{
		"INVALID prices.0.price":          {{VariantID: variants[0].ID.String(), Price: "-1"}},
		"NOT_FOUND prices.1.variantId":    {{VariantID: variants[0].ID.String(), Price: "1"}, {VariantID: id.NewProductVariantID().String(), Price: "1"}},
		"DUPLICATE prices.1.variantId":    {{VariantID: variants[0].ID.String(), Price: "1"}, {VariantID: variants[0].ID.String(), Price: "2"}},
		"INVALID prices.0.compareAtPrice": {{VariantID: variants[0].ID.String(), Price: "1", CompareAtPrice: ptr(money.Decimal("-1"))}},
		"TOO_MANY prices":                 make([]catalog.ProductPriceInput, 1001),
	} {
		_, _, err := catalog.SetPrices(t.Context(), pool, "USD", catalog.ProductPricesSetInput{Prices: prices})
		if got := strings.Join(refusals(err), "; "); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if p, _ := product(t, pool, "chair"); p.MinPrice != 999 || versionOf(t, pool, p.ID) != 2 {
		t.Error("what was refused has changed something")
	}
}

func TestRecommendedProducts(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	add := func(handle, kind, vendor string, published bool, tags ...string) id.ProductID {
		in := catalog.ProductSetInput{
			Handle: &handle, Title: &handle, ProductType: &kind, Vendor: &vendor, Tags: append([]string{}, tags...), Published: &published,
			Variants: []catalog.ProductVariantSetInput{{Price: ptr(money.Decimal("1"))}},
		}
		return set(t, pool, in).Product.ID
	}
	chair := add("chair", "Seat", "Acme", true, "oak", "garden")
	stool := add("stool", "Seat", "Other", true, "oak")
	table := add("table", "Table", "Acme", true)
	lamp := add("lamp", "Lamp", "Else", true, "metal")
	draft := add("draft", "Seat", "Acme", false, "oak", "garden")
	names := map[id.ProductID]string{chair: "chair", stool: "stool", table: "table", lamp: "lamp", draft: "draft"}
	recommended := func(actor access.Actor, intent catalog.ProductRecommendationIntent) string {
		products, err := catalog.Recommended(t.Context(), pool, actor, chair, intent)
		if err != nil {
			t.Fatal(err)
		}
		var list []string
		for _, p := range products {
			list = append(list, names[p.ID])
		}
		return strings.Join(list, " ")
	}
	if got := recommended(access.SystemActor, catalog.Related); got != "stool table" {
		t.Errorf("by what they have in common: %s", got)
	}
	pairs := []catalog.BoughtTogether{
		{Product: chair, Other: lamp, Orders: 3},
		{Product: lamp, Other: chair, Orders: 3},
		{Product: chair, Other: table, Orders: 5},
		{Product: chair, Other: draft, Orders: 9},
		{Product: chair, Other: id.NewProductID(), Orders: 9},
	}
	for range 2 {
		if err := catalog.SetBoughtTogether(t.Context(), pool, pairs); err != nil {
			t.Fatal(err)
		}
	}
	if got := recommended(shopper, catalog.Related); got != "table lamp stool" {
		t.Errorf("by what was bought together: %s", got)
	}
	if err := catalog.SetBoughtTogether(t.Context(), pool, pairs[:2]); err != nil {
		t.Fatal(err)
	}
	if got := recommended(shopper, catalog.Related); got != "lamp stool table" {
		t.Errorf("with one pair forgotten: %s", got)
	}
	if got := recommended(shopper, catalog.Complementary); got != "" {
		t.Errorf("nothing completes it, but %s", got)
	}
	set(t, pool, catalog.ProductSetInput{Handle: ptr("chair"), ComplementaryProductIDs: []string{lamp.String(), draft.String(), table.String()}})
	if got := recommended(access.SystemActor, catalog.Complementary); got != "lamp table" {
		t.Errorf("what completes it: %s", got)
	}
	set(t, pool, catalog.ProductSetInput{Handle: ptr("chair"), ComplementaryProductIDs: []string{}})
	if got := recommended(shopper, catalog.Complementary); got != "" {
		t.Errorf("nothing completes it any more, but %s", got)
	}
	if _, err := catalog.Recommended(t.Context(), pool, shopper, draft, catalog.Related); err == nil {
		t.Error("a shopper learns what goes with a draft")
	}
}
