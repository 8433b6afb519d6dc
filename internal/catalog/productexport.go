package catalog

import (
	"bytes"
	"context"
	"encoding/csv"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// exportColumns are the columns of an export: all that an import reads but the stock, which changes with every order and
// would come back with the file.
var exportColumns = []string{
	colHandle, colTitle, colBody, colVendor, colType, colTags, colPublished, colStatus, colGiftCard, colSEOTitle,
	colSEODescription, colOptionName[0], colOptionValue[0], colOptionName[1], colOptionValue[1], colOptionName[2],
	colOptionValue[2], colSKU, colGrams, colWeightUnit, colPrice, colCompareAt, colRequiresShipping, colTaxable, colBarcode,
	colVariantImage, colTaxClass, colImage, colImagePosition, colImageAlt, colCollection, colExternalID, colPublishedAt,
}

// ExportHeader is the first row of an export.
func ExportHeader() []byte { return Written([][]string{exportColumns}) }

const exportedProductsSQL = `
select p.id, p.handle, p.title, p.description_html, p.description, p.vendor, p.product_type, p.tags, p.status,
       p.published_at, p.gift_card, p.seo_title, p.seo_description, p.option_names, p.currency, p.min_price,
       p.max_price, p.min_compare_at, p.max_compare_at, p.variants_count, p.units_sold, p.created_at, p.updated_at
from product p
where $1::uuid is null or p.id > $1
order by p.id
limit $2`

const exportedCollectionsSQL = `
select m.product_id, c.handle
from collection_product m
join collection c on c.id = m.collection_id
where m.product_id = any($1::uuid[])
  and not c.rule_based
order by m.product_id, c.handle`

// ProductCount is how many products there are, seen by shoppers or not.
func ProductCount(ctx context.Context, db pg.DB) (n int, err error) {
	err = db.QueryRow(ctx, productsCountSQL).Scan(&n)
	return n, wrap(err, "count products")
}

const exportedExternalsSQL = `
select id, external_id
from product
where id = any($1::uuid[])
  and owner = $2
  and external_id is not null`

// Exported is some products as rows of a file that Import reads.
type Exported struct {
	Rows []byte
	Last *id.ProductID
	Done int
	More bool // products are left after them
}

// The bounds of what is exported at once: products with many variants are few.
const (
	exportProducts = 50
	exportVariants = 2000
)

// ExportProducts writes the next products after one, in the order of their ids. owner is whose external ids it writes.
func ExportProducts(ctx context.Context, db pg.DB, owner string, after *id.ProductID) (e Exported, err error) {
	found, err := db.Query(ctx, exportedProductsSQL, after, exportProducts)
	if err != nil {
		return e, wrap(err, "read products")
	}
	products, err := pgx.CollectRows(found, scanProduct)
	if err != nil || len(products) == 0 {
		return Exported{Last: after}, wrap(err, "read products")
	}
	e.More = len(products) == exportProducts
	var ids []id.ProductID
	for variants := 0; len(ids) < len(products) && variants < exportVariants; {
		p := products[len(ids)]
		ids, variants = append(ids, p.ID), variants+p.VariantCount
	}
	e.Done, e.Last, e.More = len(ids), &ids[len(ids)-1], e.More || len(ids) < len(products)
	variants, err := VariantsByProduct(ctx, db, ids)
	if err != nil {
		return e, err
	}
	images, err := ImagesByProduct(ctx, db, ids)
	if err != nil {
		return e, err
	}
	collections, err := namesOf(ctx, db, exportedCollectionsSQL, ids)
	if err != nil {
		return e, wrap(err, "read the products' collections")
	}
	externals, err := namesOf(ctx, db, exportedExternalsSQL, ids, owner)
	if err != nil {
		return e, wrap(err, "read the products' external ids")
	}
	var now time.Time
	if err := db.QueryRow(ctx, importTimeSQL).Scan(&now); err != nil {
		return e, wrap(err, "ask for the time")
	}
	var records [][]string
	for _, p := range products[:len(ids)] {
		records = append(records, exported(p, now, variants[p.ID], images[p.ID], collections[p.ID], strings.Join(externals[p.ID], ""))...)
	}
	e.Rows = Written(records)
	return e, nil
}

// namesOf reads pairs of a product and a name.
func namesOf(ctx context.Context, db pg.DB, statement string, arguments ...any) (map[id.ProductID][]string, error) {
	rows, err := db.Query(ctx, statement, arguments...)
	if err != nil {
		return nil, err
	}
	names := map[id.ProductID][]string{}
	var product id.ProductID
	var name string
	_, err = pgx.ForEachRow(rows, []any{&product, &name}, func() error {
		names[product] = append(names[product], name)
		return nil
	})
	return names, err
}

// exported is one product as rows: the first has its own fields, and each a variant, an image, or both.
func exported(p Product, now time.Time, variants []ProductVariant, images []ProductImage, collections []string, external string) [][]string {
	var rows [][]string
	if len(variants) == 0 {
		return nil // nothing of it is for sale, and no row could say so
	}
	for i := range max(len(variants), len(images)) {
		row := map[string]string{colHandle: p.Handle}
		if i == 0 {
			exportProduct(row, p, now, collections)
			row[colExternalID] = external
		}
		if i < len(variants) {
			exportVariant(row, variants[i], images)
		}
		if i < len(images) {
			row[colImage], row[colImagePosition] = images[i].Address, strconv.Itoa(i+1)
			row[colImageAlt] = textOf(images[i].AltText)
		}
		record := make([]string, len(exportColumns))
		for at, column := range exportColumns {
			record[at] = Guarded(row[column])
		}
		rows = append(rows, record)
	}
	return rows
}

// exportProduct writes what is the product's own. What is to be published later is not published yet, in the column that
// every importer reads, and has its date beside it.
func exportProduct(row map[string]string, p Product, now time.Time, collections []string) {
	row[colTitle], row[colBody], row[colVendor], row[colType] = p.Title, p.DescriptionHTML, p.Vendor, p.ProductType
	row[colTags], row[colCollection] = strings.Join(p.Tags, ", "), strings.Join(collections, "; ")
	row[colPublished], row[colGiftCard] = strconv.FormatBool(p.PublishedOn != nil && !p.PublishedOn.After(now)), strconv.FormatBool(p.IsGiftCard)
	if p.PublishedOn != nil {
		row[colPublishedAt] = p.PublishedOn.UTC().Format(time.RFC3339Nano)
	}
	row[colStatus] = strings.ToLower(string(p.Status))
	row[colSEOTitle], row[colSEODescription] = textOf(p.SEOTitle), textOf(p.SEODescription)
	for i, name := range p.OptionNames {
		row[colOptionName[i]] = name
	}
}

// unitNames are the units of weight as files have them.
var unitNames = map[WeightUnit]string{Grams: "g", Kilograms: "kg", Ounces: "oz", Pounds: "lb"}

func exportVariant(row map[string]string, v ProductVariant, images []ProductImage) {
	for i, value := range v.OptionValues {
		row[colOptionValue[i]] = value
	}
	row[colSKU], row[colTaxClass] = textOf(v.SKU), v.TaxClass
	row[colPrice] = string(v.Price.Amount())
	if v.CompareAtPrice != nil {
		row[colCompareAt] = string(v.CompareAtPrice.Amount())
	}
	row[colGrams], row[colWeightUnit] = strconv.FormatFloat(v.WeightGrams, 'f', -1, 64), unitNames[v.WeightUnit]
	row[colRequiresShipping], row[colTaxable] = strconv.FormatBool(v.RequiresShipping), strconv.FormatBool(v.Taxable)
	if row[colBarcode] = textOf(v.Barcode); strings.HasPrefix(row[colBarcode], "'") {
		row[colBarcode] = "'" + row[colBarcode] // an import takes one away, which spreadsheets put before digits
	}
	for _, image := range images {
		if v.ImageID != nil && *image.ID == *v.ImageID {
			row[colVariantImage] = image.Address
		}
	}
}

func textOf(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// Written is records as CSV.
func Written(records [][]string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.WriteAll(records) // a buffer takes everything
	return b.Bytes()
}
