package catalog

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/pg"
)

func scanVariant(row pgx.CollectableRow) (ProductVariant, error) {
	var v ProductVariant
	var compareAt *int64
	var unit unitRow
	err := row.Scan(&v.ID, &v.ProductID, &v.Position, &v.Title, &v.SKU, &v.Barcode, &v.OptionNames, &v.OptionValues,
		&v.Price.Minor, &compareAt, &v.Price.CurrencyCode, &v.Taxable, &v.TaxClass, &v.RequiresShipping,
		&v.WeightGrams, &v.WeightUnit, &v.ImageID, &v.ProductHandle, &v.ProductTitle, &v.ProductVendor, &v.Offered,
		&v.UpdatedAt, &unit.quantity, &unit.measure, &unit.reference, &unit.per, &v.Quantities.Minimum,
		&v.Quantities.Maximum, &v.Quantities.Increment)
	v.UnitPriceMeasurement = unit.measurement()
	if compareAt != nil {
		was := money.New(*compareAt, v.Price.CurrencyCode)
		v.CompareAtPrice = &was
	}
	return v, err
}

// The inner select lets the statement keep its plan, here and wherever else it stands: docs/decisions/0007.
const variantsByIDSQL = `
select v.id, v.product_id, v.position, v.title, v.sku, v.barcode, p.option_names, v.option_values,
       v.price, v.compare_at_price, v.currency, v.taxable, v.tax_class, v.requires_shipping,
       v.weight_grams, v.weight_unit, v.image_id, p.handle, p.title, p.vendor,
       v.removed_at is null and p.status = 'ACTIVE' and coalesce(p.published_at <= now(), false),
       v.updated_at, v.unit_quantity, v.unit_measure, v.reference_quantity, v.reference_measure,
       v.quantity_minimum, v.quantity_maximum, v.quantity_increment
from product_variant v
join product p on p.id = v.product_id
where v.id = any((select $1::uuid[])::uuid[])`

// VariantsByID reads variants, those that are no longer offered too: Offered tells. An id that is none is absent from
// the answer.
func VariantsByID(ctx context.Context, db pg.DB, ids []id.ProductVariantID) (map[id.ProductVariantID]ProductVariant, error) {
	rows, err := db.Query(ctx, variantsByIDSQL, ids)
	if err != nil {
		return nil, fmt.Errorf("read variants: %w", err)
	}
	variants, err := pgx.CollectRows(rows, scanVariant)
	if err != nil {
		return nil, fmt.Errorf("read variants: %w", err)
	}
	by := make(map[id.ProductVariantID]ProductVariant, len(variants))
	for _, v := range variants {
		by[v.ID] = v
	}
	return by, nil
}

// QueueVariantsByID is VariantsByID as a part of a batch: the answer is there once the batch was sent.
func QueueVariantsByID(b *pgx.Batch, ids []id.ProductVariantID) map[id.ProductVariantID]ProductVariant {
	by := make(map[id.ProductVariantID]ProductVariant, len(ids))
	b.Queue(variantsByIDSQL, ids).Query(func(rows pgx.Rows) error {
		variants, err := pgx.CollectRows(rows, scanVariant)
		for _, v := range variants {
			by[v.ID] = v
		}
		return err
	})
	return by
}

const variantsByProductSQL = `
select v.id, v.product_id, v.position, v.title, v.sku, v.barcode, p.option_names, v.option_values,
       v.price, v.compare_at_price, v.currency, v.taxable, v.tax_class, v.requires_shipping,
       v.weight_grams, v.weight_unit, v.image_id, p.handle, p.title, p.vendor,
       p.status = 'ACTIVE' and coalesce(p.published_at <= now(), false),
       v.updated_at, v.unit_quantity, v.unit_measure, v.reference_quantity, v.reference_measure,
       v.quantity_minimum, v.quantity_maximum, v.quantity_increment
from product_variant v
join product p on p.id = v.product_id
where v.product_id = any((select $1::uuid[])::uuid[])
  and v.removed_at is null
order by v.product_id, v.position, v.id`

// VariantsByProduct reads the products' variants, each product's in their order; those that were removed are left
// out.
func VariantsByProduct(ctx context.Context, db pg.DB, products []id.ProductID) (map[id.ProductID][]ProductVariant, error) {
	rows, err := db.Query(ctx, variantsByProductSQL, products)
	if err != nil {
		return nil, fmt.Errorf("read variants: %w", err)
	}
	variants, err := pgx.CollectRows(rows, scanVariant)
	if err != nil {
		return nil, fmt.Errorf("read variants: %w", err)
	}
	by := make(map[id.ProductID][]ProductVariant, len(products))
	for _, v := range variants {
		by[v.ProductID] = append(by[v.ProductID], v)
	}
	return by, nil
}

// ProductVariantSortKeys is an order in which a product's variants can be listed.
type ProductVariantSortKeys string

// The orders of variants.
const (
	VariantsByIDs       ProductVariantSortKeys = "ID"
	VariantsByPosition  ProductVariantSortKeys = "POSITION"
	VariantsByRelevance ProductVariantSortKeys = "RELEVANCE"
	VariantsBySKU       ProductVariantSortKeys = "SKU"
	VariantsByTitle     ProductVariantSortKeys = "TITLE"
)

// Selection is how options are compared when a variant is looked for.
type Selection struct {
	Options         []SelectedOptionInput
	IgnoreCase      bool // upper and lower case are the same
	IgnoreUnknown   bool // options that the product does not have are passed over
	IgnoreUnmatched bool // fewer options than the product has are enough
}

// Matches says whether a variant has the selected options.
func (s Selection) Matches(v ProductVariant) bool {
	equal := func(a, b string) bool { return a == b }
	if s.IgnoreCase {
		equal = strings.EqualFold
	}
	matched := 0
	for _, option := range s.Options {
		known := false
		for _, has := range v.SelectedOptions() {
			if !equal(has.Name, option.Name) {
				continue
			}
			known = true
			if !equal(has.Value, option.Value) {
				return false
			}
			matched++
		}
		if !known && !s.IgnoreUnknown {
			return false
		}
	}
	return s.IgnoreUnmatched || matched >= len(v.OptionValues)
}

// KnownOptions are those of the options that a product has, whose variants these are: an address of a product page carries
// others, such as where the shopper came from.
func KnownOptions(options []SelectedOptionInput, variants []ProductVariant, ignoreCase bool) (known []SelectedOptionInput) {
	for _, option := range options {
		if slices.ContainsFunc(variants, func(v ProductVariant) bool {
			return slices.ContainsFunc(v.SelectedOptions(), func(has SelectedOption) bool {
				return has.Name == option.Name || ignoreCase && strings.EqualFold(has.Name, option.Name)
			})
		}) {
			known = append(known, option)
		}
	}
	return known
}

// Adjacent says whether a variant differs from the selected options in exactly one of them.
func (s Selection) Adjacent(v ProductVariant) bool {
	equal := func(a, b string) bool { return a == b }
	if s.IgnoreCase {
		equal = strings.EqualFold
	}
	differs := 0
	for _, option := range s.Options {
		known := false
		for _, has := range v.SelectedOptions() {
			if equal(has.Name, option.Name) {
				known = true
				if !equal(has.Value, option.Value) {
					differs++
				}
			}
		}
		if !known && !s.IgnoreUnknown {
			return false
		}
	}
	return differs == 1
}

// ProductVariantConnection is one page of variants.
type ProductVariantConnection = pg.Connection[ProductVariant]

// ProductVariantEdge is one variant of a page.
type ProductVariantEdge = pg.Edge[ProductVariant]

// SortVariants puts a product's variants, which come in the order of their positions, into another order.
func SortVariants(variants []ProductVariant, sort ProductVariantSortKeys) {
	key := map[ProductVariantSortKeys]func(ProductVariant) string{
		VariantsByIDs:   func(v ProductVariant) string { return v.ID.String() },
		VariantsByTitle: func(v ProductVariant) string { return strings.ToLower(v.Title) },
		VariantsBySKU: func(v ProductVariant) string {
			if v.SKU == nil {
				return ""
			}
			return strings.ToLower(*v.SKU)
		},
	}[sort]
	if key != nil {
		slices.SortStableFunc(variants, func(a, b ProductVariant) int { return strings.Compare(key(a), key(b)) })
	}
}
