package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

const shelf = `Handle,Title,Vendor,Type,Tags,Body (HTML),Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Qty,Published,Collection
d-lamp,delta Lamp,Acme,Indoor,"black, lamp",A light for reading,,,LMP-1,30,0,true,Lights
a-lamp,Alpha Lamp,Acme,Indoor,"white, lamp",,Size,Small,LMP-2,10,1,true,Lights
a-lamp,,,,,,,Large,LMP-3,50,0,,
b-table,Bravo Table,Zen & Co,Outdoor,wood,Seats four lamps of people,,,,20,2,true,
c-chair,Charlie Chair,acme,Outdoor,"wood, Two Words",,,,,20,,true,Lights
e-ghost,Echo Ghost,Acme,Indoor,lamp,,,,,5,1,false,Lights
`

func handles(c catalog.ProductConnection) string {
	names := make([]string, len(c.Nodes))
	for i, p := range c.Nodes {
		names[i] = p.Handle[:1]
	}
	return strings.Join(names, "")
}

func first(n int) pg.Page { return pg.Page{First: &n} }

func find(t *testing.T, pool *pgxpool.Pool, query string, sort catalog.ProductSortKeys, page pg.Page) catalog.ProductConnection {
	t.Helper()
	l := catalog.Listing{}
	var err error
	if l.Query, err = catalog.ParseQuery(query); err != nil {
		t.Fatal(err)
	}
	if l.Query.NeedsStock() {
		if l.SoldOut, err = inventory.SoldOut(t.Context(), pool); err != nil {
			t.Fatal(err)
		}
	}
	c, err := catalog.Products(t.Context(), pool, shopper, l, sort, page)
	if err != nil {
		t.Fatalf("%q by %s: %v", query, sort, err)
	}
	return c
}

func TestProductsAreFoundBySearch(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	importText(t, pool, shelf)
	for query, want := range map[string]string{
		"":                             "abcd",
		"lamp":                         "abd",
		"lamps":                        "abd",
		"LAMP black":                   "d",
		`"people of lamps"`:            "",
		`"lamps of people"`:            "b",
		"lam*":                         "abd",
		"lamp -black":                  "ab",
		"lamp OR chair":                "abcd",
		"chair OR (lamp AND white)":    "ac",
		"the":                          "abcd", // a word that means nothing
		"LMP-2":                        "a",
		"sku:lmp-3":                    "a",
		"sku:LMP*":                     "ad",
		"tag:lamp":                     "ad",
		"tag:WOOD":                     "bc",
		`tag:"two words"`:              "c",
		"tag:two*":                     "c",
		"tag_not:lamp":                 "bc",
		"-tag:lamp":                    "bc",
		"vendor:acme vendor:acme":      "acd",
		"vendor:acme OR tag:wood":      "abcd",
		"-vendor:acme":                 "b",
		"-available_for_sale:true":     "d",
		"vendor:acme":                  "acd",
		`vendor:"Zen & Co"`:            "b",
		"product_type:outdoor":         "bc",
		"title:lamp":                   "ad",
		"title:cha*":                   "c",
		`title:"alpha lamp"`:           "a",
		"handle:b-table":               "b",
		"available_for_sale:true":      "abc",
		"available_for_sale:false":     "d",
		"lamp available_for_sale:true": "ab",
		"created_at:>2020-01-01":       "abcd",
		"created_at:<2020-01-01":       "",
		"updated_at:>=2020-01-01T00:00:00Z created_at:<=2999-12-31": "abcd",
		"price:10":                  "", // no field of ours: text that nothing has
		"'; drop table product; --": "",
		"%":                         "abcd",
		"ghost":                     "",
	} {
		if got := handles(find(t, pool, query, catalog.SortTitle, first(10))); got != want {
			t.Errorf("%q finds %q, want %q", query, got, want)
		}
	}
	if got := handles(find(t, pool, "lamp", catalog.SortRelevance, first(10))); got[2] != 'b' {
		t.Errorf("by relevance %q: the table that only mentions lamps is not last", got)
	}
}

func TestProductsAreListedInEveryOrderFromBothEnds(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	importText(t, pool, shelf)
	importText(t, pool, strings.Replace(shelf, "Alpha Lamp,Acme", "Alpha Lamp,Bolt", 1)) // the newest change
	if _, err := pool.Exec(t.Context(), "update product set units_sold = 7 where handle = 'b-table'"); err != nil {
		t.Fatal(err)
	}
	for sort, want := range map[catalog.ProductSortKeys]string{
		catalog.SortTitle: "abcd", catalog.SortVendor: "cdab", catalog.SortPrice: "abcd", catalog.SortProductType: "dabc",
		catalog.SortCreatedAt: "", catalog.SortID: "", catalog.SortUpdatedAt: "", catalog.SortBestSelling: "", catalog.SortRelevance: "",
	} {
		all := handles(find(t, pool, "", sort, first(10)))
		switch {
		case len(all) != 4:
			t.Fatalf("%s lists %q", sort, all)
		case sort == catalog.SortBestSelling && all[0] != 'b', sort == catalog.SortUpdatedAt && all[3] != 'a':
			t.Errorf("%s lists %q", sort, all)
		case sort == catalog.SortVendor:
			if all != "cdab" && all != "dcab" {
				t.Errorf("%s lists %q", sort, all)
			}
		case sort == catalog.SortProductType:
			if strings.Trim(all[:2], "ad") != "" {
				t.Errorf("%s lists %q", sort, all)
			}
		case sort == catalog.SortPrice && (all[0] != 'a' || all[3] != 'd'):
			t.Errorf("%s lists %q", sort, all)
		case want == "abcd" && sort == catalog.SortTitle && all != want:
			t.Errorf("%s lists %q, want %q", sort, all, want)
		}
		reversed := first(10)
		reversed.Reverse = true
		if got := handles(find(t, pool, "", sort, reversed)); got != reverse(all) {
			t.Errorf("%s turned around lists %q, forward %q", sort, got, all)
		}
		for _, turned := range []bool{false, true} {
			want := all
			if turned {
				want = reverse(all)
			}
			if got := walk(t, pool, sort, turned, false); got != want {
				t.Errorf("%s page by page (reverse %v): %q, want %q", sort, turned, got, want)
			}
			if got := walk(t, pool, sort, turned, true); got != want {
				t.Errorf("%s page by page from the end (reverse %v): %q, want %q", sort, turned, got, want)
			}
		}
	}
}

func reverse(s string) string {
	r := []byte(s)
	slices.Reverse(r)
	return string(r)
}

// walk reads a list one product at a time, from one end to the other.
func walk(t *testing.T, pool *pgxpool.Pool, sort catalog.ProductSortKeys, turned, backward bool) string {
	t.Helper()
	one, got := 1, ""
	page := pg.Page{Reverse: turned}
	if backward {
		page.Last = &one
	} else {
		page.First = &one
	}
	for range 10 {
		c := find(t, pool, "", sort, page)
		if backward {
			got = handles(c) + got
			page.Before = c.PageInfo.StartCursor
		} else {
			got += handles(c)
			page.After = c.PageInfo.EndCursor
		}
		if more := c.PageInfo.HasNextPage && !backward || c.PageInfo.HasPreviousPage && backward; !more {
			return got
		}
	}
	return got + "..."
}

func TestACollectionListsItsProductsInItsOwnOrder(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	importText(t, pool, shelf)
	lights, err := catalog.CollectionByHandle(t.Context(), pool, shopper, "lights")
	if err != nil || lights.Title != "Lights" {
		t.Fatal(lights, err)
	}
	for sort, want := range map[catalog.ProductCollectionSortKeys]string{
		catalog.CollectionDefault: "dac", catalog.CollectionManual: "dac", catalog.CollectionTitle: "acd", catalog.CollectionPrice: "acd",
	} {
		c, err := catalog.CollectionProducts(t.Context(), pool, shopper, lights.ID, sort, first(10))
		if err != nil || handles(c) != want {
			t.Errorf("%s: %q, want %q (%v)", sort, handles(c), want, err)
		}
	}
	staff := access.Actor{Kind: access.Staff, Scopes: access.Scopes{"catalog:read"}}
	c, err := catalog.CollectionProducts(t.Context(), pool, staff, lights.ID, catalog.CollectionDefault, first(10))
	if err != nil || handles(c) != "dace" {
		t.Errorf("staff sees %q (%v)", handles(c), err)
	}
	for _, sort := range []catalog.CollectionSortKeys{catalog.CollectionsByIDs, catalog.CollectionsByTitle, catalog.CollectionsByUpdate, catalog.CollectionsByRelevance} {
		list, err := catalog.Collections(t.Context(), pool, shopper, "lights", sort, first(5))
		if err != nil || len(list.Nodes) != 1 {
			t.Errorf("collections by %s: %v, %v", sort, list, err)
		}
	}
}

func TestCursorsOfOtherListsAreRefused(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	importText(t, pool, shelf)
	byTitle := find(t, pool, "", catalog.SortTitle, first(1)).PageInfo.EndCursor
	for name, cursor := range map[string]string{
		"another order": *byTitle, "no base64": "???", "no keys": pg.EncodeCursor("x"), "no id": pg.EncodeCursor("2026-01-01", "x"),
		"infinite": pg.EncodeCursor("soon", "gid://wharf/Product/00000000-0000-0000-0000-000000000000"),
	} {
		page := first(1)
		page.After = &cursor
		_, err := catalog.Products(t.Context(), pool, shopper, catalog.Listing{}, catalog.SortCreatedAt, page)
		if !fault.IsKind(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := catalog.Products(t.Context(), pool, shopper, catalog.Listing{}, "WORST", first(1)); !fault.IsKind(err, fault.Invalid) {
		t.Error("an unknown order was taken")
	}
}

func TestListsUseTheirIndexes(t *testing.T) {
	t.Parallel()
	pool, err := pgxpool.New(t.Context(), pgtest.NewURL(t)) // as the owner, who may analyze
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec(t.Context(), `
insert into product (id, handle, title, currency, min_price, max_price, variants_count, published_at)
select gen_random_uuid(), 'p' || n, 'Product ' || n, 'USD', n, n, 1, now() from generate_series(1, 20000) n`); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(t.Context(), "analyze product"); err != nil {
		t.Fatal(err)
	}
	for sort, statement := range catalog.Statements() {
		if sort == catalog.SortRelevance {
			continue
		}
		rows, err := pool.Query(t.Context(), "explain "+statement, false, nil, "", []int32{}, []string{}, []string{}, []string{}, []bool{}, nil, []string{}, []string{}, nil, nil, nil, nil, nil, 25)
		if err != nil {
			t.Fatal(err)
		}
		var plan []string
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				t.Fatal(err)
			}
			plan = append(plan, line)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		if text := strings.Join(plan, "\n"); !strings.Contains(text, "Index Scan") || strings.Contains(text, "Seq Scan on product p") {
			t.Errorf("%s reads the whole table:\n%s", sort, text)
		}
	}
}
