package search_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/pg/pgtest"
	"github.com/wharfhq/wharf/internal/search"
)

// plannedOnce are statements whose plan is the same whatever they are asked: docs/decisions/0007.
var plannedOnce = []string{"facets of collections", "whole facets of collections", "whole searched facets", "search", "searched facets", "count of a search", "predicted"}

// TestListsUseTheirIndexes: with ten thousand products and twenty-five thousand variants no list, no collection with its
// facets and no search reads a whole table.
func TestListsUseTheirIndexes(t *testing.T) {
	t.Parallel()
	conn, err := pgx.Connect(t.Context(), pgtest.NewURL(t)) // as the owner, who may analyze
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	const collection = "00000000-0000-0000-0000-000000000001"
	for _, sql := range []string{
		`insert into listing (copy, product_id, active, published_at, handle, title, title_key, vendor, vendor_key, product_type, type_key,
		 tags, tag_keys, variant_titles, body, skus, barcodes, price, available, units_sold, created_at, updated_at, facet_keys, facet_labels, words, search, digest)
		 select 0, gen_random_uuid(), true, now(), 'p' || n, 'Product ' || n, 'product ' || n, 'v' || n % 50, 'v' || n % 50, 't' || n % 20, 't' || n % 20,
		 '', '{}', '', '', array['sku-' || n], '{}', n, true, n % 100, now(), now(), array['vendor' || E'\x1f' || 'v' || n % 50], array['v' || n % 50],
		 'product ' || n || md5(n::text), to_tsvector('english', 'Product ' || n || ' w' || n % 300), '' from generate_series(1, 10000) n`,
		`insert into listing_variant (copy, product_id, variant_id, price, available, facet_keys, facet_labels)
		 select 0, l.product_id, gen_random_uuid(), l.price, true, array['option.size' || E'\x1f' || v], array['Size' || E'\x1f' || v]
		 from listing l, generate_series(1, 3) v where v < 3 or l.price % 2 = 0`,
		`insert into collection (id, handle, title) values ('` + collection + `', 'c', 'C')`,
		`insert into product (id, handle, title, currency, min_price, max_price, variants_count) select product_id, handle, title, 'USD', price, price, 1 from listing`,
		`insert into collection_product (collection_id, product_id, position) select '` + collection + `', product_id, price from listing where price <= 100`,
		`insert into collection (id, handle, title) select gen_random_uuid(), 'c' || n, 'C' from generate_series(1, 100) n`,
		`insert into collection_product (collection_id, product_id, position) select c.id, l.product_id, 1 from collection c, listing l where c.handle <> 'c' and l.price % 100 = 5`,
		`analyze`,
	} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%v: %.60s", err, sql)
		}
	}
	filters := []any{false, []string{}, []string{}, nil, nil}
	list := func(collection any) []any {
		return append(filters[:5:5], collection, "", []int32{}, []string{}, []string{}, []string{}, []bool{}, []string{}, []string{}, nil, nil, nil)
	}
	page := []any{nil, nil, 25}
	found := append(filters[:5:5], "'product' & 'w7'", "quokka blanket", true, true, true, "LAST")
	for name, statement := range search.Statements() {
		var arguments []any
		switch {
		case name == "count of a search":
			arguments = append(slices.Clip(found), nil)
		case strings.HasSuffix(name, "searched facets"):
			arguments = append(slices.Clip(found), nil, []string{})
		case name == "predicted in":
			arguments = append(slices.Clip(found), true, 50, []string{"TITLE"})
		case name == "search":
			arguments = append(slices.Clip(found), "!'w8'", int64(-1000), nil, nil, 25)
		case name == "predicted":
			arguments = append(slices.Clip(found), true, 50)
		case strings.HasSuffix(name, "facets of collections"):
			arguments = append(filters[:5:5], []string{collection}, []string{})
		case strings.HasPrefix(name, "members"):
			arguments = append(append(filters[:5:5], []string{collection}), page...)
		case strings.Contains(name, "RELEVANCE"):
			arguments = append(list(nil), page...)
			arguments[6] = "w7"
		default:
			arguments = append(list(nil), page...)
		}
		rows, err := conn.Query(t.Context(), "explain "+statement, arguments...)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		plan := strings.Join(lines, "\n")
		for _, line := range lines {
			if strings.Contains(line, "Seq Scan on listing") && !strings.Contains(line, "listing_state") {
				t.Errorf("%s reads the whole table:\n%s", name, plan)
				break
			}
		}
		if slices.Contains(plannedOnce, name) || strings.HasPrefix(name, "members") {
			for range 8 { // the first five are planned for their arguments, always
				if _, err := conn.Exec(t.Context(), statement, arguments...); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
			var anew int
			if err := conn.QueryRow(t.Context(), `select custom_plans from pg_prepared_statements where statement = $1`, statement).Scan(&anew); err != nil || anew > 5 {
				t.Errorf("%s was planned %d times of 8 (%v)", name, anew, err)
			}
		}
	}
}
