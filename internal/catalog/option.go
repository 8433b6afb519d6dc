package catalog

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// ProductOption is one axis of choice, such as Size.
type ProductOption struct {
	ID           id.ProductOptionID
	ProductID    id.ProductID
	Position     int
	Name         string
	OptionValues []ProductOptionValue
}

// IsNode marks a ProductOption as a Node of the API.
func (ProductOption) IsNode() {}

// Values are the names of the option's values.
func (o ProductOption) Values() []string {
	names := make([]string, len(o.OptionValues))
	for i, v := range o.OptionValues {
		names[i] = v.Name
	}
	return names
}

// ProductOptionValue is one value of an option, such as Large.
type ProductOptionValue struct {
	ID         id.ProductOptionValueID
	OptionID   id.ProductOptionID
	ProductID  id.ProductID
	OptionName string
	Position   int
	Name       string
	Look       ProductOptionValueSwatch
}

// IsNode marks a ProductOptionValue as a Node of the API.
func (ProductOptionValue) IsNode() {}

const optionsByProductSQL = `
select o.id, o.product_id, o.position, o.name, v.id, v.position, v.name, v.swatch_color, v.swatch_image_url,
       v.swatch_image_alt
from product_option o
join product_option_value v on v.option_id = o.id
where o.product_id = any((select $1::uuid[])::uuid[])
order by o.product_id, o.position, v.position, v.id`

// OptionsByProduct reads the products' options with their values, in their order.
func OptionsByProduct(ctx context.Context, db pg.DB, products []id.ProductID) (map[id.ProductID][]ProductOption, error) {
	rows, err := db.Query(ctx, optionsByProductSQL, products)
	if err != nil {
		return nil, fmt.Errorf("read options: %w", err)
	}
	by := make(map[id.ProductID][]ProductOption, len(products))
	var o ProductOption
	var v ProductOptionValue
	columns := []any{
		&o.ID, &o.ProductID, &o.Position, &o.Name, &v.ID, &v.Position, &v.Name, &v.Look.Color, &v.Look.ImageURL,
		&v.Look.ImageAlt,
	}
	_, err = pgx.ForEachRow(rows, columns, func() error {
		list := by[o.ProductID]
		if n := len(list); n == 0 || list[n-1].ID != o.ID {
			list = append(list, ProductOption{ID: o.ID, ProductID: o.ProductID, Position: o.Position, Name: o.Name})
		}
		last := &list[len(list)-1]
		v.OptionID, v.ProductID, v.OptionName, v.Look.value = o.ID, o.ProductID, o.Name, v.ID
		last.OptionValues = append(last.OptionValues, v)
		by[o.ProductID] = list
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read options: %w", err)
	}
	return by, nil
}

const optionProductsSQL = `
select product_id
from product_option
where id = any((select $1::uuid[])::uuid[])
union
select o.product_id
from product_option_value v
join product_option o on o.id = v.option_id
where v.id = any((select $1::uuid[])::uuid[])`

// OptionProducts are the products that options, or options' values, belong to, each once.
func OptionProducts(ctx context.Context, db pg.DB, optionsOrValues []id.ProductOptionID) ([]id.ProductID, error) {
	rows, err := db.Query(ctx, optionProductsSQL, optionsOrValues)
	if err != nil {
		return nil, fmt.Errorf("read the products of options: %w", err)
	}
	products, err := pgx.CollectRows(rows, pgx.RowTo[id.ProductID])
	if err != nil {
		return nil, fmt.Errorf("read the products of options: %w", err)
	}
	return products, nil
}
