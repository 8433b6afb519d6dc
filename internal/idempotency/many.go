package idempotency

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/wharfhq/wharf/internal/fault"
)

// Claims are the keys of many requests, claimed at once.
type Claims struct {
	requests []Request
	taken    map[name]bool
}

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

// QueueClaims is Claim for the requests of many callers: it claims them as the batch is sent, and waits for twins in
// other transactions as Claim does. No two requests have the same caller and key.
func QueueClaims(b *pgx.Batch, rs []Request) *Claims {
	claims := &Claims{requests: rs, taken: make(map[name]bool, len(rs))}
	callers, keys := columns(rs)
	operations, hashes := make([]string, len(rs)), make([][]byte, len(rs))
	for i, r := range rs {
		operations[i], hashes[i] = r.Operation, r.Hash
	}
	b.Queue(claimAllSQL, callers, keys, operations, hashes).Query(func(rows pgx.Rows) error {
		var n name
		_, err := pgx.ForEachRow(rows, []any{&n.caller, &n.key}, func() error {
			claims.taken[n] = true
			return nil
		})
		return err
	})
	return claims
}

// Results tells what became of each key, once the batch was sent.
func (c *Claims) Results(ctx context.Context, tx pgx.Tx) ([]Claimed, error) {
	results := make([]Claimed, len(c.requests))
	for i, r := range c.requests {
		if c.taken[name{r.Caller, r.Key}] {
			continue
		}
		outcome, found, err := Look(ctx, tx, r)
		refused, isFault := fault.As(err)
		switch {
		case isFault:
			results[i].Refused = refused
		case err != nil:
			return nil, err
		case !found:
			results[i].Refused = ErrRunning // purged between the two statements
		default:
			results[i] = Claimed{Outcome: outcome, Repeated: true}
		}
	}
	return results, nil
}

const completeAllSQL = `
update idempotency_key k
set order_id = o.order_id,
    order_version = o.order_version
from unnest($1::text[], $2::text[], $3::uuid[], $4::int[]) o(caller, key, order_id, order_version)
where k.caller = o.caller
  and k.key = o.key
  and k.order_id is null`

// QueueOutcomes keeps the i-th outcome with the i-th claimed key.
func QueueOutcomes(b *pgx.Batch, rs []Request, outcomes []Outcome) {
	callers, keys := columns(rs)
	orders, versions := make([][16]byte, len(rs)), make([]int, len(rs))
	for i, o := range outcomes {
		orders[i], versions[i] = o.OrderID, o.Version
	}
	b.Queue(completeAllSQL, callers, keys, orders, versions).Exec(func(tag pgconn.CommandTag) error {
		if tag.RowsAffected() != int64(len(rs)) {
			return fmt.Errorf("keep outcomes with idempotency keys: %d of %d are claimed", tag.RowsAffected(), len(rs))
		}
		return nil
	})
}

const giveBackSQL = `
delete from idempotency_key
where (caller, key) in (
  select r.caller, r.key
  from unnest($1::text[], $2::text[]) r(caller, key)
)
  and order_id is null
  and made is null`

// QueueGiveBack lets go of keys that this transaction has claimed and whose requests it refuses: they may try again.
func QueueGiveBack(b *pgx.Batch, rs []Request) {
	if len(rs) == 0 {
		return
	}
	callers, keys := columns(rs)
	b.Queue(giveBackSQL, callers, keys)
}

func columns(rs []Request) (callers, keys []string) {
	for _, r := range rs {
		callers, keys = append(callers, r.Caller), append(keys, r.Key)
	}
	return callers, keys
}
