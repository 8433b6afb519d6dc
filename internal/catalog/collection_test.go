package catalog_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
	"github.com/wharfhq/wharf/internal/position"
	"github.com/wharfhq/wharf/internal/richtext"
)

func p[T any](value T) *T { return &value }

// codes are the refusals in an error, with their paths.
func codes(err error) (all []string) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range joined.Unwrap() {
			all = append(all, codes(one)...)
		}
		return all
	}
	if f, ok := fault.As(err); ok {
		return []string{f.Code + " " + strings.TrimPrefix(strings.Join(f.Field, "."), "input.")}
	}
	return nil
}

// grouping is a catalog whose collections are being arranged.
type grouping struct {
	*testing.T
	pool *pgxpool.Pool
}

func openGrouping(t *testing.T, file string) grouping {
	t.Helper()
	g := grouping{t, pgtest.New(t)}
	importText(t, g.pool, file)
	return g
}

func (g grouping) set(in catalog.CollectionSetInput) catalog.Collection {
	g.Helper()
	c, err := catalog.SetCollection(g.Context(), g.pool, access.SystemActor, "USD", in)
	if err != nil {
		g.Fatalf("set %+v: %v", in, err)
	}
	return c
}

// ids are products by the first letter of their handles.
func (g grouping) ids(letters string) []string {
	g.Helper()
	ids := []string{}
	for _, letter := range letters {
		var product id.ProductID
		err := g.pool.QueryRow(g.Context(), `select id from product where starts_with(handle, $1)`, string(letter)).Scan(&product)
		if err != nil {
			g.Fatal(err)
		}
		ids = append(ids, product.String())
	}
	return ids
}

// members are a collection's products by the first letter of their handles, in its own order.
func (g grouping) members(c catalog.Collection) string {
	g.Helper()
	var letters string
	err := g.pool.QueryRow(g.Context(), `
select coalesce(string_agg(left(p.handle, 1), '' order by m.position), '')
from collection_product m
join product p on p.id = m.product_id
where m.collection_id = $1`, c.ID).Scan(&letters)
	if err != nil {
		g.Fatal(err)
	}
	return letters
}

func (g grouping) at() int64 {
	g.Helper()
	at, err := position.Current(g.Context(), g.pool)
	if err != nil {
		g.Fatal(err)
	}
	return at[position.Catalog]
}

const shelf = `Handle,Title,Vendor,Type,Tags,Body (HTML),Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Qty,Published,Collection
d-lamp,delta Lamp,Acme,Indoor,"black, lamp",A light for reading,,,LMP-1,30,0,true,Lights
a-lamp,Alpha Lamp,Acme,Indoor,"white, lamp",,Size,Small,LMP-2,10,1,true,Lights
a-lamp,,,,,,,Large,LMP-3,50,0,,
b-table,Bravo Table,Zen & Co,Outdoor,wood,Seats four lamps of people,,,,20,2,true,
c-chair,Charlie Chair,acme,Outdoor,"wood, Two Words",,,,,20,,true,Lights
e-ghost,Echo Ghost,Acme,Indoor,lamp,,,,,5,1,false,Lights
`

// follow does all that rules ask for.
func (g grouping) follow() {
	g.Helper()
	for more := true; more; {
		var err error
		if more, err = catalog.FollowRules(g.Context(), g.pool, inventory.Quantities, slog.New(slog.DiscardHandler)); err != nil {
			g.Fatal(err)
		}
	}
}

func (g grouping) membership(c catalog.Collection) catalog.CollectionMembership {
	g.Helper()
	by, err := catalog.MembershipByCollection(g.Context(), g.pool, []id.CollectionID{c.ID})
	if err != nil {
		g.Fatal(err)
	}
	return by[c.ID]
}

func TestSetCollection(t *testing.T) {
	t.Parallel()
	g := openGrouping(t, shelf)
	soon := time.Date(2099, 1, 2, 3, 4, 5, 0, time.UTC)
	in := catalog.CollectionSetInput{
		ExternalID: p("erp-7"), Handle: p("Best"), Title: p(" Best 👋 أفضل "), PublishedAt: &soon,
		DescriptionHTML: p(`<p onclick="x()">Fine</p><script>alert(1)</script>`),
		Image:           &catalog.CollectionImageInput{URL: "https://img.example/a.png", AltText: p("A  lamp")},
		SEO:             &richtext.SEOInput{Title: p("Buy"), Description: p("")},
		SortKey:         p(catalog.CollectionPrice), SortReverse: p(true), ProductIDs: g.ids("ca"),
	}
	before := g.at()
	c := g.set(in)
	if c.Handle != "best" || c.Title != "Best 👋 أفضل" || c.DescriptionHTML != "<p>Fine</p>" || c.Text != "Fine" ||
		*c.ImageAlt != "A lamp" || *c.SEOTitle != "Buy" || c.SEODescription != nil || !c.PublishedOn.Equal(soon) ||
		c.SortKey != catalog.CollectionPrice || !c.SortReverse || c.Version != 1 {
		t.Errorf("made %+v", c)
	}
	if got := g.members(c); got != "ca" {
		t.Errorf("members %q", got)
	}
	if at := g.at(); at != before+1 {
		t.Errorf("the catalog went from %d to %d", before, at)
	}
	t.Run("again it changes nothing", func(t *testing.T) {
		if again := g.set(in); again.ID != c.ID || again.Version != 1 || g.at() != before+1 {
			t.Errorf("again %+v, at %d", again, g.at())
		}
	})
	t.Run("shoppers see nothing before its time", func(t *testing.T) {
		if _, err := catalog.CollectionByHandle(t.Context(), g.pool, shopper, "best"); !fault.IsKind(err, fault.NotFound) {
			t.Errorf("a shopper sees it: %v", err)
		}
	})
	t.Run("by its external id it is renamed", func(t *testing.T) {
		c := g.set(catalog.CollectionSetInput{ExternalID: p("erp-7"), Handle: p("top"), Image: &catalog.CollectionImageInput{}, ProductIDs: []string{}})
		if c.Handle != "top" || c.Version != 2 || c.ImageURL != nil || c.ImageAlt != nil || g.members(c) != "" {
			t.Errorf("renamed %+v with %q", c, g.members(c))
		}
	})
	t.Run("a partner's own ids are the partner's", func(t *testing.T) {
		partner := access.Actor{Kind: access.Partner, ID: [16]byte{1}}
		other, err := catalog.SetCollection(t.Context(), g.pool, partner, "USD", catalog.CollectionSetInput{ExternalID: p("erp-7"), Handle: p("theirs"), Title: p("Theirs")})
		if err != nil || other.ID == c.ID {
			t.Errorf("%+v, %v", other, err)
		}
	})
	for name, c := range map[string]struct {
		in   catalog.CollectionSetInput
		want []string
	}{
		"nothing named":   {catalog.CollectionSetInput{}, []string{"BLANK handle"}},
		"new without all": {catalog.CollectionSetInput{ExternalID: p("x")}, []string{"BLANK handle", "BLANK title"}},
		"all at once, and a name that is none": {catalog.CollectionSetInput{
			Handle: p("not so"), Title: p(" "), SortKey: p(catalog.CollectionDefault), ProductIDs: []string{"x"},
			RuleSet: ruleSet(rule(catalog.RuleTag, catalog.RuleEquals, "")),
		}, []string{"INVALID handle", "BLANK title", "INVALID sortKey", "BLANK ruleSet.rules.0.condition", "RULE_BASED productIds", "NOT_FOUND productIds.0"}},
		"unknown id":       {catalog.CollectionSetInput{ID: p(id.NewCollectionID().String())}, []string{"NOT_FOUND id"}},
		"another's id":     {catalog.CollectionSetInput{ID: p(id.NewProductID().String())}, []string{"NOT_FOUND id"}},
		"taken":            {catalog.CollectionSetInput{ExternalID: p("y"), Handle: p("top"), Title: p("T")}, []string{"TAKEN handle"}},
		"old version":      {catalog.CollectionSetInput{Handle: p("top"), ExpectedVersion: p(1)}, []string{"VERSION_CONFLICT expectedVersion"}},
		"its own order":    {catalog.CollectionSetInput{Handle: p("top"), SortKey: p(catalog.CollectionDefault)}, []string{"INVALID sortKey"}},
		"a script":         {catalog.CollectionSetInput{Handle: p("top"), Image: &catalog.CollectionImageInput{URL: "javascript:x"}}, []string{"INVALID image.url"}},
		"too long":         {catalog.CollectionSetInput{Handle: p("top"), Title: p(strings.Repeat("ä", 256))}, []string{"TOO_LONG title"}},
		"unknown products": {catalog.CollectionSetInput{Handle: p("top"), ProductIDs: []string{g.ids("a")[0], id.NewProductID().String(), "x"}}, []string{"NOT_FOUND productIds.1", "NOT_FOUND productIds.2"}},
		"unknown product":  {catalog.CollectionSetInput{Handle: p("top"), ProductIDs: []string{g.ids("a")[0], id.NewProductID().String()}}, []string{"NOT_FOUND productIds.1"}},
		"twice":            {catalog.CollectionSetInput{Handle: p("top"), ProductIDs: g.ids("aba")}, []string{"INVALID productIds.2"}},
	} {
		_, err := catalog.SetCollection(t.Context(), g.pool, access.SystemActor, "USD", c.in)
		if got := codes(err); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q (%v)", name, got, c.want, err)
		}
	}
	if now, err := catalog.CollectionByHandle(t.Context(), g.pool, access.SystemActor, "top"); err != nil || now.Version != 2 {
		t.Errorf("after all refusals %+v, %v", now, err)
	}
}

func TestDeleteCollection(t *testing.T) {
	t.Parallel()
	g := openGrouping(t, shelf)
	c := g.set(catalog.CollectionSetInput{Handle: p("gone"), Title: p("Gone"), ProductIDs: g.ids("ab")})
	if _, err := g.pool.Exec(t.Context(), `insert into metafield (id, owner_kind, owner_id, namespace, key, type, value)
values (gen_random_uuid(), 'COLLECTION', $1, 'custom', 'size', 'single_line_text_field', 'x')`, c.ID); err != nil {
		t.Fatal(err)
	}
	before := g.at()
	if _, err := catalog.DeleteCollection(t.Context(), g.pool, catalog.CollectionDeleteInput{ID: c.ID.String(), ExpectedVersion: p(9)}); !slices.Equal(codes(err), []string{"VERSION_CONFLICT expectedVersion"}) {
		t.Errorf("at another version: %v", err)
	}
	if gone, err := catalog.DeleteCollection(t.Context(), g.pool, catalog.CollectionDeleteInput{ID: c.ID.String()}); err != nil || gone != c.ID {
		t.Fatalf("%v, %v", gone, err)
	}
	var left, metafields, noted int
	err := g.pool.QueryRow(t.Context(), `select (select count(*) from collection_product where collection_id = $1),
(select count(*) from metafield), (select count(*) from catalog_change where position = $2)`, c.ID, before+1).Scan(&left, &metafields, &noted)
	if err != nil || left != 0 || metafields != 0 || noted != 2 {
		t.Errorf("left: %d members, %d metafields; %d products noted, %v", left, metafields, noted, err)
	}
	if _, err := catalog.DeleteCollection(t.Context(), g.pool, catalog.CollectionDeleteInput{ID: c.ID.String()}); !slices.Equal(codes(err), []string{"NOT_FOUND id"}) {
		t.Errorf("twice: %v", err)
	}
}

func TestMembersAreAddedRemovedAndMoved(t *testing.T) {
	t.Parallel()
	g := openGrouping(t, shelf)
	c := g.set(catalog.CollectionSetInput{Handle: p("mine"), Title: p("Mine"), ProductIDs: g.ids("ab")})
	do := func(f func(context.Context, catalog.Database, catalog.CollectionProductsInput) (catalog.Collection, error), letters string, place, version *int) error {
		t.Helper()
		_, err := f(t.Context(), g.pool, catalog.CollectionProductsInput{CollectionID: c.ID.String(), ProductIDs: g.ids(letters), Position: place, ExpectedVersion: version})
		return err
	}
	for _, step := range []struct {
		f       func(context.Context, catalog.Database, catalog.CollectionProductsInput) (catalog.Collection, error)
		letters string
		place   *int
		want    string
		version int
	}{
		{catalog.AddToCollection, "dc", nil, "abdc", 2},
		{catalog.AddToCollection, "dc", p(0), "abdc", 2},
		{catalog.AddToCollection, "e", p(1), "aebdc", 3},
		{catalog.MoveInCollection, "c", p(0), "caebd", 4},
		{catalog.RemoveFromCollection, "ae", nil, "cbd", 5},
		{catalog.RemoveFromCollection, "ae", nil, "cbd", 5},
	} {
		if err := do(step.f, step.letters, step.place, nil); err != nil {
			t.Fatal(err)
		}
		now, err := catalog.CollectionByHandle(t.Context(), g.pool, shopper, "mine")
		if got := g.members(c); err != nil || got != step.want || now.Version != step.version {
			t.Fatalf("after %q: %q at version %d, want %q at %d (%v)", step.letters, got, now.Version, step.want, step.version, err)
		}
	}
	if got := codes(do(catalog.AddToCollection, "a", p(-1), nil)); !slices.Equal(got, []string{"INVALID position"}) {
		t.Errorf("before the beginning: %v", got)
	}
	if got := codes(do(catalog.AddToCollection, "a", nil, p(3))); !slices.Equal(got, []string{"VERSION_CONFLICT expectedVersion"}) {
		t.Errorf("at another version: %v", got)
	}
	var all sync.WaitGroup
	refused := make([]error, 6)
	for i := range refused {
		all.Go(func() { refused[i] = do(catalog.MoveInCollection, "d", p(i%2), p(5)) })
	}
	all.Wait()
	won := 0
	for _, err := range refused {
		if err == nil {
			won++
		} else if got := codes(err); !slices.Equal(got, []string{"VERSION_CONFLICT expectedVersion"}) {
			t.Errorf("one who came later hears %v", err)
		}
	}
	if won != 1 {
		t.Errorf("%d of 6 who rest on one version won", won)
	}
}

func TestTenThousandMembersMoveWithFewStatements(t *testing.T) {
	t.Parallel()
	var file strings.Builder
	file.WriteString("Handle,Title,Variant Price,Collection\n")
	for i := range 300 {
		fmt.Fprintf(&file, "p%03d,P,1,Many\n", i)
	}
	g := openGrouping(t, file.String())
	var many id.CollectionID
	if err := g.pool.QueryRow(t.Context(), `select id from collection where handle = 'many'`).Scan(&many); err != nil {
		t.Fatal(err)
	}
	if _, err := g.pool.Exec(t.Context(), `
with made as (
    insert into product (id, handle, title, currency, min_price, max_price, variants_count)
    select gen_random_uuid(), 'x' || n, 'X', 'USD', 1, 1, 1 from generate_series(1, 9700) n
    returning id)
insert into collection_product (collection_id, product_id, position) select $1, id, 300 + row_number() over () from made`, many); err != nil {
		t.Fatal(err)
	}
	var last, extra id.ProductID
	if err := g.pool.QueryRow(t.Context(), `select product_id from collection_product where collection_id = $1 order by position desc limit 1`, many).Scan(&last); err != nil {
		t.Fatal(err)
	}
	in := catalog.CollectionProductsInput{CollectionID: many.String(), ProductIDs: []string{last.String()}, Position: p(0)}
	if _, err := catalog.MoveInCollection(t.Context(), g.pool, in); err != nil {
		t.Fatal(err)
	}
	var first id.ProductID
	var members, distinct int
	err := g.pool.QueryRow(t.Context(), `select (select product_id from collection_product where collection_id = $1 and position = 1),
count(*), count(distinct position) from collection_product where collection_id = $1`, many).Scan(&first, &members, &distinct)
	if err != nil || first != last || members != 10_000 || distinct != 10_000 {
		t.Errorf("first %v, %d members at %d places, %v", first, members, distinct, err)
	}
	importText(t, g.pool, "Handle,Title,Variant Price\nextra,Extra,1\n")
	if err := g.pool.QueryRow(t.Context(), `select id from product where handle = 'extra'`).Scan(&extra); err != nil {
		t.Fatal(err)
	}
	in.ProductIDs = []string{extra.String()}
	if _, err := catalog.AddToCollection(t.Context(), g.pool, in); !slices.Equal(codes(err), []string{"TOO_MANY productIds"}) {
		t.Errorf("one more than ten thousand: %v", err)
	}
}

func TestManyWhoMakeOneCollectionMakeOne(t *testing.T) {
	t.Parallel()
	g := openGrouping(t, shelf)
	var all sync.WaitGroup
	made := make([]catalog.Collection, 6)
	for i := range made {
		all.Go(func() {
			var err error
			made[i], err = catalog.SetCollection(t.Context(), g.pool, access.SystemActor, "USD", catalog.CollectionSetInput{Handle: p("one"), Title: p("One")})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, c := range made {
		if c.ID != made[0].ID || c.Version != 1 {
			t.Errorf("one made %v at version %d, another %v", c.ID, c.Version, made[0].ID)
		}
	}
}
