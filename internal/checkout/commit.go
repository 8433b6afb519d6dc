package checkout

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/failpoint"
	"github.com/wharfhq/wharf/internal/fulfillment"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/idempotency"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
)

// errNothing rolls a transaction back in which no order was placed.
var errNothing = errors.New("none of the orders is placed")

// errUnseen says that a commit's answer was lost and the outcome can't be looked up either.
var errUnseen = busy.Because(pg.ErrCommitUnknown)

// commitTogether makes drafts orders, in one transaction: each draft is placed whole or refused alone. An error is
// about all of them, and then none was placed. When the answer to the commit was lost, the same is tried again on a
// new connection: the claim waits until the lost transaction has ended one way or the other, and then finds each key's
// outcome or takes its place.
func (c *Checkout) commitTogether(ctx context.Context, batch []*waiting) error {
	var answers []answer
	var err error
	unknown := false
	for range commitTries {
		err = contained(func() error {
			return pg.InTx(ctx, c.Pool, func(tx pgx.Tx) error {
				b := &placing{Checkout: c, tx: tx, batch: batch, answers: make([]answer, len(batch))}
				answers = b.answers
				return b.place(ctx)
			})
		})
		if !errors.Is(err, pg.ErrCommitUnknown) {
			break
		}
		unknown = true
	}
	switch {
	case errors.Is(err, errNothing):
	case err != nil && unknown:
		return errUnseen
	case err != nil:
		return busyIfLocked(err)
	default:
		failpoint.Hit(failpoint.PlaceAfterCommit)
	}
	for i, a := range answers {
		batch[i].answer = a
	}
	return nil
}

// placing is one try to place a batch. It takes its locks in one order (the keys, the carts, the stock rows, the
// stores' hours, each by id), so that no two batches deadlock, also of two processes. Under the locks each order is
// decided alone, in the order in which it came; what was decided is then written for all at once.
type placing struct {
	*Checkout
	tx      pgx.Tx
	batch   []*waiting
	answers []answer

	places []orders.Placing // the orders to be placed, and which of the batch they are
	which  []int
}

func (b *placing) place(ctx context.Context) error {
	claimed, err := b.claim(ctx)
	if err != nil {
		return err
	}
	unchanged, err := b.check(ctx, claimed)
	if err != nil {
		return err
	}
	if err := b.reserve(ctx, unchanged); err != nil {
		return err
	}
	if len(b.places) == 0 {
		return errNothing
	}
	if err := b.write(ctx); err != nil {
		return err
	}
	if err := b.giveBack(ctx, claimed); err != nil {
		return err
	}
	failpoint.Hit(failpoint.PlaceBeforeCommit)
	return nil
}

// claim takes the keys. A key that has had its effect is answered with the order of then. It tells whose keys were
// free.
func (b *placing) claim(ctx context.Context) ([]int, error) {
	requests := make([]idempotency.Request, len(b.batch))
	for i, w := range b.batch {
		requests[i] = w.request
	}
	claims, err := idempotency.ClaimAll(ctx, b.tx, requests)
	if err != nil {
		return nil, err
	}
	var free []int
	for i, claim := range claims {
		switch {
		case claim.Refused != nil:
			b.answers[i].err = claim.Refused
		case claim.Repeated:
			b.answers[i].order, err = b.Orders.At(ctx, b.tx, claim.Outcome.OrderID, &claim.Outcome.Version, nil)
			if err != nil {
				return nil, err
			}
		default:
			free = append(free, i)
		}
	}
	return free, nil
}

// check reads again, under the carts' locks, what the drafts were worked out from: another version of a cart or
// another price is never committed silently. Of two orders from one cart the second finds it gone.
func (b *placing) check(ctx context.Context, claimed []int) ([]int, error) {
	var carts [][16]byte
	var variants []id.ProductVariantID
	for _, i := range claimed {
		d := &b.batch[i].draft
		if d.cart != nil {
			carts = append(carts, d.cart.ID.UUID)
		}
		variants = append(variants, d.variantIDs()...)
	}
	if len(claimed) == 0 {
		return nil, nil
	}
	standing, err := cart.LockAll(ctx, b.tx, carts)
	if err != nil {
		return nil, err
	}
	now, err := catalog.VariantsByID(ctx, b.tx, variants)
	if err != nil {
		return nil, err
	}
	var unchanged []int
	for _, i := range claimed {
		d := &b.batch[i].draft
		if d.cart != nil {
			s := standing[d.cart.ID.UUID]
			if !s.Open || s.Version != d.cart.Version {
				b.answers[i].err = errStale
				continue
			}
		}
		if d.priced(now) {
			unchanged = append(unchanged, i)
		} else {
			b.answers[i].err = errStale
		}
	}
	return unchanged, nil
}

// priced says whether everything on the draft's lines is still as it was when it was worked out.
func (d *draft) priced(variants map[id.ProductVariantID]catalog.ProductVariant) bool {
	for _, l := range d.lines {
		now, was := variants[l.variant.ID], l.variant
		if !now.Offered || now.Price != was.Price || now.Taxable != was.Taxable || now.TaxClass != was.TaxClass ||
			now.RequiresShipping != was.RequiresShipping || now.WeightGrams != was.WeightGrams {
			return false
		}
	}
	return true
}

// reserve decides who gets the units and, for pick-ups, the places in the stores' hours, and writes both.
func (b *placing) reserve(ctx context.Context, unchanged []int) error {
	if len(unchanged) == 0 {
		return nil
	}
	wanted := make([]inventory.Reservation, len(unchanged))
	var stores []inventory.Location
	for n, i := range unchanged {
		d := &b.batch[i].draft
		wanted[n].Lines = d.demand()
		if d.delivery.store != nil {
			stores = append(stores, *d.delivery.store)
		}
	}
	shelves, err := inventory.Lock(ctx, b.tx, wanted)
	if err != nil {
		return err
	}
	hours, err := fulfillment.LockHours(ctx, b.tx, stores)
	if err != nil {
		return err
	}
	numbers, now, err := orders.TakeNumbers(ctx, b.tx, len(unchanged))
	if err != nil {
		return err
	}
	carts := map[[16]byte]bool{}
	for n, i := range unchanged {
		d := &b.batch[i].draft
		if d.cart != nil && carts[d.cart.ID.UUID] {
			b.answers[i].err = errStale
			continue
		}
		order := orders.Placing{ID: id.NewOrderID(), At: now, By: d.actor.By(), Cause: placeOperation}
		wanted[n].OrderID, wanted[n].ExpiresAt = order.ID, d.until(now)
		if err := d.take(shelves, hours, wanted[n]); err != nil {
			b.answers[i].err = err
			continue
		}
		if d.cart != nil {
			carts[d.cart.ID.UUID] = true
		}
		order.Placed = d.placed(access.HashToken(b.Keys.OrderToken(order.ID)), wanted[n].ExpiresAt)
		order.Placed.OrderNumber = numbers[n]
		b.places, b.which = append(b.places, order), append(b.which, i)
	}
	if err := shelves.Write(ctx, b.tx); err != nil {
		return err
	}
	return hours.Write(ctx, b.tx)
}

// until is when the order must be paid, by the database's time; nil when nothing is owed.
func (d *draft) until(now time.Time) *time.Time {
	if d.total.IsZero() {
		return nil
	}
	deadline := now.Add(d.deadline)
	return &deadline
}

// take gives the draft its units and its place, or says why it can't have them. What can't be had at a store that we
// chose is looked for at another one.
func (d *draft) take(shelves *inventory.Shelves, hours *fulfillment.Hours, r inventory.Reservation) error {
	store := d.delivery.store
	if store != nil && !hours.HasPlace(store.ID) {
		return fulfillment.ErrFull.At("input", "delivery", "pickup", "locationId")
	}
	err := shelves.Reserve(r)
	var missing *inventory.OutOfStock
	switch {
	case errors.As(err, &missing) && !d.delivery.assigned:
		return d.outOfStock(missing.Shortages)
	case err != nil:
		return errStale // another store has it, or this one has closed its counter
	}
	if store != nil {
		hours.Book(r.OrderID, store.ID)
	}
	return nil
}

// write writes the orders, their payments, what becomes of their carts, and the outcomes of their keys.
func (b *placing) write(ctx context.Context) error {
	placed, err := b.Orders.PlaceAll(ctx, b.tx, b.places)
	if err != nil {
		return at(err, "input", "cartId")
	}
	var (
		methods  = make([][]payment.Method, len(placed))
		requests = make([]idempotency.Request, len(placed))
		outcomes = make([]idempotency.Outcome, len(placed))
		carts    [][16]byte
		became   []id.OrderID
	)
	for n, order := range placed {
		w := b.batch[b.which[n]]
		b.answers[b.which[n]].order = order
		methods[n], requests[n] = w.draft.methods, w.request
		outcomes[n] = idempotency.Outcome{OrderID: order.ID, Version: order.Version}
		if w.draft.cart != nil {
			carts, became = append(carts, w.draft.cart.ID.UUID), append(became, order.ID)
		}
	}
	if err := b.Payments.StartAll(ctx, b.tx, placed, methods); err != nil {
		return err
	}
	if err := cart.CloseAll(ctx, b.tx, carts, became); err != nil {
		return err
	}
	return idempotency.CompleteAll(ctx, b.tx, requests, outcomes)
}

// giveBack frees the keys of the orders that were refused.
func (b *placing) giveBack(ctx context.Context, claimed []int) error {
	var refused []idempotency.Request
	for _, i := range claimed {
		if b.answers[i].err != nil {
			refused = append(refused, b.batch[i].request)
		}
	}
	return idempotency.GiveBack(ctx, b.tx, refused)
}
