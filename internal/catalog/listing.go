package catalog

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// ProductEdge is one product of a page.
type ProductEdge = pg.Edge[Product]

// Listed is a product with all that the listing says of it, apart from its stock.
type Listed struct {
	Product    Product
	Variants   []ProductVariant
	Metafields []ListedMetafield // the product's own, and those of its variants
}

// ListedMetafield is a metafield short enough to be filtered by.
type ListedMetafield struct {
	Variant        *id.ProductVariantID // nil for the product's own
	Namespace, Key string
	Type, Value    string
}

const listedMetafieldsSQL = `
select m.owner_id, m.owner_kind, m.namespace, m.key, m.type, m.value
from metafield m
where m.owner_id = any((select $1::uuid[])::uuid[])
  and m.owner_kind in ('PRODUCT', 'VARIANT')
  and length(m.value) <= 2000
order by m.owner_id, m.namespace, m.key`

// ForListing reads products as they are now, published or not. One that is no more, or has nothing to sell, is absent
// from the answer.
func ForListing(ctx context.Context, db pg.DB, products []id.ProductID) (map[id.ProductID]*Listed, error) {
	found, err := ProductsByID(ctx, db, access.SystemActor, products)
	if err != nil {
		return nil, err
	}
	variants, err := VariantsByProduct(ctx, db, products)
	if err != nil {
		return nil, err
	}
	by := make(map[id.ProductID]*Listed, len(found))
	owners := map[[16]byte]*Listed{}
	var asked [][16]byte
	for product, p := range found {
		if len(variants[product]) == 0 {
			continue
		}
		l := &Listed{Product: p, Variants: variants[product]}
		by[product], owners[product] = l, l
		asked = append(asked, product)
		for _, v := range l.Variants {
			owners[v.ID] = l
			asked = append(asked, v.ID)
		}
	}
	rows, err := db.Query(ctx, listedMetafieldsSQL, asked)
	if err != nil {
		return nil, fmt.Errorf("read metafields: %w", err)
	}
	var owner [16]byte
	var kind string
	var m ListedMetafield
	_, err = pgx.ForEachRow(rows, []any{&owner, &kind, &m.Namespace, &m.Key, &m.Type, &m.Value}, func() error {
		if m.Variant = nil; kind == "VARIANT" {
			variant := id.ProductVariantID(owner)
			m.Variant = &variant
		}
		owners[owner].Metafields = append(owners[owner].Metafields, m)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read metafields: %w", err)
	}
	return by, nil
}

const productsAfterSQL = `
select id
from product
where $1::uuid is null or id > $1
order by id
limit $2`

// ProductsAfter gives the ids of all products piece by piece, in their order.
func ProductsAfter(ctx context.Context, db pg.DB, after *id.ProductID, limit int) ([]id.ProductID, error) {
	rows, err := db.Query(ctx, productsAfterSQL, after, limit)
	if err != nil {
		return nil, fmt.Errorf("go through the products: %w", err)
	}
	products, err := pgx.CollectRows(rows, pgx.RowTo[id.ProductID])
	if err != nil {
		return nil, fmt.Errorf("go through the products: %w", err)
	}
	return products, nil
}

// Look is how an option's value looks, as the first product that says so has it.
type Look struct {
	Option, Value string // in lower case
	Color         *string
	ImageID       id.MediaImageID
	ImageURL, Alt *string
}

const looksSQL = `
select distinct on (lower(o.name), lower(v.name)) lower(o.name), lower(v.name), v.swatch_color, v.id, v.swatch_image_url, v.swatch_image_alt
from product_option_value v
join product_option o on o.id = v.option_id
where lower(v.name) = any((select $1::text[])::text[])
  and (v.swatch_color is not null or v.swatch_image_url is not null)
order by lower(o.name), lower(v.name), v.id`

// Looks tells how option values look, by their names in lower case, whatever product they are of.
func Looks(ctx context.Context, db pg.DB, values []string) ([]Look, error) {
	rows, err := db.Query(ctx, looksSQL, values)
	if err != nil {
		return nil, fmt.Errorf("read swatches: %w", err)
	}
	looks, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Look])
	if err != nil {
		return nil, fmt.Errorf("read swatches: %w", err)
	}
	return looks, nil
}
