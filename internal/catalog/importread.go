package catalog

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
)

const lockProductsSQL = `
select p.id, p.handle, p.title, p.description_html, p.description, p.vendor, p.product_type, p.tags, p.status,
       p.published_at, p.gift_card, p.seo_title, p.seo_description, p.option_names, p.currency, p.min_price,
       p.max_price, p.min_compare_at, p.max_compare_at, p.variants_count, p.units_sold, p.created_at, p.updated_at
from product p
where p.handle = any($1::text[])
order by p.id
for update`

const storedVariantsSQL = `
select id, product_id, position, title, sku, barcode, option_values, price, compare_at_price, currency, taxable,
       tax_class, requires_shipping, weight_grams, weight_unit, image_id, removed_at is not null, unit_quantity,
       unit_measure, reference_quantity, reference_measure, quantity_minimum, quantity_maximum, quantity_increment
from product_variant
where product_id = any($1::uuid[])
order by product_id, removed_at is not null, position, id`

const collectionHandlesSQL = `
select m.product_id, c.handle
from collection_product m
join collection c on c.id = m.collection_id
where m.product_id = any($1::uuid[])`

// readStored locks products and reads what belongs to them, by handle.
func readStored(ctx context.Context, tx pgx.Tx, handles []string) (map[string]*stored, error) {
	rows, err := tx.Query(ctx, lockProductsSQL, handles)
	if err != nil {
		return nil, wrap(err, "lock products")
	}
	products, err := pgx.CollectRows(rows, scanProduct)
	if err != nil {
		return nil, wrap(err, "lock products")
	}
	byID, byHandle := make(map[id.ProductID]*stored, len(products)), make(map[string]*stored, len(products))
	ids := make([]id.ProductID, len(products))
	for i, p := range products {
		s := &stored{Product: p}
		ids[i], byID[p.ID], byHandle[p.Handle] = p.ID, s, s
	}
	if len(ids) == 0 {
		return byHandle, nil
	}
	options, err := OptionsByProduct(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	images, err := ImagesByProduct(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	for product, s := range byID {
		s.options, s.images = options[product], images[product]
	}
	if err := readStoredVariants(ctx, tx, byID, ids); err != nil {
		return nil, wrap(err, "read variants")
	}
	rows, err = tx.Query(ctx, collectionHandlesSQL, ids)
	if err != nil {
		return nil, wrap(err, "read the products' collections")
	}
	var product id.ProductID
	var handle string
	_, err = pgx.ForEachRow(rows, []any{&product, &handle}, func() error {
		byID[product].collections = append(byID[product].collections, handle)
		return nil
	})
	return byHandle, wrap(err, "read the products' collections")
}

func readStoredVariants(ctx context.Context, tx pgx.Tx, byID map[id.ProductID]*stored, ids []id.ProductID) error {
	rows, err := tx.Query(ctx, storedVariantsSQL, ids)
	if err != nil {
		return err
	}
	variants, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (storedVariant, error) {
		var v storedVariant
		var compareAt *int64
		var unit unitRow
		err := row.Scan(&v.ID, &v.ProductID, &v.Position, &v.Title, &v.SKU, &v.Barcode, &v.OptionValues, &v.Price.Minor,
			&compareAt, &v.Price.CurrencyCode, &v.Taxable, &v.TaxClass, &v.RequiresShipping, &v.WeightGrams,
			&v.WeightUnit, &v.ImageID, &v.removed, &unit.quantity, &unit.measure, &unit.reference, &unit.per,
			&v.Quantities.Minimum, &v.Quantities.Maximum, &v.Quantities.Increment)
		v.UnitPriceMeasurement = unit.measurement()
		if compareAt != nil {
			was := money.New(*compareAt, v.Price.CurrencyCode)
			v.CompareAtPrice = &was
		}
		return v, err
	})
	for _, v := range variants {
		byID[v.ProductID].variants = append(byID[v.ProductID].variants, v)
	}
	return err
}
