package idempotency

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/pg"
)

// Claimed is what became of one key of many.
type Claimed struct {
	Outcome  Outcome      // of a key that has had its effect
	Repeated bool         // it has
	Refused  *fault.Fault // the key is another request's, or its first request has not ended
}

// name is what a key is unique by.
type name struct{ caller, key string }

// The keys are taken in one order, so that two transactions that want the same ones can't deadlock.
const claimAllSQL = `
insert into idempotency_key (caller, key, operation, input_hash)
select r.caller, r.key, r.operation, r.input_hash
from unnest($1::text[], $2::text[], $3::text[], $4::bytea[]) r(caller, key, operation, input_hash)
order by r.caller, r.key
on conflict (caller, key) do nothing
returning caller, key`

// ClaimAll is Claim for the requests of many callers at once; no two of them have the same caller and key. It waits
// for twins in other transactions as Claim does.
func ClaimAll(ctx context.Context, tx pgx.Tx, rs []Request) ([]Claimed, error) {
	callers, keys := columns(rs)
	operations, hashes := make([]string, len(rs)), make([][]byte, len(rs))
	for i, r := range rs {
		operations[i], hashes[i] = r.Operation, r.Hash
	}
	taken := make(map[name]bool, len(rs))
	var n name
	rows, err := tx.Query(ctx, claimAllSQL, callers, keys, operations, hashes)
	if err == nil {
		_, err = pgx.ForEachRow(rows, []any{&n.caller, &n.key}, func() error {
			taken[n] = true
			return nil
		})
	}
	if pg.IsLockTimeout(err) {
		return nil, ErrRunning.Because(err)
	}
	if err != nil {
		return nil, fmt.Errorf("claim idempotency keys: %w", err)
	}
	claimed := make([]Claimed, len(rs))
	for i, r := range rs {
		if taken[name{r.Caller, r.Key}] {
			continue
		}
		outcome, found, err := Look(ctx, tx, r)
		refused, isFault := fault.As(err)
		switch {
		case isFault:
			claimed[i].Refused = refused
		case err != nil:
			return nil, err
		case !found:
			claimed[i].Refused = ErrRunning // purged between the two statements
		default:
			claimed[i] = Claimed{Outcome: outcome, Repeated: true}
		}
	}
	return claimed, nil
}

const completeAllSQL = `
update idempotency_key k
set order_id = o.order_id,
    order_version = o.order_version
from unnest($1::text[], $2::text[], $3::uuid[], $4::int[]) o(caller, key, order_id, order_version)
where k.caller = o.caller
  and k.key = o.key
  and k.order_id is null`

// CompleteAll keeps the i-th outcome with the i-th claimed key.
func CompleteAll(ctx context.Context, tx pgx.Tx, rs []Request, outcomes []Outcome) error {
	callers, keys := columns(rs)
	orders, versions := make([][16]byte, len(rs)), make([]int, len(rs))
	for i, o := range outcomes {
		orders[i], versions[i] = o.OrderID, o.Version
	}
	tag, err := tx.Exec(ctx, completeAllSQL, callers, keys, orders, versions)
	if err != nil {
		return fmt.Errorf("keep outcomes with idempotency keys: %w", err)
	}
	if tag.RowsAffected() != int64(len(rs)) {
		return fmt.Errorf("keep outcomes with idempotency keys: %d of %d are claimed", tag.RowsAffected(), len(rs))
	}
	return nil
}

const giveBackSQL = `
delete from idempotency_key
where (caller, key) in (
  select r.caller, r.key
  from unnest($1::text[], $2::text[]) r(caller, key)
)
  and order_id is null`

// GiveBack lets go of keys that this transaction has claimed and whose requests it refuses: they may try again.
func GiveBack(ctx context.Context, tx pgx.Tx, rs []Request) error {
	if len(rs) == 0 {
		return nil
	}
	callers, keys := columns(rs)
	if _, err := tx.Exec(ctx, giveBackSQL, callers, keys); err != nil {
		return fmt.Errorf("give idempotency keys back: %w", err)
	}
	return nil
}

func columns(rs []Request) (callers, keys []string) {
	for _, r := range rs {
		callers, keys = append(callers, r.Caller), append(keys, r.Key)
	}
	return callers, keys
}
