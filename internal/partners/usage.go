package partners

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/wharfhq/wharf/internal/id"
)

// count notes one use of a key and says how long nothing was written.
func (p *Partners) count(key id.ApiKeyID) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.uses[key]++
	return p.Clock.Now().Sub(p.flushed)
}

// Rows are locked in order of their ids, so that two processes that write at once cannot deadlock.
const flushUsesSQL = `
with used as (
    select k.id, u.uses
    from unnest($1::uuid[], $2::bigint[]) as u (id, uses)
    join api_key k on k.id = u.id
    order by k.id
    for no key update of k
)
update api_key
set uses = api_key.uses + used.uses, last_used_at = now()
from used
where api_key.id = used.id`

// Flush writes what was counted since the last time: when the process ends, or before somebody looks. What cannot be
// written is kept for the next time.
func (p *Partners) Flush(ctx context.Context) error {
	p.mu.Lock()
	counted := p.uses
	p.uses = map[id.ApiKeyID]int64{}
	p.flushed = p.Clock.Now()
	p.mu.Unlock()
	if len(counted) == 0 {
		return nil
	}
	keys, uses := make([]pgtype.UUID, 0, len(counted)), make([]int64, 0, len(counted))
	for key, n := range counted {
		keys, uses = append(keys, pgtype.UUID{Bytes: key, Valid: true}), append(uses, n)
	}
	if _, err := p.DB.Exec(ctx, flushUsesSQL, keys, uses); err != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		for key, n := range counted {
			p.uses[key] += n
		}
		return fmt.Errorf("write the uses of API keys: %w", err)
	}
	return nil
}

// flush writes within a request that needs something else: it is given little time, outlives the caller's patience,
// and what it cannot write waits for the next time.
func (p *Partners) flush(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	_ = p.Flush(ctx)
}
