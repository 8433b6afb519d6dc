package catalog

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/pg"
)

// StringConnection is one page of texts.
type StringConnection = pg.Connection[string]

// StringEdge is one text of a page.
type StringEdge = pg.Edge[string]

const (
	productTagsUpSQL = `
select g.tag
from product p
cross join unnest(p.tags) g(tag)
where ($1 or (p.status = 'ACTIVE' and p.published_at <= now()))
  and ($2::text is null or g.tag > $2 collate "C")
group by g.tag
order by g.tag collate "C"
limit $3`
	productTagsDownSQL = `
select g.tag
from product p
cross join unnest(p.tags) g(tag)
where ($1 or (p.status = 'ACTIVE' and p.published_at <= now()))
  and ($2::text is null or g.tag < $2 collate "C")
group by g.tag
order by g.tag collate "C" desc
limit $3`
	productTypesUpSQL = `
select p.product_type
from product p
where ($1 or (p.status = 'ACTIVE' and p.published_at <= now()))
  and p.product_type <> ''
  and ($2::text is null or p.product_type > $2 collate "C")
group by p.product_type
order by p.product_type collate "C"
limit $3`
	productTypesDownSQL = `
select p.product_type
from product p
where ($1 or (p.status = 'ACTIVE' and p.published_at <= now()))
  and p.product_type <> ''
  and ($2::text is null or p.product_type < $2 collate "C")
group by p.product_type
order by p.product_type collate "C" desc
limit $3`
)

// Tags lists the tags of the products that the caller may see, each once, in the order of their characters.
func Tags(ctx context.Context, db pg.DB, actor access.Actor, page pg.Page) (StringConnection, error) {
	return terms(ctx, db, actor, page, productTagsUpSQL, productTagsDownSQL)
}

// Types lists the types of the products that the caller may see, each once, in the order of their characters.
func Types(ctx context.Context, db pg.DB, actor access.Actor, page pg.Page) (StringConnection, error) {
	return terms(ctx, db, actor, page, productTypesUpSQL, productTypesDownSQL)
}

func terms(ctx context.Context, db pg.DB, actor access.Actor, page pg.Page, up, down string) (StringConnection, error) {
	w, err := page.Window(1)
	if err != nil {
		return StringConnection{}, err
	}
	statement := up
	if w.Descending {
		statement = down
	}
	var after *string
	if len(w.Cursor) > 0 {
		after = &w.Cursor[0]
	}
	rows, err := db.Query(ctx, statement, SeesAll(actor), after, w.Fetch())
	if err != nil {
		return StringConnection{}, fmt.Errorf("list what products are sorted under: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return StringConnection{}, fmt.Errorf("list what products are sorted under: %w", err)
	}
	return pg.Build(w, found, func(term string) []string { return []string{term} }), nil
}
