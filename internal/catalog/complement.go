package catalog

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/input"
	"github.com/wharfhq/wharf/internal/pg"
)

// maxComplements is how many products can complete one.
const maxComplements = 50

const complementsSQL = `
select complement_id
from product_complement
where product_id = $1
order by position, complement_id`

// complementsOf are the products that complete one, as the shop has chosen them.
func complementsOf(ctx context.Context, db pg.DB, product id.ProductID) ([]id.ProductID, error) {
	rows, err := db.Query(ctx, complementsSQL, product)
	if err != nil {
		return nil, fmt.Errorf("read what completes a product: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[id.ProductID])
	if err != nil {
		return nil, fmt.Errorf("read what completes a product: %w", err)
	}
	return ids, nil
}

const holdComplementsSQL = `
select id
from product
where id = any($1::uuid[])
order by id
for key share`

// complements reads what is to complete the product, and keeps it from being deleted until the transaction ends.
func (l *laying) complements(ctx context.Context, tx pgx.Tx, product id.ProductID) ([]id.ProductID, error) {
	if l.in.ComplementaryProductIDs == nil {
		return l.was.complements, nil
	}
	const field = "complementaryProductIds"
	if len(l.in.ComplementaryProductIDs) > maxComplements {
		l.refuse("TOO_MANY", fmt.Sprintf("At most %d products complete one.", maxComplements), field)
		return nil, nil
	}
	ids := make([]id.ProductID, len(l.in.ComplementaryProductIDs))
	for i, text := range l.in.ComplementaryProductIDs {
		ids[i], _ = id.ParseProductID(text) // what is no id is no product's, either
	}
	rows, err := tx.Query(ctx, holdComplementsSQL, ids)
	if err != nil {
		return nil, fmt.Errorf("look for what completes a product: %w", err)
	}
	there, err := pgx.CollectRows(rows, pgx.RowTo[id.ProductID])
	if err != nil {
		return nil, fmt.Errorf("look for what completes a product: %w", err)
	}
	for i, one := range ids {
		switch {
		case one == product:
			l.refuse("INVALID", "A product does not complete itself.", field, number(i))
		case !slices.Contains(there, one):
			l.p.Add(input.ErrAbsent.At("input", field, number(i)))
		case slices.Contains(ids[:i], one):
			l.refuse("DUPLICATE", "The product is there twice.", field, number(i))
		}
	}
	return ids, nil
}

const dropComplementsSQL = `
delete from product_complement
where product_id = $1`

const addComplementsSQL = `
insert into product_complement (product_id, position, complement_id)
select $1, n, c
from unnest($2::uuid[]) with ordinality u(c, n)`

// complements queues what makes the shop's choice the given one, and says whether it is another.
func (w *importWrite) complements(product id.ProductID, old, to []id.ProductID) bool {
	if slices.Equal(old, to) {
		return false
	}
	w.batch.Queue(dropComplementsSQL, product)
	if len(to) > 0 {
		w.batch.Queue(addComplementsSQL, product, to)
	}
	return true
}
