// Package idempotency makes a repeated request one request.
//
// A caller gives a key with everything that moves money, stock or an order. The key is claimed in the transaction
// of the effect itself, so either both are there or neither: a refusal, a rollback and a crash leave nothing behind,
// and the key may try again. Kept with the key are a hash of what was asked and the outcome, the order's id and
// version, from which the first answer is given again. The package promises that one key has one effect per caller;
// what the answer looks like is left to the operation.
package idempotency

import (
	"context"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// maxKey is the longest key in characters.
const maxKey = 255

// Request is one use of a key.
type Request struct {
	Caller    string // who asks; see Caller
	Key       string // the key as sent
	Operation string // which mutation, so that one key serves one purpose
	Hash      []byte // what was asked; see Hash
}

// Outcome is what is kept with a key: the order, and the version it had when the request was answered; or, where the
// operation is not about one order, what it has made.
type Outcome struct {
	OrderID id.OrderID
	Version int
	Made    [16]byte
}

var (
	// ErrReused says that the key was used for another request.
	ErrReused = fault.New(fault.Conflict, "IDEMPOTENCY_KEY_REUSED",
		"This idempotency key was already used for a different request. Use a new key.").At("input", "idempotencyKey")
	// ErrRunning says that the first request with this key has still not ended.
	ErrRunning = fault.New(fault.Busy, "BUSY",
		"The first request with this idempotency key is still running. Try again with the same key.")
	// ErrKey says that the key itself is not usable.
	ErrKey = fault.Newf(fault.Invalid, "INVALID",
		"An idempotency key has 1 to %d characters.", maxKey).At("input", "idempotencyKey")
)

// Check says whether a key is usable. A NUL cannot be stored.
func Check(key string) error {
	if n := utf8.RuneCountInString(key); n < 1 || n > maxKey || !utf8.ValidString(key) {
		return ErrKey
	}
	for _, r := range key {
		if r == 0 {
			return ErrKey
		}
	}
	return nil
}

// Caller names whose key it is: the account, member of staff or API key; of a shopper without an account the order
// whose token was shown, else the cart, else the buyer's email or phone as sent. A contact is personal data, so only
// its keyed hash is kept.
func Caller(keys *access.Keys, actor access.Actor, order id.OrderID, cart [16]byte, contact string) string {
	switch caller := actor.Caller(); {
	case caller != "":
		return caller
	case !order.IsZero():
		return fmt.Sprintf("order:%x", order[:])
	case cart != [16]byte{}:
		return fmt.Sprintf("cart:%x", cart[:])
	default:
		return fmt.Sprintf("contact:%x", keys.Sign(access.IdempotencyHashes, []byte(contact)))
	}
}

// Hash condenses a normalized input. The key itself is not to be part of it. It is keyed, since what was asked holds
// names and addresses that could be guessed from a plain hash.
func Hash(keys *access.Keys, input any) ([]byte, error) {
	text, err := json.Marshal(input)
	if err != nil {
		return nil, fmt.Errorf("hash the input: %w", err)
	}
	return keys.Sign(access.IdempotencyHashes, text), nil
}

// A conflicting insert waits for the transaction that holds the key: when that one commits nothing is inserted and
// its outcome is read, when it rolls back the insert goes through.
const claimSQL = `
insert into idempotency_key (caller, key, operation, input_hash)
values ($1, $2, $3, $4)
on conflict (caller, key) do nothing`

// Claim takes the key for this transaction. When the key has already had its effect, it answers true with the
// outcome of then, and the transaction should do nothing more. While a twin runs, Claim waits for it as long as the
// database waits for a lock (5 s), then says ErrRunning. Another input under the same key is ErrReused.
func Claim(ctx context.Context, tx pgx.Tx, r Request) (Outcome, bool, error) {
	tag, err := tx.Exec(ctx, claimSQL, r.Caller, r.Key, r.Operation, r.Hash)
	switch {
	case pg.IsLockTimeout(err):
		return Outcome{}, false, ErrRunning.Because(err)
	case err != nil:
		return Outcome{}, false, fmt.Errorf("claim the idempotency key: %w", err)
	case tag.RowsAffected() == 1:
		return Outcome{}, false, nil
	}
	outcome, found, err := Look(ctx, tx, r)
	if err == nil && !found {
		return Outcome{}, false, ErrRunning // purged between the two statements
	}
	return outcome, found, err
}

const completeSQL = `
update idempotency_key
set order_id = $3,
    order_version = $4,
    made = $5
where caller = $1
  and key = $2
  and order_id is null
  and made is null`

// Complete keeps the outcome with the claimed key, in the same transaction.
func Complete(ctx context.Context, tx pgx.Tx, r Request, o Outcome) error {
	order, version, made := &o.OrderID, &o.Version, &o.Made
	if o.OrderID.IsZero() {
		order, version = nil, nil
	} else {
		made = nil
	}
	tag, err := tx.Exec(ctx, completeSQL, r.Caller, r.Key, order, version, made)
	if err != nil {
		return fmt.Errorf("keep the outcome with the idempotency key: %w", err)
	}
	if tag.RowsAffected() != 1 {
		return fmt.Errorf("keep the outcome with the idempotency key: it is not claimed")
	}
	return nil
}

const lookSQL = `
select operation, input_hash, order_id, coalesce(order_version, 0), made
from idempotency_key
where caller = $1
  and key = $2`

// Look tells what became of a key without claiming it: before any work, and on a new connection when the answer to a
// commit was lost.
func Look(ctx context.Context, db pg.DB, r Request) (Outcome, bool, error) {
	var (
		operation string
		hash      []byte
		outcome   Outcome
		order     *id.OrderID
		made      *[16]byte
	)
	err := db.QueryRow(ctx, lookSQL, r.Caller, r.Key).Scan(&operation, &hash, &order, &outcome.Version, &made)
	switch {
	case pg.IsNoRows(err):
		return Outcome{}, false, nil
	case err != nil:
		return Outcome{}, false, fmt.Errorf("look the idempotency key up: %w", err)
	case operation != r.Operation || string(hash) != string(r.Hash):
		return Outcome{}, false, ErrReused
	case order != nil:
		outcome.OrderID = *order
	case made != nil:
		outcome.Made = *made
	}
	return outcome, true, nil
}

const purgeSQL = `
delete from idempotency_key
where (caller, key) in (
  select caller, key
  from idempotency_key
  where created_at < now() - interval '30 days'
  order by created_at
  limit $1
  for update skip locked
)`

// Purge forgets at most limit keys that are older than 30 days, and says how many it forgot.
func Purge(ctx context.Context, db pg.DB, limit int) (int64, error) {
	tag, err := db.Exec(ctx, purgeSQL, limit)
	if err != nil {
		return 0, fmt.Errorf("forget old idempotency keys: %w", err)
	}
	return tag.RowsAffected(), nil
}
