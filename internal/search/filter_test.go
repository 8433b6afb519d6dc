package search_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/search"
)

const wardrobe = `Handle,Title,Vendor,Type,Tags,Body (HTML),Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Price,Variant Inventory Qty,Published,Collection
tee,Summer Tee,Acme,Shirt,"cotton, summer",Light and airy,Color,Red,Size,S,TEE-RS,10,5,true,All
tee,,,,,,,Red,,M,TEE-RM,10,0,,
tee,,,,,,,Blue,,S,TEE-BS,20,3,,
polo,Polo Sweater,Bolt,Shirt,cotton,Warm,Color,Red,Size,M,POLO-RM,30,2,true,All
cap,Cotton Cap,ACME,Hat,summer,For the head,,,,,CAP-1,15,0,true,All
`

// selected is a filter with the id of the filter that it is a value of.
type selected struct {
	of     string
	filter search.ProductFilter
}

func ptr[T any](v T) *T { return &v }

func vendor(name string) selected {
	return selected{"filter.p.vendor", search.ProductFilter{ProductVendor: &name}}
}

func tagged(tag string) selected {
	return selected{"filter.p.tag", search.ProductFilter{Tag: &tag}}
}

func option(name, value string) selected {
	return selected{"filter.v.option." + strings.ToLower(name), search.ProductFilter{VariantOption: &search.VariantOptionFilter{Name: name, Value: value}}}
}

func costs(low, high *float64) selected {
	return selected{"filter.v.price", search.ProductFilter{Price: &search.PriceRangeFilter{Min: low, Max: high}}}
}

func available(yes bool) selected {
	return selected{"filter.v.availability", search.ProductFilter{Available: &yes}}
}

func filtersOf(all []selected) []search.ProductFilter {
	filters := make([]search.ProductFilter, len(all))
	for i, s := range all {
		filters[i] = s.filter
	}
	return filters
}

// within lists the products of the collection All that meet filters, by title.
func (m market) within(filters []search.ProductFilter) (search.ProductConnection, error) {
	m.t.Helper()
	c, err := catalog.CollectionByHandle(m.t.Context(), m.Pool, shopper, "all")
	if err != nil {
		m.t.Fatal(err)
	}
	return m.of(shopper, c.ID, filters, catalog.CollectionTitle, first(50))
}

// filters says what a list can be filtered by.
func (m market) filters(list search.ProductConnection) []search.Filter {
	m.t.Helper()
	filters, err := m.Search.Filters(m.t.Context(), []search.Filterable{list.Filterable})
	if err != nil {
		m.t.Fatal(err)
	}
	return filters[list.Filterable]
}

func TestFiltersHoldForOneVariant(t *testing.T) {
	t.Parallel()
	m := open(t, wardrobe)
	for _, c := range []struct {
		by   []selected
		want string
	}{
		{nil, "cpt"},
		{[]selected{vendor("acme")}, "ct"},
		{[]selected{vendor("Acme"), vendor("Bolt")}, "cpt"},
		{[]selected{vendor("Acme"), tagged("Cotton")}, "t"},
		{[]selected{tagged("cotton"), tagged("summer")}, "cpt"},
		{[]selected{option("Color", "red")}, "pt"},
		{[]selected{option("color", "Red"), option("Size", "M")}, "pt"},
		{[]selected{option("Color", "Red"), option("Size", "M"), available(true)}, "p"},
		{[]selected{option("Color", "Red"), option("Size", "M"), available(false)}, "t"},
		{[]selected{option("Color", "Blue"), option("Size", "M")}, ""},
		{[]selected{option("Color", "Blue"), option("Color", "Red")}, "pt"},
		{[]selected{available(true)}, "pt"},
		{[]selected{available(false)}, "c"},
		{[]selected{available(true), available(false)}, "cpt"},
		{[]selected{costs(ptr(15.0), ptr(20.0))}, "ct"},
		{[]selected{costs(nil, ptr(10.0))}, "t"},
		{[]selected{costs(ptr(9.999), ptr(10.001))}, "t"},
		{[]selected{costs(ptr(10.001), ptr(14.999))}, ""},
		{[]selected{costs(nil, ptr(10.0)), costs(ptr(30.0), nil)}, "pt"},
		{[]selected{costs(ptr(20.0), nil), option("Color", "Red")}, "p"},
		{[]selected{costs(nil, nil), {"", search.ProductFilter{}}}, "cpt"},
		{[]selected{vendor(`a","b}\`), vendor("%"), vendor("שלום 🎉")}, ""},
		{[]selected{{"", search.ProductFilter{TaxonomyMetafield: &search.TaxonomyMetafieldFilter{Namespace: "shopify", Key: "color", Value: "red"}}}}, ""},
	} {
		list, err := m.within(filtersOf(c.by))
		if err != nil || handles(list) != c.want {
			t.Errorf("%+v finds %q, want %q (%v)", c.by, handles(list), c.want, err)
		}
	}
}

func TestFiltersThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	m := open(t, wardrobe)
	metafield := search.MetafieldFilter{Namespace: "custom", Key: "secret", Value: "x"}
	for name, by := range map[string][]search.ProductFilter{
		"no range":           filtersOf([]selected{costs(ptr(2.0), ptr(1.0))}),
		"below nothing":      filtersOf([]selected{costs(ptr(-1.0), nil)}),
		"beyond all":         filtersOf([]selected{costs(ptr(1e300), nil)}),
		"a zero byte":        filtersOf([]selected{vendor("a\x00b")}),
		"no text":            filtersOf([]selected{tagged("\xff")}),
		"a long text":        filtersOf([]selected{tagged(strings.Repeat("x", 256))}),
		"no option":          filtersOf([]selected{option("", "x")}),
		"a metafield of its": {{ProductMetafield: &metafield}},
		"a variant's":        {{VariantMetafield: &metafield}},
		"500":                make([]search.ProductFilter, 500),
	} {
		if _, err := m.within(by); !fault.IsKind(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCountsAreThoseOfTheList: under any selection, what a value promises is what the list has with it in the place of
// what else is selected of its filter. Its input is read back as a storefront would send it.
func TestCountsAreThoseOfTheList(t *testing.T) {
	t.Parallel()
	m := open(t, wardrobe)
	seen := 0
	m.countsHold(&seen)
	m.exec(`update listing set alike = digest, digest = digest || '-'`) // as a release that knows of no alike leaves rows behind
	m.countsHold(&seen)
	if seen < 120 {
		t.Errorf("only %d values were counted", seen)
	}
}

// TestWithoutFiltersCountsAreTheSame: the statement that weighs nothing counts what the other does.
func TestWithoutFiltersCountsAreTheSame(t *testing.T) {
	t.Parallel()
	m := open(t, wardrobe)
	m.exec(`update listing set alike = '' where handle like 'c%'`)
	all := m.find("", catalog.SortID, first(1)).Filterable
	within, err := m.within(nil)
	if err != nil {
		t.Fatal(err)
	}
	hide := search.UnavailableHide
	for name, list := range map[string]search.Filterable{
		"all": all, "some": m.find("cotton -tag:summer", catalog.SortID, first(1)).Filterable, "none": m.find("quokka", catalog.SortID, first(1)).Filterable,
		"a collection": within.Filterable, "found": m.search(search.Wanted{Query: "cotton"}, first(1)).Filterable(),
		"all that is found": m.search(search.Wanted{}, first(1)).Filterable(),
		"what can be had":   m.search(search.Wanted{Query: "cotton", Unavailable: &hide}, first(1)).Filterable(),
	} {
		whole, err := m.Search.Filters(t.Context(), []search.Filterable{list})
		if err != nil {
			t.Fatal(err)
		}
		narrowed, err := m.Search.Narrowed(t.Context(), list)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := shown(whole[list]), shown(narrowed); got != want || (got == "") != (name == "none") {
			t.Errorf("%s can be filtered by\n%s\nand weighed by\n%s", name, got, want)
		}
	}
}

// countsHold holds what the values of filters promise against the lists with them.
func (m market) countsHold(seen *int) {
	t := m.t
	t.Helper()
	for _, by := range [][]selected{
		nil,
		{vendor("Acme")},
		{vendor("Acme"), vendor("Bolt"), tagged("summer")},
		{option("Color", "Blue")},
		{option("Color", "Red"), option("Size", "M")},
		{option("Color", "Red"), available(true)},
		{option("Size", "M"), available(false)},
		{available(true)},
		{available(false)},
		{costs(ptr(12.0), nil), available(true)},
		{costs(ptr(10.0), ptr(30.0)), available(false)},
		{costs(ptr(20.0), ptr(20.0)), tagged("cotton"), available(true)},
		{costs(nil, ptr(12.0)), tagged("cotton"), option("Size", "S")},
	} {
		list, err := m.within(filtersOf(by))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range m.filters(list) {
			others := slices.DeleteFunc(slices.Clone(by), func(s selected) bool { return s.of == f.ID })
			for _, v := range f.Values {
				var read search.ProductFilter
				if err := json.Unmarshal([]byte(v.Input.(string)), &read); err != nil {
					t.Fatalf("%s: %v", v.Input, err)
				}
				with, err := m.within(append(filtersOf(others), read))
				if err != nil {
					t.Fatal(err)
				}
				*seen++
				if len(with.Nodes) != v.Count {
					t.Errorf("under %+v %s promises %d, the list with it has %q", by, v.ID, v.Count, handles(with))
				}
			}
		}
	}
}

// TestListsAreCountedTogether: what collections can be filtered by is the same for each as if it were alone.
func TestListsAreCountedTogether(t *testing.T) {
	t.Parallel()
	m := open(t, wardrobe)
	m.exec(`insert into collection (id, handle, title) values (gen_random_uuid(), 'shirts', 'Shirts')`)
	m.exec(`insert into collection_product (collection_id, product_id, position)
select c.id, p.id, 1 from collection c, product p where c.handle = 'shirts' and p.product_type = 'Shirt'`)
	var collections []id.CollectionID
	for _, handle := range []string{"shirts", "all"} {
		c, err := catalog.CollectionByHandle(t.Context(), m.Pool, shopper, handle)
		if err != nil {
			t.Fatal(err)
		}
		collections = append(collections, c.ID)
	}
	collections = append(collections, id.NewCollectionID()) // has nothing
	for _, by := range [][]selected{nil, {tagged("cotton")}, {costs(ptr(12.0), nil), available(true)}} {
		lists, err := m.Search.ProductsByCollection(t.Context(), shopper, collections, filtersOf(by), catalog.CollectionTitle, first(1))
		if err != nil {
			t.Fatal(err)
		}
		var asked []search.Filterable
		for _, collection := range collections {
			asked = append(asked, lists[collection].Filterable)
		}
		together, err := m.Search.Filters(t.Context(), asked)
		if err != nil {
			t.Fatal(err)
		}
		counts := map[string]bool{}
		for i, collection := range collections {
			alone, err := m.of(shopper, collection, filtersOf(by), catalog.CollectionTitle, first(1))
			if err != nil {
				t.Fatal(err)
			}
			got := shown(together[asked[i]])
			if want := shown(m.filters(alone)); got != want {
				t.Errorf("under %+v list %d can be filtered by\n%s\nand alone by\n%s", by, i, got, want)
			}
			counts[got] = true
		}
		if len(counts) != 3 {
			t.Errorf("under %+v three lists have %d kinds of filters", by, len(counts))
		}
	}
}

// shown writes filters as text.
func shown(filters []search.Filter) string {
	var lines []string
	for _, f := range filters {
		line := fmt.Sprintf("%s %s %s %s:", f.ID, f.Label, f.Type, *f.Presentation)
		for _, v := range f.Values {
			line += fmt.Sprintf(" %s %d %s", v.Label, v.Count, v.Input)
			if v.Swatch != nil {
				line += " " + *v.Swatch.Color
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func TestFiltersOfAList(t *testing.T) {
	t.Parallel()
	m := open(t, wardrobe)
	m.exec(`update product_option_value set swatch_color = '#FF0000' where name = 'Red'`)
	polo, err := catalog.ProductByHandle(t.Context(), m.Pool, access.SystemActor, "polo")
	if err != nil {
		t.Fatal(err)
	}
	m.exec(`insert into metafield (id, owner_kind, owner_id, namespace, key, type, value)
values (gen_random_uuid(), 'PRODUCT', $1, 'custom', 'material', 'list.single_line_text_field', '["Wool", "Silk"]'),
       (gen_random_uuid(), 'PRODUCT', $1, 'custom', 'margin', 'number_decimal', '0.7')`, polo.ID)
	if err := search.Touch(t.Context(), m.Pool, []id.ProductID{polo.ID}); err != nil {
		t.Fatal(err)
	}
	m.Listed(t)
	if _, err := m.Search.SetFilterSettings(t.Context(), search.FilterSettingsSetInput{Metafields: []search.FilterSettingInput{
		{Owner: "PRODUCT", Namespace: "custom", Key: "material", Label: ptr("Material")},
	}}); err != nil {
		t.Fatal(err)
	}
	list, err := m.within(nil)
	if err != nil {
		t.Fatal(err)
	}
	const want = `filter.v.availability Availability BOOLEAN TEXT: In stock 2 {"available":true} Out of stock 1 {"available":false}
filter.v.price Price PRICE_RANGE TEXT: Price 3 {"price":{"min":10.00,"max":30.00}}
filter.v.option.color Color LIST SWATCH: Red 2 {"variantOption":{"name":"Color","value":"Red"}} #FF0000 Blue 1 {"variantOption":{"name":"Color","value":"Blue"}}
filter.v.option.size Size LIST TEXT: M 2 {"variantOption":{"name":"Size","value":"M"}} S 1 {"variantOption":{"name":"Size","value":"S"}}
filter.p.product_type Product type LIST TEXT: Shirt 2 {"productType":"Shirt"} Hat 1 {"productType":"Hat"}
filter.p.vendor Brand LIST TEXT: ACME 2 {"productVendor":"ACME"} Bolt 1 {"productVendor":"Bolt"}
filter.p.tag Tag LIST TEXT: cotton 2 {"tag":"cotton"} summer 2 {"tag":"summer"}
filter.p.m.custom.material Material LIST TEXT: Silk 1 {"productMetafield":{"namespace":"custom","key":"material","value":"Silk"}} Wool 1 {"productMetafield":{"namespace":"custom","key":"material","value":"Wool"}}`
	if got := shown(m.filters(list)); got != want && got != strings.Replace(want, "ACME", "Acme", 2) {
		t.Errorf("the list can be filtered by\n%s\nwant\n%s", got, want)
	}
	wool, err := m.within([]search.ProductFilter{{ProductMetafield: &search.MetafieldFilter{Namespace: "custom", Key: "material", Value: "wool"}}})
	if err != nil || handles(wool) != "p" {
		t.Errorf("wool is %q (%v)", handles(wool), err)
	}
	if _, err := m.within([]search.ProductFilter{{ProductMetafield: &search.MetafieldFilter{Namespace: "custom", Key: "margin", Value: "0.7"}}}); !fault.IsKind(err, fault.Invalid) {
		t.Errorf("what is not for shoppers can be filtered by: %v", err)
	}
}
