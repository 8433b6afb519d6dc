package search_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/search"
	"github.com/wharfhq/wharf/internal/shoptest"
)

const shelf = `Handle,Title,Vendor,Type,Tags,Body (HTML),Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Qty,Published,Collection
d-lamp,delta Lamp,Acme,Indoor,"black, lamp",A light for reading,,,LMP-1,30,0,true,Lights
a-lamp,Alpha Lamp,Acme,Indoor,"white, lamp",,Size,Small,LMP-2,10,1,true,Lights
a-lamp,,,,,,,Large,LMP-3,50,0,,
b-table,Bravo Table,Zen & Co,Outdoor,wood,Seats four lamps of people,,,,20,2,true,
c-chair,Charlie Chair,acme,Outdoor,"wood, Two Words",,,,,20,,true,Lights
e-ghost,Echo Ghost,Acme,Indoor,lamp,,,,,5,1,false,Lights
`

var shopper = access.Actor{}

// market is a shop with a catalog from a file, listed.
type market struct {
	*shoptest.Shop
	t *testing.T
}

func open(t *testing.T, file string) market {
	t.Helper()
	m := market{shoptest.New(t), t}
	m.load(file)
	return m
}

func (m market) load(file string) {
	m.t.Helper()
	_, err := catalog.Import(m.t.Context(), m.Pool, strings.NewReader(file), catalog.ImportOptions{Currency: "USD", Stock: inventory.ApplyImported})
	if err != nil {
		m.t.Fatalf("import: %v", err)
	}
	m.Listed(m.t)
}

func (m market) exec(sql string, arguments ...any) {
	m.t.Helper()
	if _, err := m.Pool.Exec(m.t.Context(), sql, arguments...); err != nil {
		m.t.Fatalf("%v: %s", err, sql)
	}
}

// sold says how many units of a product were sold of late.
func (m market) sold(handle string, units int64) {
	m.t.Helper()
	p, err := catalog.ProductByHandle(m.t.Context(), m.Pool, access.SystemActor, handle)
	if err != nil {
		m.t.Fatal(err)
	}
	err = pg.InTx(m.t.Context(), m.Pool, func(tx pgx.Tx) error {
		changed, err := catalog.SetUnitsSold(m.t.Context(), tx, map[id.ProductID]int64{p.ID: units})
		if err != nil {
			return err
		}
		return search.Touch(m.t.Context(), tx, changed)
	})
	if err != nil {
		m.t.Fatal(err)
	}
	m.Listed(m.t)
}

func handles(c search.ProductConnection) string {
	names := make([]string, len(c.Nodes))
	for i, p := range c.Nodes {
		names[i] = p.Handle[:1]
	}
	return strings.Join(names, "")
}

func first(n int) pg.Page { return pg.Page{First: &n} }

// of lists the products of one collection.
func (m market) of(actor access.Actor, collection id.CollectionID, by []search.ProductFilter, sort catalog.ProductCollectionSortKeys, page pg.Page) (search.ProductConnection, error) {
	lists, err := m.Search.ProductsByCollection(m.t.Context(), actor, []id.CollectionID{collection}, by, sort, page)
	return lists[collection], err
}

func (m market) find(query string, sort catalog.ProductSortKeys, page pg.Page) search.ProductConnection {
	m.t.Helper()
	c, err := m.Search.Products(m.t.Context(), shopper, query, sort, page)
	if err != nil {
		m.t.Fatalf("%q by %s: %v", query, sort, err)
	}
	return c
}

func TestProductsAreFoundBySearch(t *testing.T) {
	t.Parallel()
	m := open(t, shelf)
	for query, want := range map[string]string{
		"":                                "abcd",
		"lamp":                            "abd",
		"lamps":                           "abd",
		"LAMP black":                      "d",
		`"people of lamps"`:               "",
		`"lamps of people"`:               "b",
		"lam*":                            "abd",
		"lamp -black":                     "ab",
		"lamp OR chair":                   "abcd",
		"chair OR (lamp AND white)":       "ac",
		"the":                             "", // a word that only titles are found by
		"the OR chair":                    "c",
		"-the":                            "abcd",
		"the lamp":                        "abd",
		"sku:*":                           "ad",
		"-sku:*":                          "bc",
		"tag:* vendor:* product_type:*":   "abcd",
		"tag_not:*":                       "",
		"NOT vendor:*":                    "",
		"created_at:* variants.price:*":   "abcd",
		"published_status:* title:*":      "abcd",
		`sku:"*"`:                         "",
		"LMP-2":                           "a",
		"sku:lmp-3":                       "a",
		"sku:LMP*":                        "ad",
		"tag:lamp":                        "ad",
		"tag:WOOD":                        "bc",
		`tag:"two words"`:                 "c",
		"tag:two*":                        "c",
		"tag_not:lamp":                    "bc",
		"-tag:lamp":                       "bc",
		"vendor:acme vendor:acme":         "acd",
		"vendor:acme OR tag:wood":         "abcd",
		"-vendor:acme":                    "b",
		"-available_for_sale:true":        "d",
		"vendor:acme":                     "acd",
		`vendor:"Zen & Co"`:               "b",
		"product_type:outdoor":            "bc",
		"title:lamp":                      "ad",
		"title:cha*":                      "c",
		`title:"alpha lamp"`:              "a",
		"handle:b-table":                  "b",
		"available_for_sale:true":         "abc",
		"available_for_sale:false":        "d",
		"lamp available_for_sale:true":    "ab",
		"variants.price:20":               "bc",
		"variants.price:>=30":             "ad",
		"variants.price:<20 OR sku:LMP-1": "ad",
		"-variants.price:<=30":            "",
		"created_at:>2020-01-01":          "abcd",
		"created_at:<2020-01-01":          "",
		"updated_at:>=2020-01-01T00:00:00Z created_at:<=2999-12-31": "abcd",
		"price:10":                  "abcd", // no field of ours: text that nothing has
		"'; drop table product; --": "",
		"%":                         "abcd",
		"ghost":                     "",
	} {
		if got := handles(m.find(query, catalog.SortTitle, first(10))); got != want {
			t.Errorf("%q finds %q, want %q", query, got, want)
		}
	}
	if got := handles(m.find("lamp", catalog.SortRelevance, first(10))); got[2] != 'b' {
		t.Errorf("by relevance %q: the table that only mentions lamps is not last", got)
	}
}

func TestProductsAreListedInEveryOrderFromBothEnds(t *testing.T) {
	t.Parallel()
	m := open(t, shelf)
	m.load(strings.Replace(shelf, "Alpha Lamp,Acme", "Alpha Lamp,Bolt", 1)) // the newest change
	m.sold("b-table", 7)
	for sort, want := range map[catalog.ProductSortKeys]string{
		catalog.SortTitle: "abcd", catalog.SortVendor: "cdab", catalog.SortPrice: "abcd", catalog.SortProductType: "dabc",
		catalog.SortCreatedAt: "", catalog.SortID: "", catalog.SortUpdatedAt: "", catalog.SortBestSelling: "", catalog.SortRelevance: "",
	} {
		all := handles(m.find("", sort, first(10)))
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
		if got := handles(m.find("", sort, reversed)); got != reverse(all) {
			t.Errorf("%s turned around lists %q, forward %q", sort, got, all)
		}
		for _, turned := range []bool{false, true} {
			want := all
			if turned {
				want = reverse(all)
			}
			if got := m.walk(sort, turned, false); got != want {
				t.Errorf("%s page by page (reverse %v): %q, want %q", sort, turned, got, want)
			}
			if got := m.walk(sort, turned, true); got != want {
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
func (m market) walk(sort catalog.ProductSortKeys, turned, backward bool) string {
	m.t.Helper()
	one, got := 1, ""
	page := pg.Page{Reverse: turned}
	if backward {
		page.Last = &one
	} else {
		page.First = &one
	}
	for range 10 {
		c := m.find("", sort, page)
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
	m := open(t, shelf)
	lights, err := catalog.CollectionByHandle(t.Context(), m.Pool, shopper, "lights")
	if err != nil || lights.Title != "Lights" {
		t.Fatal(lights, err)
	}
	for sort, want := range map[catalog.ProductCollectionSortKeys]string{
		catalog.CollectionDefault: "dac", catalog.CollectionManual: "dac", catalog.CollectionTitle: "acd", catalog.CollectionPrice: "acd",
	} {
		c, err := m.of(shopper, lights.ID, nil, sort, first(10))
		if err != nil || handles(c) != want {
			t.Errorf("%s: %q, want %q (%v)", sort, handles(c), want, err)
		}
	}
	staff := access.Actor{Kind: access.Staff, Scopes: access.Scopes{"catalog:read"}}
	c, err := m.of(staff, lights.ID, nil, catalog.CollectionDefault, first(10))
	if err != nil || handles(c) != "dace" {
		t.Errorf("staff sees %q (%v)", handles(c), err)
	}
	for _, sort := range []catalog.CollectionSortKeys{catalog.CollectionsByIDs, catalog.CollectionsByTitle, catalog.CollectionsByUpdate, catalog.CollectionsByRelevance} {
		list, err := catalog.Collections(t.Context(), m.Pool, shopper, "lights", sort, first(5))
		if err != nil || len(list.Nodes) != 1 {
			t.Errorf("collections by %s: %v, %v", sort, list, err)
		}
	}
}

func TestCursorsOfOtherListsAreRefused(t *testing.T) {
	t.Parallel()
	m := open(t, shelf)
	byTitle := m.find("", catalog.SortTitle, first(1)).PageInfo.EndCursor
	for name, cursor := range map[string]string{
		"another order": *byTitle, "no base64": "???", "no keys": pg.EncodeCursor("x"), "no id": pg.EncodeCursor("CREATED_AT", "2026-01-01", "x"),
		"no order": pg.EncodeCursor("2026-01-01", "gid://wharf/Product/00000000-0000-0000-0000-000000000000"),
		"infinite": pg.EncodeCursor("CREATED_AT", "soon", "gid://wharf/Product/00000000-0000-0000-0000-000000000000"),
	} {
		page := first(1)
		page.After = &cursor
		_, err := m.Search.Products(t.Context(), shopper, "", catalog.SortCreatedAt, page)
		if !fault.IsKind(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := m.Search.Products(t.Context(), shopper, "", "WORST", first(1)); !fault.IsKind(err, fault.Invalid) {
		t.Error("an unknown order was taken")
	}
}

func TestACursorIsOfOneOrder(t *testing.T) {
	t.Parallel()
	m := open(t, shelf)
	lights, err := catalog.CollectionByHandle(t.Context(), m.Pool, shopper, "lights")
	if err != nil {
		t.Fatal(err)
	}
	type list func(sort string, page pg.Page) (pg.PageInfo, error)
	products := func(words string) list {
		return func(sort string, page pg.Page) (pg.PageInfo, error) {
			c, err := m.Search.Products(t.Context(), shopper, words, catalog.ProductSortKeys(sort), page)
			return c.PageInfo, err
		}
	}
	members := func(sort string, page pg.Page) (pg.PageInfo, error) {
		c, err := m.of(shopper, lights.ID, nil, catalog.ProductCollectionSortKeys(sort), page)
		return c.PageInfo, err
	}
	found := func(unavailable search.SearchUnavailableProductsType) list {
		return func(sort string, page pg.Page) (pg.PageInfo, error) {
			c, err := m.Search.Find(t.Context(), shopper, search.Wanted{Query: "lamp", Sort: search.SearchSortKeys(sort), Unavailable: &unavailable}, page)
			return c.PageInfo, err
		}
	}
	for name, c := range map[string]struct {
		from, to       list
		sort, other    string
		reverse, taken bool
	}{
		"a title is no vendor":                     {products(""), products(""), "TITLE", "VENDOR", false, false},
		"a vendor is no product type":              {products(""), products(""), "VENDOR", "PRODUCT_TYPE", false, false},
		"a moment of making is none of change":     {products(""), products(""), "CREATED_AT", "UPDATED_AT", false, false},
		"a price is no number of sales":            {products(""), products(""), "PRICE", "BEST_SELLING", false, false},
		"without words nothing is more relevant":   {products(""), products(""), "RELEVANCE", "ID", false, true},
		"with words something is":                  {products("lamp"), products("lamp"), "RELEVANCE", "PRICE", false, false},
		"a place is the same from both sides":      {products(""), products(""), "TITLE", "TITLE", true, true},
		"a collection's price is no place":         {members, members, "PRICE", "MANUAL", false, false},
		"a collection's own order has three names": {members, members, "COLLECTION_DEFAULT", "MANUAL", false, true},
		"a relevance is no price":                  {found(search.UnavailableShow), found(search.UnavailableShow), "RELEVANCE", "PRICE", false, false},
		"what comes last has another place":        {found(search.UnavailableLast), found(search.UnavailableShow), "RELEVANCE", "RELEVANCE", false, false},
		"and another one from the other side":      {found(search.UnavailableLast), found(search.UnavailableLast), "RELEVANCE", "RELEVANCE", true, false},
		"a search goes on":                         {found(search.UnavailableLast), found(search.UnavailableLast), "PRICE", "PRICE", false, true},
	} {
		info, err := c.from(c.sort, first(1))
		if err != nil || info.EndCursor == nil {
			t.Fatalf("%s: %v, %v", name, info, err)
		}
		page := first(1)
		page.After, page.Reverse = info.EndCursor, c.reverse
		if _, err := c.to(c.other, page); c.taken != (err == nil) || !c.taken && !fault.IsKind(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
