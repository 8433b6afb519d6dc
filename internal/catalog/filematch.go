package catalog

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// known is what the shop calls a product.
type known struct {
	ID       id.ProductID
	Handle   string
	Owner    string
	External *string
}

const knownProductsSQL = `
select id, handle, owner, external_id
from product
where handle = any($1::text[])
   or owner = $2 and external_id = any($3::text[])
order by id`

const lockKnownProductsSQL = knownProductsSQL + `
for update`

// matching finds which product of the shop each product of a file is: the one with its external id, else the one with its
// handle.
type matching struct {
	owner   string               // whose external ids the file means
	claimed map[id.ProductID]int // the rows that are about products of the shop
	bad     *InvalidFile
}

// match gives the shop's product for the row of each product of the file that is in the shop. What can't be told, or is
// told twice, is a problem.
func (m matching) match(ctx context.Context, db pg.DB, statement string, batch []fileProduct) (map[int]known, error) {
	handles, externals := make([]string, 0, len(batch)), make([]string, 0, len(batch))
	for _, p := range batch {
		if isKey(p.handle) {
			handles = append(handles, p.handle)
		}
		if isKey(p.external) {
			externals = append(externals, p.external)
		}
	}
	rows, err := db.Query(ctx, statement, handles, m.owner, externals)
	if err != nil {
		return nil, wrap(err, "find the products of a file")
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[known])
	if err != nil {
		return nil, wrap(err, "find the products of a file")
	}
	byHandle, byExternal := make(map[string]known, len(found)), make(map[string]known, len(found))
	for _, k := range found {
		byHandle[k.Handle] = k
		if k.External != nil && k.Owner == m.owner {
			byExternal[*k.External] = k
		}
	}
	matched := make(map[int]known, len(found))
	for _, p := range batch {
		is, there := byHandle[p.handle]
		if p.external != "" {
			is, there = m.named(p, is, there, byExternal)
		}
		if !there {
			continue
		}
		if first, twice := m.claimed[is.ID]; twice {
			m.refuse(p, colHandle, fmt.Sprintf("Row %d is about the same product.", first))
			continue
		}
		m.claimed[is.ID], matched[p.row] = p.row, is
	}
	return matched, nil
}

// named finds the product that has the external id; with is the one that has the handle.
func (m matching) named(p fileProduct, with known, there bool, byExternal map[string]known) (known, bool) {
	is, found := byExternal[p.external]
	switch {
	case found && there && with.ID != is.ID:
		m.refuse(p, colHandle, fmt.Sprintf("The handle %q is that of another product than the one with the external id %q.", p.handle, clip(p.external)))
		return is, false
	case !found && there && with.External != nil && with.Owner == m.owner:
		m.refuse(p, colExternalID, fmt.Sprintf("The product %q has another external id, %q.", p.handle, clip(*with.External)))
		return with, false
	case !found && there && with.External != nil:
		m.refuse(p, colExternalID, fmt.Sprintf("The product %q has an external id of somebody else.", p.handle))
		return with, false
	case found:
		return is, true
	default:
		return with, there
	}
}

func (m matching) refuse(p fileProduct, column, message string) {
	m.bad.add(Problem{Row: p.row, Line: p.line, Column: column, Message: message})
}
