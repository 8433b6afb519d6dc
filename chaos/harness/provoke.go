package harness

import (
	"context"
	"strings"
	"time"

	"github.com/wharfhq/wharf/internal/failpoint"
)

// A charge that the provider holds for an order of the shop under a key that no attempt has, made long enough ago to be
// compared: reconciliation must give it back.
const straySQL = `
insert into test_provider_entry (charge_key, entry_key, kind, reference, amount, currency, at)
select key, key, 'AUTHORIZE', order_id::text, 100, 'USD', clock_timestamp() - interval '2 minutes'
from (select gen_random_uuid() as key, order_id from payment order by random() limit 1) stray`

// A charge that settles at the provider without a callback, in the books long enough ago to be compared.
const silentSQL = `
insert into test_provider_entry (charge_key, entry_key, kind, reference, amount, currency, at)
select id, id, 'AUTHORIZE', order_id::text, amount, currency, clock_timestamp() - interval '2 minutes'
from payment_attempt
where state = 'PENDING'
limit 1
on conflict do nothing`

// The comparison of the books comes every few minutes; here it comes at once.
const reconcileSQL = `
insert into river.river_job (kind, args, queue, max_attempts, state, scheduled_at)
values ('reconcile_payments', '{}', 'maintenance', 3, 'available', now())`

// provoke brings about what ordinary traffic does not, until a failpoint is passed: books that differ.
func (s *Shop) provoke(ctx context.Context, point failpoint.Name) {
	if !strings.HasPrefix(string(point), "reconcile.") {
		return
	}
	for ctx.Err() == nil {
		_ = s.Cluster.Exec(ctx, silentSQL)
		_ = s.Cluster.Exec(ctx, straySQL)
		_ = s.Cluster.Exec(ctx, reconcileSQL)
		pause(ctx, time.Second)
	}
}
