package catalog

import (
	"context"
	"fmt"
	"time"

	"github.com/wharfhq/wharf/internal/pg"
)

// century is as far ahead as anybody needs to know, and a duration can tell.
const century = 100 * 365 * 24 * 3600

const nextPublicationSQL = `
select extract(epoch from min(t.published_at) - now())::float8
from (
    (select published_at from product where published_at > now() order by published_at limit 1)
    union all
    (select published_at from collection where published_at > now() order by published_at limit 1)
) t`

// NextPublication is how long after the beginning of the transaction the next product or collection is seen by shoppers, by
// itself; false when none waits.
func NextPublication(ctx context.Context, db pg.DB) (time.Duration, bool, error) {
	var seconds *float64
	if err := db.QueryRow(ctx, nextPublicationSQL).Scan(&seconds); err != nil {
		return 0, false, fmt.Errorf("find the next publication: %w", err)
	}
	if seconds == nil {
		return 0, false, nil
	}
	return time.Duration(min(*seconds, century) * float64(time.Second)), true, nil
}
