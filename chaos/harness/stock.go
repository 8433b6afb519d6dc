package harness

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

const storesSQL = `
select 'gid://wharf/Location/' || id
from location
where name like 'Store %'
order by name`

// stores reads the ids of the three stores.
func (s *Shop) stores(ctx context.Context) error {
	return s.Cluster.AsOwner(ctx, func(conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, storesSQL)
		if err != nil {
			return err
		}
		s.Stores, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
}

// Adjust counts what lies on a shelf up or down, as the staff do, at one process.
func (s *Shop) Adjust(ctx context.Context, p *Process, key, variant, store string, delta int) error {
	const query = `mutation ($input: InventoryAdjustInput!) {
  answer: inventoryAdjust(input: $input) { adjustment { id } userErrors { code message } }
}`
	var out struct {
		Answer struct {
			Adjustment *struct{ ID string }
			UserErrors []UserError
		}
	}
	err := p.Ask(ctx, s.Template.Staff, query, map[string]any{"input": map[string]any{
		"idempotencyKey": key, "reason": "COUNT",
		"changes": []map[string]any{{"variantId": variant, "locationId": store, "delta": delta}},
	}}, &out)
	if err == nil && out.Answer.Adjustment == nil {
		err = fmt.Errorf("the shelf was not changed: %v", out.Answer.UserErrors)
	}
	return err
}
