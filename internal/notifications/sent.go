package notifications

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
)

// Sent is a message that an order asked for, and what became of it.
type Sent struct {
	Order  id.OrderID `json:"orderId"`
	Kind   Kind       `json:"kind"`
	State  string     `json:"state"`
	SentAt *time.Time `json:"sentAt"`
}

const sentAboutSQL = `
select order_id, kind, state, sent_at
from notification
where order_id = any($1)
order by order_id, event_version, kind`

// SentAbout lists the messages about orders: what the shop has written to the people who placed them.
func (n *Notifications) SentAbout(ctx context.Context, orders []id.OrderID) (any, error) {
	rows, err := n.pool.Query(ctx, sentAboutSQL, orders)
	if err != nil {
		return nil, fmt.Errorf("list messages: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Sent])
	if err != nil {
		return nil, fmt.Errorf("list messages: %w", err)
	}
	return list, nil
}
