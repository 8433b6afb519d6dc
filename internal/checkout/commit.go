package checkout

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/failpoint"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/fulfillment"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/idempotency"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/promotions"
)

// commitWithin bounds one try, so that a connection that has died silently doesn't stop the writer for good. It is
// longer than the database itself lets statements and locks take.
const commitWithin = 20 * time.Second

// How long a batch waits for a lock that somebody else has, such as an import or a person with SQL, and how long each of
// its orders does when it is then tried alone. Whoever wants what is locked is told to come again, within seconds,
// and whoever wants something else is not kept waiting.
const (
	lockWithin  = time.Second
	aloneWithin = 300 * time.Millisecond
)

// How long a batch waits for a connection, and how long when its first commit may have been made; and how long it takes at
// most until its commit is sent, the tries of its orders alone included. Where the database is so slow that it takes
// longer, all of it is undone, and the shoppers are told to come again.
const (
	beginWithin = time.Second
	learnWithin = 5 * time.Second
	readyWithin = 4 * time.Second
)

// What placing and cancelling say finds its rows by indexes, however many they are, so that one plan of each statement does:
// see docs/decisions/0007.
const lockWithinSQL = `
select set_config('lock_timeout', $1, true), set_config('plan_cache_mode', 'force_generic_plan', true)`

// waitAtMost bounds the wait for each lock of a transaction that places or cancels.
func waitAtMost(ctx context.Context, tx pgx.Tx, patience time.Duration) error {
	_, err := tx.Exec(ctx, lockWithinSQL, inMilliseconds(patience))
	return err
}

func inMilliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// errNothing rolls a transaction back in which no order was placed.
var errNothing = errors.New("none of the orders is placed")

// errUnseen says that a commit's answer was lost and, because of err, the outcome can't be looked up either.
func errUnseen(err error) error { return busy.Because(fmt.Errorf("%w: %w", pg.ErrCommitUnknown, err)) }

// commitTogether makes drafts orders, in one transaction: each draft is placed whole or refused alone. An error is
// about all of them, and then none was placed, as when it is not ready to be committed in time. When the answer to the
// commit was lost, the same is tried again on a new connection: the claim waits until the lost transaction has ended one
// way or the other, and then finds each key's outcome or takes its place.
func (c *Checkout) commitTogether(ctx context.Context, batch []*waiting, patience time.Duration, ready time.Time) error {
	var answers []answer
	var err error
	unknown, begin := false, beginWithin
	for range commitTries {
		err = contained(func() error {
			ctx, cancel := context.WithTimeout(ctx, commitWithin)
			defer cancel()
			return pg.InTx(ctx, pg.Soon(c.Pool, begin), func(tx pgx.Tx) error {
				p := &placing{Checkout: c, tx: tx, batch: batch, patience: patience, answers: make([]answer, len(batch))}
				answers = p.answers
				ctx, cancel := context.WithDeadline(ctx, ready)
				defer cancel()
				return slowAfter(ctx, p.place(ctx))
			})
		})
		if !errors.Is(err, pg.ErrCommitUnknown) {
			break
		}
		unknown, begin, ready = true, learnWithin, time.Now().Add(learnWithin+readyWithin)
	}
	switch {
	case errors.Is(err, errNothing):
	case err != nil && unknown:
		return errUnseen(err)
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

// errSlow says that an order was not ready to be committed in time.
var errSlow = errors.New("the database is too slow")

// slow is the answer then.
var slow = fault.New(fault.Busy, "BUSY", "The shop is slow at this moment. Try again with the same key.")

// slowAfter says of an error that came when the time was over that this was the cause.
func slowAfter(ctx context.Context, err error) error {
	if err == nil || errors.Is(err, errNothing) || !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return err
	}
	return slow.Because(fmt.Errorf("%w: %w", errSlow, err))
}

// placing is one try to place a batch. It takes its locks in one order (the keys, the accounts, the carts, the stock
// rows, the stores' hours, the gift cards, the promotions, each by id), so that no two batches deadlock, also of two
// processes. Under the locks each order is decided alone, in the order in which it came; what was decided is then written
// for all at once. Each of the two steps is one round trip; bundles take one more, which asks after their parts.
type placing struct {
	*Checkout
	tx       pgx.Tx
	batch    []*waiting
	patience time.Duration // for each lock
	answers  []answer

	ground  ground
	places  []orders.Placing // the orders to be placed, and which of the batch they are
	which   []int
	refused []idempotency.Request // whose keys are free again
}

// ground is what decisions are made on, locked.
type ground struct {
	claims   *idempotency.Claims
	accounts *customers.Standing
	carts    map[[16]byte]cart.Standing
	variants map[id.ProductVariantID]catalog.ProductVariant
	shelves  *inventory.Shelves
	hours    *fulfillment.Hours
	drawer   *promotions.Drawer
	counter  *promotions.Counter
	numbers  *orders.Numbers
}

func (p *placing) place(ctx context.Context) error {
	if err := p.lock(ctx); err != nil {
		return err
	}
	if err := p.decide(ctx); err != nil {
		return err
	}
	if len(p.places) == 0 {
		return errNothing
	}
	if err := p.write(ctx); err != nil {
		return at(err, "input", "cartId")
	}
	failpoint.Hit(failpoint.PlaceBeforeCommit)
	return nil
}

// lock claims the keys, locks what the orders want, and reads again what their drafts were worked out from.
func (p *placing) lock(ctx context.Context) error {
	var (
		requests = make([]idempotency.Request, len(p.batch))
		wanted   = make([]inventory.Reservation, len(p.batch))
		accounts []id.CustomerID
		logins   [][16]byte
		carts    [][16]byte
		variants []id.ProductVariantID
		stores   []inventory.Location
		cards    []id.GiftCardID
		reducing []id.PromotionID
		buyers   []promotions.Buyer
	)
	for i, w := range p.batch {
		requests[i], wanted[i].Lines = w.request, w.draft.demand()
		variants = append(variants, w.draft.variantIDs()...)
		cards = append(cards, w.draft.cardIDs()...)
		if ids := w.draft.promotionIDs(); len(ids) > 0 {
			reducing, buyers = append(reducing, ids...), append(buyers, w.draft.less.buyer)
		}
		if account := w.draft.buyer.customer; account != nil {
			accounts = append(accounts, *account)
		}
		if _, own := w.draft.actor.CustomerID(); own {
			logins = append(logins, w.draft.actor.SessionID)
		}
		if w.draft.cart != nil {
			carts = append(carts, w.draft.cart.ID.UUID)
		}
		if w.draft.delivery.store != nil {
			stores = append(stores, *w.draft.delivery.store)
		}
	}
	b := &pgx.Batch{}
	b.Queue(lockWithinSQL, inMilliseconds(p.patience))
	p.ground = ground{
		claims:   idempotency.QueueClaims(b, requests),
		accounts: customers.QueueKeeps(b, accounts, logins),
		carts:    cart.QueueLocks(b, carts),
		variants: catalog.QueueVariantsByID(b, variants),
		shelves:  inventory.QueueLocks(b, wanted),
		hours:    fulfillment.QueueHours(b, stores),
		drawer:   promotions.QueueGiftCards(b, cards),
		counter:  promotions.QueuePromotions(b, reducing, buyers),
		numbers:  orders.QueueNumbers(b, len(p.batch)),
	}
	if err := p.tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("lock what the orders want: %w", err)
	}
	return p.ground.shelves.CloseBundles(ctx, p.tx)
}

// decide answers each order alone, in the order in which they came. A key that has had its effect is answered with
// the order of then.
func (p *placing) decide(ctx context.Context) error {
	claimed, err := p.ground.claims.Results(ctx, p.tx)
	if err != nil {
		return err
	}
	for i, claim := range claimed {
		w := p.batch[i]
		switch {
		case claim.Refused != nil:
			p.answers[i].err = claim.Refused
		case claim.Repeated:
			p.answers[i].order, err = p.Orders.At(ctx, p.tx, claim.Outcome.OrderID, &claim.Outcome.Version, nil)
			if err != nil {
				return err
			}
		default:
			order, err := p.accept(&w.draft)
			if err != nil {
				p.answers[i].err = err
				p.refused = append(p.refused, w.request)
				continue
			}
			p.places, p.which = append(p.places, order), append(p.which, i)
		}
	}
	return nil
}

// accept gives a draft its units, its cart, its place in a store's hour and what its gift cards pay, or says why it can't
// have them. Another version of a cart, another price or another balance of a card than what the draft was worked out
// from is never committed silently.
func (p *placing) accept(d *draft) (orders.Placing, error) {
	g := &p.ground
	if err := d.theirs(g.accounts); err != nil {
		return orders.Placing{}, err
	}
	if d.cart != nil {
		if s := g.carts[d.cart.ID.UUID]; !s.Open || s.Version != d.cart.Version {
			return orders.Placing{}, errStale
		}
	}
	if !d.priced(g.variants) {
		return orders.Placing{}, errStale
	}
	if err := d.allowed(g.counter); err != nil {
		return orders.Placing{}, err
	}
	tender, err := d.tender(g.drawer)
	if err != nil {
		return orders.Placing{}, err
	}
	order := orders.Placing{
		ID: id.NewOrderID(), At: g.numbers.Now, By: d.actor.By(), Cause: placeOperation, Cards: tender.Redeemed,
	}
	until := d.until(g.numbers.Now, tender.Owed)
	promises, err := d.take(g.shelves, g.hours, inventory.Reservation{OrderID: order.ID, Lines: d.demand(), ExpiresAt: until, Route: d.route})
	if err != nil {
		return orders.Placing{}, err
	}
	if d.cart != nil {
		g.carts[d.cart.ID.UUID] = cart.Standing{} // another order of the batch finds it gone
	}
	g.drawer.Take(tender, order.ID, order.By, order.Cause)
	order.Placed = d.placed(access.HashToken(p.Keys.OrderToken(order.ID)), until, promises)
	g.counter.Count(order.ID, order.Placed.Discounts, d.less.buyer)
	order.Placed.OrderNumber = g.numbers.Next()
	return order, nil
}

// theirs says whether the account that the order goes into still is its buyer's. Whoever has lost it since the order was
// worked out, to the owner of its e-mail address or by signing out, puts nothing there. An account that only the cart
// names has taken the cart along if it went.
func (d *draft) theirs(accounts *customers.Standing) error {
	if _, own := d.actor.CustomerID(); own {
		return accounts.SignedIn(d.actor.SessionID)
	}
	if account := d.buyer.customer; account != nil && !accounts.Stands(*account) {
		return errStale
	}
	return nil
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

// until is when the order must be paid, by the database's time; nil when nothing is owed.
func (d *draft) until(now time.Time, owed money.Money) *time.Time {
	if owed.IsZero() {
		return nil
	}
	deadline := now.Add(d.deadline)
	return &deadline
}

// take gives the draft its units and its place and says what its lines are promised, or why it can't have them. What
// can't be had at a store that we chose is looked for at another one.
func (d *draft) take(shelves *inventory.Shelves, hours *fulfillment.Hours, r inventory.Reservation) ([]inventory.Promise, error) {
	store := d.delivery.store
	if store != nil && !hours.HasPlace(store.ID) {
		return nil, fulfillment.ErrFull.At(d.delivery.asked...)
	}
	promises, err := shelves.Reserve(r)
	var missing *inventory.OutOfStock
	switch {
	case errors.As(err, &missing) && !d.delivery.assigned:
		return nil, d.outOfStock(missing.Shortages)
	case err != nil:
		return nil, errStale // another store has it, or this one has closed its counter
	}
	if store != nil {
		hours.Book(r.OrderID, store.ID)
	}
	return promises, nil
}

// write writes the orders and everything beside them: the units and places they got, their payments, what becomes of
// their carts, and of all keys.
func (p *placing) write(ctx context.Context) error {
	placed, err := p.Orders.PlaceAll(ctx, p.tx, p.places, func(b *pgx.Batch, placed []orders.Order) error {
		var (
			methods  = make([][]payment.Method, len(placed))
			owed     = make([]int64, len(placed))
			requests = make([]idempotency.Request, len(placed))
			outcomes = make([]idempotency.Outcome, len(placed))
			carts    [][16]byte
			became   []id.OrderID
		)
		for n, order := range placed {
			w := p.batch[p.which[n]]
			methods[n], requests[n] = w.draft.methods, w.request
			owed[n] = order.Owed().Minor
			outcomes[n] = idempotency.Outcome{OrderID: order.ID, Version: order.Version}
			if w.draft.cart != nil {
				carts, became = append(carts, w.draft.cart.ID.UUID), append(became, order.ID)
			}
		}
		p.ground.shelves.QueueWrites(b)
		p.ground.hours.QueueWrites(b)
		p.ground.drawer.QueueWrites(b)
		p.ground.counter.QueueWrites(b)
		cart.QueueCloses(b, carts, became)
		idempotency.QueueOutcomes(b, requests, outcomes)
		idempotency.QueueGiveBack(b, p.refused)
		return p.Payments.QueueStarts(b, placed, methods, owed)
	})
	for n, order := range placed {
		p.answers[p.which[n]].order = order
	}
	return err
}
