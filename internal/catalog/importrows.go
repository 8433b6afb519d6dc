package catalog

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
)

// importWrite gathers the statements of one batch; they go to the database together.
type importWrite struct {
	batch   *pgx.Batch
	summary *ImportSummary
	has     func(string) bool
	now     time.Time
	owner   string // whose external ids the file has
	changed []id.ProductID
	join    []membership
	figures []StockFigure
}

type membership struct {
	collection id.CollectionID
	product    id.ProductID
}

const addProductSQL = `
insert into product (id, handle, title, description_html, description, vendor, product_type, tags, status,
                     published_at, gift_card, seo_title, seo_description, option_names, currency,
                     min_price, max_price, variants_count, created_at, updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, 0, 0, $16, $16)`

const changeProductSQL = `
update product
set title = $2, description_html = $3, description = $4, vendor = $5, product_type = $6, tags = $7, status = $8,
    published_at = $9, gift_card = $10, seo_title = $11, seo_description = $12, option_names = $13, currency = $14
where id = $1`

// product queues what makes the shop's product the file's.
func (w *importWrite) product(old *stored, to stored, f fileProduct) {
	p := to.Product
	joins := slices.ContainsFunc(w.join, func(m membership) bool { return m.product == p.ID })
	switch {
	case old == nil:
		w.batch.Queue(addProductSQL, p.ID, p.Handle, p.Title, p.DescriptionHTML, p.Text, p.Vendor, p.ProductType, p.Tags,
			p.Status, p.PublishedOn, p.IsGiftCard, p.SEOTitle, p.SEODescription, p.OptionNames, p.Currency, w.now)
	case differ(old.Product, p):
		w.batch.Queue(changeProductSQL, p.ID, p.Title, p.DescriptionHTML, p.Text, p.Vendor, p.ProductType, p.Tags,
			p.Status, p.PublishedOn, p.IsGiftCard, p.SEOTitle, p.SEODescription, p.OptionNames, p.Currency)
	}
	before := stored{}
	if old != nil {
		before = *old
	}
	changed := old == nil || joins || differ(before.Product, p)
	changed = w.options(before.options, to.options) || changed
	changed = w.images(before.images, to.images) || changed
	changed = w.variants(before.variants, to.variants, f) || changed
	w.dropImages(before.images, to.images)
	changed = w.names(before, p, f) || changed
	switch {
	case old == nil:
		w.summary.Products.Created++
	case changed:
		w.summary.Products.Updated++
	default:
		w.summary.Products.Unchanged++
	}
	if changed {
		w.changed = append(w.changed, p.ID)
	}
}

// names lets the product have the names that the file gives it.
func (w *importWrite) names(old stored, to Product, f fileProduct) bool {
	if f.external == "" || old.external != nil && old.Handle == to.Handle {
		return false
	}
	w.batch.Queue(nameProductSQL, to.ID, to.Handle, w.owner, f.external)
	return true
}

const dropOptionsSQL = `
delete from product_option
where product_id = $1`

const addOptionSQL = `
insert into product_option (id, product_id, position, name)
values ($1, $2, $3, $4)`

const addOptionValueSQL = `
insert into product_option_value (id, option_id, position, name, swatch_color, swatch_image_url, swatch_image_alt)
values ($1, $2, $3, $4, $5, $6, $7)`

func (w *importWrite) options(old, to []ProductOption) bool {
	if !differ(old, to) {
		return false
	}
	if len(old) > 0 {
		w.batch.Queue(dropOptionsSQL, old[0].ProductID)
	}
	for _, o := range to {
		w.batch.Queue(addOptionSQL, o.ID, o.ProductID, o.Position, o.Name)
		for _, v := range o.OptionValues {
			w.batch.Queue(addOptionValueSQL, v.ID, v.OptionID, v.Position, v.Name, v.Look.Color, v.Look.ImageURL,
				v.Look.ImageAlt)
		}
	}
	return true
}

const addImageSQL = `
insert into product_image (id, product_id, position, url, alt_text, width, height, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8)`

const changeImageSQL = `
update product_image
set position = $2, alt_text = $3, width = $4, height = $5
where id = $1`

const dropImagesSQL = `
delete from product_image
where id = any($1::uuid[])`

func (w *importWrite) images(old, to []ProductImage) bool {
	had := make(map[id.ProductImageID]ProductImage, len(old))
	for _, i := range old {
		had[*i.ID] = i
	}
	t := Tally{}
	for _, i := range to {
		before, ok := had[*i.ID]
		switch {
		case !ok:
			w.batch.Queue(addImageSQL, *i.ID, i.ProductID, i.Position, i.Address, i.AltText, i.Width, i.Height, i.CreatedAt)
			t.Created++
		case differ(before, i):
			w.batch.Queue(changeImageSQL, *i.ID, i.Position, i.AltText, i.Width, i.Height)
			t.Updated++
		default:
			t.Unchanged++
		}
	}
	t.Removed = len(dropped(old, to))
	w.summary.Images.add(t)
	return t.changed()
}

// dropImages takes away the images that the file no longer has, after the variants have let go of them.
func (w *importWrite) dropImages(old, to []ProductImage) {
	if ids := dropped(old, to); len(ids) > 0 {
		w.batch.Queue(dropImagesSQL, ids)
	}
}

func dropped(old, to []ProductImage) []id.ProductImageID {
	var ids []id.ProductImageID
	for _, i := range old {
		if !slices.ContainsFunc(to, func(kept ProductImage) bool { return *kept.ID == *i.ID }) {
			ids = append(ids, *i.ID)
		}
	}
	return ids
}

const addVariantSQL = `
insert into product_variant (id, product_id, position, title, sku, barcode, option_values, price, compare_at_price,
                             currency, taxable, tax_class, requires_shipping, weight_grams, weight_unit, image_id,
                             unit_quantity, unit_measure, reference_quantity, reference_measure,
                             quantity_minimum, quantity_maximum, quantity_increment)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)`

const changeVariantSQL = `
update product_variant
set position = $2, title = $3, sku = $4, barcode = $5, price = $6, compare_at_price = $7, currency = $8, taxable = $9,
    tax_class = $10, requires_shipping = $11, weight_grams = $12, weight_unit = $13, image_id = $14,
    removed_at = case when $15::boolean then coalesce(removed_at, now()) end, option_values = $16,
    unit_quantity = $17, unit_measure = $18, reference_quantity = $19, reference_measure = $20,
    quantity_minimum = $21, quantity_maximum = $22, quantity_increment = $23,
    updated_at = now()
where id = $1`

func (w *importWrite) variants(old, to []storedVariant, f fileProduct) bool {
	had := make(map[id.ProductVariantID]storedVariant, len(old))
	for _, v := range old {
		had[v.ID] = v
	}
	t := Tally{}
	for n, v := range to {
		var compareAt *int64
		if v.CompareAtPrice != nil {
			compareAt = &v.CompareAtPrice.Minor
		}
		unit, rule := rowOf(v.UnitPriceMeasurement), v.Quantities
		before, ok := had[v.ID]
		switch {
		case !ok:
			w.batch.Queue(addVariantSQL, v.ID, v.ProductID, v.Position, v.Title, v.SKU, v.Barcode, v.OptionValues,
				v.Price.Minor, compareAt, v.Price.CurrencyCode, v.Taxable, v.TaxClass, v.RequiresShipping, v.WeightGrams,
				v.WeightUnit, v.ImageID, unit.quantity, unit.measure, unit.reference, unit.per, rule.Minimum, rule.Maximum,
				rule.Increment)
			t.Created++
		case differ(before, v):
			w.batch.Queue(changeVariantSQL, v.ID, v.Position, v.Title, v.SKU, v.Barcode, v.Price.Minor, compareAt,
				v.Price.CurrencyCode, v.Taxable, v.TaxClass, v.RequiresShipping, v.WeightGrams, v.WeightUnit, v.ImageID,
				v.removed, v.OptionValues, unit.quantity, unit.measure, unit.reference, unit.per, rule.Minimum, rule.Maximum,
				rule.Increment)
			if v.removed && !before.removed {
				t.Removed++
			} else {
				t.Updated++
			}
		case !v.removed:
			t.Unchanged++
		}
		if n < len(f.variants) {
			w.figure(v.ID, f.variants[n])
		}
	}
	w.summary.Variants.add(t)
	return t.changed()
}

// figure notes what the file says of a variant's stock, if it says anything.
func (w *importWrite) figure(variant id.ProductVariantID, f fileVariant) {
	figure := StockFigure{VariantID: variant, Quantity: f.quantity}
	if w.has(colPolicy) {
		figure.Backorder = &f.backorder
	}
	if figure.Quantity != nil || figure.Backorder != nil {
		w.figures = append(w.figures, figure)
	}
}

const joinCollectionSQL = `
insert into collection_product (collection_id, product_id, position)
select $1, $2, coalesce(max(position), 0) + 1
from collection_product
where collection_id = $1
on conflict (collection_id, product_id) do nothing`

// sumUpSQL writes on the product's row what its page needs of its variants, and the keys by which related products are
// found. Lists and searches read the listing. Processes of the release before this one, which may still serve, read and write
// the column search and call product_matches: both go with a later release.
const sumUpSQL = `
update product p
set min_price = v.min_price,
    max_price = v.max_price,
    min_compare_at = v.min_compare_at,
    max_compare_at = v.max_compare_at,
    variants_count = v.variants,
    version = p.version + 1,
    tag_keys = array(select lower(g.tag) from unnest(p.tags) g(tag)),
    updated_at = now()
from (
    select product_id,
           min(price) as min_price,
           max(price) as max_price,
           min(compare_at_price) as min_compare_at,
           max(compare_at_price) as max_compare_at,
           count(*) as variants
    from product_variant
    where product_id = any($1::uuid[])
      and removed_at is null
    group by product_id
) v
where p.id = v.product_id`

// flush sends what was queued in one round trip.
func (w *importWrite) flush(ctx context.Context, tx pgx.Tx) error {
	for _, m := range w.join {
		w.batch.Queue(joinCollectionSQL, m.collection, m.product)
	}
	if len(w.changed) > 0 {
		w.batch.Queue(sumUpSQL, w.changed)
	}
	if w.batch.Len() == 0 {
		return nil
	}
	return tx.SendBatch(ctx, w.batch).Close()
}
