package main_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/shoptest"
)

// TestReadsOfAShopKeepTheirPlans: what each page of a shop and each order reads by id is planned once per connection,
// not at each execution, which costs ten times as much as the read itself. See docs/decisions/0007.
func TestReadsOfAShopKeepTheirPlans(t *testing.T) {
	t.Parallel()
	s := shoptest.New(t)
	var file strings.Builder
	file.WriteString("Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Qty,Image Src\n")
	for i := range 400 {
		fmt.Fprintf(&file, "thing-%d,Thing %d,Size,Small,S-%d,10.00,5,https://example.com/%d.jpg\n", i, i, i, i)
		fmt.Fprintf(&file, "thing-%d,,,Large,L-%d,12.00,5,\n", i, i)
	}
	_, err := catalog.Import(t.Context(), s.Pool, strings.NewReader(file.String()), catalog.ImportOptions{Currency: "USD", Stock: inventory.ApplyImported})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.ConnectConfig(t.Context(), s.Pool.Config().ConnConfig.Copy())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	var variant id.ProductVariantID
	var product id.ProductID
	for _, sql := range []string{`reset role`, `analyze`} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.QueryRow(t.Context(), `select id, product_id from product_variant where sku = 'L-200'`).Scan(&variant, &product); err != nil {
		t.Fatal(err)
	}
	variants, products := []id.ProductVariantID{variant}, []id.ProductID{product}
	read := func(_ any, err error) error { return err }
	for name, do := range map[string]func(context.Context, pg.DB) error{
		"variants by id": func(ctx context.Context, db pg.DB) error { return read(catalog.VariantsByID(ctx, db, variants)) },
		"variants":       func(ctx context.Context, db pg.DB) error { return read(catalog.VariantsByProduct(ctx, db, products)) },
		"options":        func(ctx context.Context, db pg.DB) error { return read(catalog.OptionsByProduct(ctx, db, products)) },
		"images":         func(ctx context.Context, db pg.DB) error { return read(catalog.ImagesByProduct(ctx, db, products)) },
		"products by id": func(ctx context.Context, db pg.DB) error {
			return read(catalog.ProductsByID(ctx, db, access.Actor{}, products))
		},
		"versions of orders": func(ctx context.Context, db pg.DB) error {
			return read(s.Orders.Versions(ctx, db, []id.OrderID{id.NewOrderID()}))
		},
		"availability":       func(ctx context.Context, db pg.DB) error { return read(inventory.Availability(ctx, db, variants)) },
		"most for one order": func(ctx context.Context, db pg.DB) error { return read(inventory.MostForOneOrder(ctx, db, variants)) },
	} {
		for range 8 { // the first five are planned for their arguments, always
			if err := do(t.Context(), conn); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		var statements, anew int
		err := conn.QueryRow(t.Context(), `
select count(*), count(*) filter (where generic_plans < 3) from pg_prepared_statements where statement like '%any(%' and generic_plans + custom_plans >= 8`).
			Scan(&statements, &anew)
		if err != nil {
			t.Fatal(err)
		}
		if statements != 1 || anew != 0 {
			t.Errorf("%s: of %d statements %d are planned at each execution", name, statements, anew)
		}
		if err := conn.DeallocateAll(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
