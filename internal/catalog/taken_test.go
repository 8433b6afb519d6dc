package catalog_test

import (
	"slices"
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/money"
)

// A thing that is named by its id can't take the handle or the own id of another one; the answer says which of the two.
func TestWhatIsAnotherOnesIsTaken(t *testing.T) {
	t.Parallel()
	g := openGrouping(t, shelf)
	price := money.Decimal("1")
	for _, own := range []string{"one", "two"} {
		_, err := catalog.SetProduct(t.Context(), g.pool, catalog.Bundles{}, access.SystemActor, "USD", catalog.ProductSetInput{
			ExternalID: &own, Handle: &own, Title: &own, Variants: []catalog.ProductVariantSetInput{{Price: &price}},
		})
		if err != nil {
			t.Fatal(err)
		}
		g.set(catalog.CollectionSetInput{ExternalID: &own, Handle: &own, Title: &own})
	}
	plain := g.set(catalog.CollectionSetInput{Handle: p("plain"), Title: p("Plain")})
	product := func(in catalog.ProductSetInput) error {
		in.ID = p(g.ids("b")[0])
		_, err := catalog.SetProduct(t.Context(), g.pool, catalog.Bundles{}, access.SystemActor, "USD", in)
		return err
	}
	collection := func(in catalog.CollectionSetInput) error {
		in.ID = p(plain.ID.String())
		_, err := catalog.SetCollection(t.Context(), g.pool, access.SystemActor, "USD", in)
		return err
	}
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"another product's handle", product(catalog.ProductSetInput{Handle: p("one")}), "TAKEN handle"},
		{"another product's own id", product(catalog.ProductSetInput{ExternalID: p("two")}), "TAKEN externalId"},
		{"another collection's handle", collection(catalog.CollectionSetInput{Handle: p("one")}), "TAKEN handle"},
		{"another collection's own id", collection(catalog.CollectionSetInput{ExternalID: p("two"), Title: p("Other")}), "TAKEN externalId"},
	} {
		if got := codes(c.err); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s: %q, want %s", c.name, got, c.want)
		}
	}
}
