package catalog

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

func (p *Product) fields() []any {
	return []any{
		&p.ID, &p.Handle, &p.Title, &p.DescriptionHTML, &p.Text, &p.Vendor, &p.ProductType, &p.Tags, &p.Status,
		&p.PublishedOn, &p.IsGiftCard, &p.SEOTitle, &p.SEODescription, &p.OptionNames, &p.Currency, &p.MinPrice,
		&p.MaxPrice, &p.MinCompareAt, &p.MaxCompareAt, &p.VariantCount, &p.UnitsSold, &p.CreatedAt, &p.UpdatedAt,
	}
}

func scanProduct(row pgx.CollectableRow) (Product, error) {
	var p Product
	err := row.Scan(p.fields()...)
	return p, err
}

const productByHandleSQL = `
select p.id, p.handle, p.title, p.description_html, p.description, p.vendor, p.product_type, p.tags, p.status,
       p.published_at, p.gift_card, p.seo_title, p.seo_description, p.option_names, p.currency, p.min_price,
       p.max_price, p.min_compare_at, p.max_compare_at, p.variants_count, p.units_sold, p.created_at, p.updated_at
from product p
where p.handle = $1
  and ($2 or (p.status = 'ACTIVE' and p.published_at <= now()))`

// ProductByHandle reads one product; one that is not there, or not the caller's to see, is a fault.
func ProductByHandle(ctx context.Context, db pg.DB, actor access.Actor, handle string) (Product, error) {
	var p Product
	switch err := db.QueryRow(ctx, productByHandleSQL, handle, SeesAll(actor)).Scan(p.fields()...); {
	case errors.Is(err, pgx.ErrNoRows):
		return Product{}, noProduct
	case err != nil:
		return Product{}, fmt.Errorf("read a product: %w", err)
	default:
		return p, nil
	}
}

var noProduct = fault.New(fault.NotFound, "NOT_FOUND", "There is no such product.")

const productsByIDSQL = `
select p.id, p.handle, p.title, p.description_html, p.description, p.vendor, p.product_type, p.tags, p.status,
       p.published_at, p.gift_card, p.seo_title, p.seo_description, p.option_names, p.currency, p.min_price,
       p.max_price, p.min_compare_at, p.max_compare_at, p.variants_count, p.units_sold, p.created_at, p.updated_at
from product p
where p.id = any((select $1::uuid[])::uuid[])
  and ($2 or (p.status = 'ACTIVE' and p.published_at <= now()))`

// ProductsByID reads products; one that is not there, or not the caller's to see, is absent from the answer.
func ProductsByID(ctx context.Context, db pg.DB, actor access.Actor, ids []id.ProductID) (map[id.ProductID]Product, error) {
	rows, err := db.Query(ctx, productsByIDSQL, ids, SeesAll(actor))
	if err != nil {
		return nil, fmt.Errorf("read products: %w", err)
	}
	found, err := pgx.CollectRows(rows, scanProduct)
	if err != nil {
		return nil, fmt.Errorf("read products: %w", err)
	}
	by := make(map[id.ProductID]Product, len(found))
	for _, p := range found {
		by[p.ID] = p
	}
	return by, nil
}

const versionsSQL = `
select id, version
from product
where id = any((select $1::uuid[])::uuid[])`

// Versions says how often the products have changed.
func Versions(ctx context.Context, db pg.DB, products []id.ProductID) (map[id.ProductID]int, error) {
	rows, err := db.Query(ctx, versionsSQL, products)
	if err != nil {
		return nil, fmt.Errorf("read the versions of products: %w", err)
	}
	versions := make(map[id.ProductID]int, len(products))
	var product id.ProductID
	var version int
	_, err = pgx.ForEachRow(rows, []any{&product, &version}, func() error {
		versions[product] = version
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the versions of products: %w", err)
	}
	return versions, nil
}
