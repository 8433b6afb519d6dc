package search

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
)

const removeVariantsSQL = `
delete from listing_variant
where copy = any($1::smallint[])
  and product_id = any($2::uuid[])`

const removeSQL = `
delete from listing
where copy = any($1::smallint[])
  and product_id = any($2::uuid[])`

// remove takes products out of the listing, and says whether any was in it.
func remove(ctx context.Context, tx pgx.Tx, copies []int16, products []id.ProductID) (bool, error) {
	if len(products) == 0 {
		return false, nil
	}
	if _, err := tx.Exec(ctx, removeVariantsSQL, copies, products); err != nil {
		return false, fmt.Errorf("take variants out of the listing: %w", err)
	}
	tag, err := tx.Exec(ctx, removeSQL, copies, products)
	if err != nil {
		return false, fmt.Errorf("take products out of the listing: %w", err)
	}
	return tag.RowsAffected() > 0, nil
}

// A row that would stay as it is is not written: its digest says so.
const writeSQL = `
insert into listing as l (copy, product_id, active, published_at, handle, title, title_key, vendor, vendor_key, product_type,
                          type_key, tags, tag_keys, variant_titles, body, skus, barcodes, price, price_high, available,
                          available_low, available_high, units_sold, created_at, updated_at, facet_keys, facet_labels,
                          variant_keys, variant_labels, words, gift_card, search, names, digest, alike)
select c.copy, r.product_id, r.active, r.published_at, r.handle, r.title, lower(r.title), r.vendor, lower(r.vendor),
       r.product_type, lower(r.product_type), r.tags, r.tag_keys, r.variant_titles, r.body, r.skus, r.barcodes, r.price,
       r.price_high, r.available, r.available_low, r.available_high, r.units_sold, r.created_at, r.updated_at, r.facet_keys,
       r.facet_labels, r.variant_keys, r.variant_labels, r.words, coalesce(r.gift_card, false),
       setweight(to_tsvector('english', r.title), 'A')
       || setweight(to_tsvector('english', concat_ws(' ', r.vendor, r.product_type, r.tags)), 'B')
       || setweight(to_tsvector('english', concat_ws(' ', r.variant_titles, left(array_to_string(r.skus || r.barcodes, ' '), 100000))), 'C')
       || setweight(to_tsvector('english', r.body), 'D'),
       setweight(to_tsvector('english', r.title), 'A')
       || setweight(to_tsvector('english', concat_ws(' ', r.vendor, r.product_type)), 'B')
       || setweight(to_tsvector('english', r.variant_titles), 'C'),
       r.digest, case when r.partly then '' else r.digest end
from jsonb_to_recordset($2::jsonb) r(
    product_id uuid, active boolean, published_at timestamptz, handle text, title text, vendor text, product_type text,
    tags text, tag_keys text[], variant_titles text, body text, skus text[], barcodes text[], price bigint,
    price_high bigint, available boolean, available_low bigint, available_high bigint, partly boolean,
    units_sold bigint, created_at timestamptz, updated_at timestamptz, facet_keys text[], facet_labels text[], variant_keys text[],
    variant_labels text[], words text, gift_card boolean, digest text)
cross join unnest($1::smallint[]) c(copy)
on conflict (copy, product_id) do update
set active = excluded.active,
    published_at = excluded.published_at,
    handle = excluded.handle,
    title = excluded.title,
    title_key = excluded.title_key,
    vendor = excluded.vendor,
    vendor_key = excluded.vendor_key,
    product_type = excluded.product_type,
    type_key = excluded.type_key,
    tags = excluded.tags,
    tag_keys = excluded.tag_keys,
    variant_titles = excluded.variant_titles,
    body = excluded.body,
    skus = excluded.skus,
    barcodes = excluded.barcodes,
    price = excluded.price,
    price_high = excluded.price_high,
    available = excluded.available,
    available_low = excluded.available_low,
    available_high = excluded.available_high,
    units_sold = excluded.units_sold,
    created_at = excluded.created_at,
    updated_at = excluded.updated_at,
    facet_keys = excluded.facet_keys,
    facet_labels = excluded.facet_labels,
    variant_keys = excluded.variant_keys,
    variant_labels = excluded.variant_labels,
    gift_card = excluded.gift_card,
    words = excluded.words,
    search = excluded.search,
    names = excluded.names,
    digest = excluded.digest,
    alike = excluded.alike
where l.digest <> excluded.digest
returning l.product_id`

const writeVariantsSQL = `
insert into listing_variant (copy, product_id, variant_id, price, available, facet_keys, facet_labels)
select c.copy, r.product_id, r.variant_id, r.price, r.available, r.facet_keys, r.facet_labels
from jsonb_to_recordset($2::jsonb) r(
    product_id uuid, variant_id uuid, price bigint, available boolean, facet_keys text[], facet_labels text[])
cross join unnest($1::smallint[]) c(copy)`

// write brings rows into copies of the listing, and says whether any is another now.
func write(ctx context.Context, tx pgx.Tx, copies []int16, rows []row) (bool, error) {
	if len(rows) == 0 {
		return false, nil
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return false, fmt.Errorf("write rows of the listing: %w", err)
	}
	found, err := tx.Query(ctx, writeSQL, copies, string(text))
	if err != nil {
		return false, fmt.Errorf("write products into the listing: %w", err)
	}
	written, err := pgx.CollectRows(found, pgx.RowTo[id.ProductID])
	if err != nil {
		return false, fmt.Errorf("write products into the listing: %w", err)
	}
	if len(written) == 0 {
		return false, nil
	}
	differ := make(map[id.ProductID]bool, len(written))
	for _, product := range written {
		differ[product] = true
	}
	var variants []variantRow
	for _, r := range rows {
		if differ[id.ProductID(r.ProductID)] {
			variants = append(variants, r.variants...)
		}
	}
	if text, err = json.Marshal(variants); err != nil {
		return false, fmt.Errorf("write rows of the listing: %w", err)
	}
	if _, err := tx.Exec(ctx, removeVariantsSQL, copies, written); err != nil {
		return false, fmt.Errorf("write variants into the listing: %w", err)
	}
	if _, err := tx.Exec(ctx, writeVariantsSQL, copies, string(text)); err != nil {
		return false, fmt.Errorf("write variants into the listing: %w", err)
	}
	return true, nil
}
