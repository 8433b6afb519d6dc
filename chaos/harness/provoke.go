package harness

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/failpoint"
)

// A charge that the provider holds for an order of the shop under a key that no attempt has, made long enough ago to be
// compared: reconciliation must give it back.
const straySQL = `
insert into test_provider_entry (charge_key, entry_key, kind, reference, amount, currency, at)
select key, key, 'AUTHORIZE', order_id::text, 100, 'USD', clock_timestamp() - interval '2 minutes'
from (select gen_random_uuid() as key, order_id from payment order by random() limit 1) stray`

// A cent that is taken at the provider's own desk, of which the shop is not told, long enough ago to be compared.
const deskSQL = `
insert into test_provider_entry (charge_key, entry_key, kind, reference, amount, currency, at)
select id, gen_random_uuid(), 'CAPTURE', order_id::text, 1, currency, clock_timestamp() - interval '62 seconds'
from payment_attempt a
where provider = 'test' and state = 'AUTHORIZED' and captured + voided < authorized
	and not exists (select from payment_operation o where o.attempt_id = a.id and o.state = 'OPEN')
	and not exists (select from test_provider_entry e where e.charge_key = a.id and e.at > clock_timestamp() - interval '61 seconds')
order by random()
limit 1`

// The comparison of the books comes every few minutes; here it comes at once, unless one waits or works already. One that
// a crash has left behind is not waited for.
const reconcileSQL = `
insert into river.river_job (kind, args, queue, max_attempts, state, scheduled_at)
select 'reconcile_payments', '{}', 'maintenance', 3, 'available', now()
where not exists (select from river.river_job where kind = 'reconcile_payments' and (state = 'available' or state = 'running' and attempted_at > now() - interval '20 seconds'))`

// Reconcile lets the books be compared now, and not in a few minutes.
func (s *Shop) Reconcile(ctx context.Context) error { return s.Cluster.Exec(ctx, reconcileSQL) }

const differSQL = `select count(*) from payment_reconciliation_break where state = 'OPEN'`

// comparedWithin is how long a change stays uncompared, so that what is under way is not taken for a difference, and some more.
const comparedWithin = 75 * time.Second

// Mend lets the books be compared now, and again while a difference is open: one on which a process died may not be compared
// at once. What stays open is looked at once more when nothing moves, see mended.
func (s *Shop) Mend(ctx context.Context) error {
	for began := time.Now(); ; pause(ctx, 2*time.Second) {
		if err := s.Reconcile(ctx); err != nil {
			return err
		}
		open, err := s.Cluster.Number(ctx, differSQL)
		if err != nil || open == 0 || time.Since(began) > comparedWithin {
			return err
		}
	}
}

const differencesSQL = `
select coalesce(string_agg(format('%s of charge %s: %s', kind, charge, detail), '; '), '')
from (
	select kind, charge, detail
	from payment_reconciliation_break
	where state = 'OPEN'
	order by found_at
	limit 5
) some`

// mended fails where a difference stays open although nothing moves any more: what is compared now is a minute old, and
// whatever was under way has ended.
func (s *Shop) mended(ctx context.Context, patience time.Duration) error {
	open, err := s.Cluster.Number(ctx, differSQL)
	if err != nil || open == 0 {
		return err
	}
	if err := s.Mend(ctx); err != nil {
		return err
	}
	if _, err := s.Settle(ctx, patience); err != nil {
		return err
	}
	if open, err = s.Cluster.Number(ctx, differSQL); err != nil || open == 0 {
		return err
	}
	which := ""
	if err := s.Cluster.AsOwner(ctx, func(conn *pgx.Conn) error { return conn.QueryRow(ctx, differencesSQL).Scan(&which) }); err != nil {
		return err
	}
	return fmt.Errorf("%d differences of the books are still open at rest: %s", open, which)
}

// Money is taken at once, and again when it is asked for.
const (
	atOnceSQL = `update shop set capture = 'IMMEDIATE'`
	laterSQL  = `update shop set capture = 'FULFILLMENT'`
)

// Jobs of steps that are to come soon are gone, as when somebody deletes them by hand: what they were to do is found by the
// sweep, when it is overdue.
const lostSQL = `
delete from river.river_job
where id in (
	select id
	from river.river_job
	where kind in ('authorize_payment', 'move_money', 'expire_order')
		and state in ('available', 'scheduled', 'retryable')
		and scheduled_at < now() + interval '10 seconds'
	order by scheduled_at
	limit 5
	for update skip locked
)`

// provoke brings about what ordinary traffic does not, until a failpoint is passed: books that differ, a shop that
// takes money at once, shelves that go out and come back, jobs that are lost.
func (s *Shop) provoke(ctx context.Context, point failpoint.Name) {
	kind, _, _ := strings.Cut(string(point), ".")
	if kind == "capture" {
		_ = s.Cluster.Exec(ctx, atOnceSQL)
		<-ctx.Done()
		_ = s.Cluster.Exec(context.WithoutCancel(ctx), laterSQL)
		return
	}
	for n := 1; ctx.Err() == nil; n++ {
		switch kind {
		case "reconcile":
			differ := straySQL
			if point == failpoint.ReconcileBeforeResult || point == failpoint.ReconcileAfterResult {
				differ = deskSQL
			}
			_ = s.Cluster.Exec(ctx, differ)
			_ = s.Reconcile(ctx)
		case "sweep":
			_ = s.Cluster.Exec(ctx, lostSQL)
		case "announce":
			delta := 34
			if n%2 == 1 {
				delta = -34
			}
			key := fmt.Sprintf("%s-%d-%d", point, time.Now().UnixNano(), n)
			_ = s.Adjust(ctx, s.Servers[n/2%len(s.Servers)], key, s.HotID, s.Stores[0], delta)
		default:
			return
		}
		pause(ctx, time.Second)
	}
}
