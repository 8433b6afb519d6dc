package catalog_test

import (
	"encoding/json"
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/demo"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

// What the demo says of its products beside their file lands on what the file has, and leaves the rest as it is.
func TestTheDemosProductsAreCompleted(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	if _, err := catalog.Import(t.Context(), pool, demo.Products(), catalog.ImportOptions{Currency: "USD"}); err != nil {
		t.Fatal(err)
	}
	_, before := product(t, pool, "skerry-mug")
	var all struct{ Products []catalog.ProductSetInput }
	if err := json.NewDecoder(demo.Content()).Decode(&all); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for _, in := range all.Products {
			set(t, pool, in)
		}
	}
	mug, after := product(t, pool, "skerry-mug")
	options, err := catalog.OptionsByProduct(t.Context(), pool, []id.ProductID{mug.ID})
	if err != nil || len(after) != len(before) || after[1].ID != before[1].ID || after[1].Title != "Harbor Blue" || versionOf(t, pool, mug.ID) != 2 {
		t.Fatalf("the mug: %+v, %v", after, err)
	}
	if blue := options[mug.ID][0].OptionValues[1]; blue.Name != "Harbor Blue" || *blue.Swatch().Color != "#2F5D7C" {
		t.Errorf("Harbor Blue looks like %+v", blue.Swatch())
	}
	if _, salt := product(t, pool, "sea-salt-flakes"); salt[0].UnitPrice() == nil || salt[0].UnitPrice().Minor != (salt[0].Price.Minor*1000+60)/120 {
		t.Errorf("salt is %v a kilogram", salt[0].UnitPrice())
	}
	if _, err := catalog.Import(t.Context(), pool, demo.Products(), catalog.ImportOptions{Currency: "USD"}); err != nil {
		t.Fatal(err)
	}
	if options, err = catalog.OptionsByProduct(t.Context(), pool, []id.ProductID{mug.ID}); err != nil || options[mug.ID][0].OptionValues[1].Swatch() == nil {
		t.Errorf("an import takes swatches away: %v", err)
	}
	if p, err := catalog.ProductByHandle(t.Context(), pool, access.SystemActor, "mooring-line"); err != nil || p.VariantCount != 2 {
		t.Errorf("the line: %+v, %v", p, err)
	}
}
