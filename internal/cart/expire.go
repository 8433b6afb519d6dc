package cart

import (
	"context"
	"fmt"
	"time"
)

// ttl is how long a cart lives that nobody changes.
func (c *Carts) ttl() time.Duration {
	if c.TTL == 0 {
		return DefaultTTL
	}
	return c.TTL
}

const purgeSQL = `
delete from cart
where id in (
  select id
  from cart
  where updated_at < now() - make_interval(secs => $1)
  order by updated_at
  limit $2
  for update skip locked
)`

// Purge removes at most limit carts that have expired, placed or not, with all that they know about people, and says
// how many it removed. Orders keep what they need of their cart.
func (c *Carts) Purge(ctx context.Context, limit int) (int64, error) {
	tag, err := c.pool.Exec(ctx, purgeSQL, c.ttl().Seconds(), limit)
	if err != nil {
		return 0, fmt.Errorf("remove old carts: %w", err)
	}
	return tag.RowsAffected(), nil
}
