package cart

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/attribute"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/promotions"
)

// CartMergeInput names two carts by their ids with their keys.
type CartMergeInput struct {
	From string
	Into string
}

// Merge puts what is in one cart into another, in one transaction, and closes the first: both sides of a shopper who
// has filled two carts. Lines of the same goods, attributes, parent and way add up. The same call again changes nothing
// and has the same answer.
func (c *Carts) Merge(ctx context.Context, input CartMergeInput) (*Payload, error) {
	from, ok := ParseID(input.From)
	if !ok {
		return payload(Cart{}, nil, absent.At("input", "from"))
	}
	into, ok := ParseID(input.Into)
	if !ok {
		return payload(Cart{}, nil, absent.At("input", "into"))
	}
	if from.UUID == into.UUID {
		return payload(Cart{}, nil, refuse(Invalid, "A cart can't be merged into itself.", "input", "from"))
	}
	shop, err := c.settings.Load(ctx)
	if err != nil {
		return nil, err
	}
	var (
		merged   Cart
		warnings []CartWarning
	)
	err = pg.InTx(ctx, c.pool, func(tx pgx.Tx) error {
		source, target, err := c.lockBoth(ctx, tx, from, into)
		if err != nil {
			return err
		}
		if source.MergedInto == nil || *source.MergedInto != into.UUID {
			if !source.Open() {
				return absent.At("input", "from")
			}
			if warnings, err = pour(ctx, tx, source, &target); err != nil {
				return err
			}
		}
		merged, err = bounded(ctx, tx, target)
		return err
	})
	return c.answer(ctx, shop, merged, warnings, err)
}

// lockBoth locks two carts in the order of their ids, so that two calls that name them the other way round can't
// deadlock. The second must be open.
func (c *Carts) lockBoth(ctx context.Context, tx pgx.Tx, from, into ID) (source, target Content, err error) {
	lockSource := func() error {
		source, err = c.Lock(ctx, tx, from)
		return at(err, "input", "from")
	}
	lockTarget := func() error {
		target, err = c.Lock(ctx, tx, into)
		if err == nil && !target.Open() {
			err = absent
		}
		return at(err, "input", "into")
	}
	steps := []func() error{lockSource, lockTarget}
	if slices.Compare(from.UUID[:], into.UUID[:]) > 0 {
		slices.Reverse(steps)
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return source, target, err
		}
	}
	return source, target, nil
}

// at says which of the carts is absent.
func at(err error, path ...string) error {
	if f, ok := fault.As(err); ok && f.Kind == fault.NotFound {
		return f.At(path...)
	}
	return err
}

// A cart that has gone into another keeps nothing but where it went.
const closeMergedSQL = `
update cart
set merged_into = $2,
    country = null,
    email = null,
    phone = null,
    customer_id = null,
    note = null,
    attributes = '[]',
    gift_card_ids = '{}',
    discount_codes = '{}',
    delivery_addresses = '[]',
    delivery_option = null,
    pickup_option = null,
    metafields = '[]',
    version = version + 1,
    updated_at = clock_timestamp()
where id = $1`

const dropAllLinesSQL = `
delete from cart_line
where cart_id = $1`

// tooManyToMerge says that two carts don't fit into one.
var tooManyToMerge = refuse(TooLarge, fmt.Sprintf("A cart has at most %d lines.", MaxLines), "input", "from")

// tooMuch says whether a cart was refused for what is in it: too many lines, too much text, or more than an order can
// cost.
func tooMuch(err error) bool {
	f, ok := fault.As(err)
	return ok && f.Code == string(TooLarge)
}

// pour puts what is in one locked cart into another and closes the first. What does not fit into one is refused, and
// neither is changed.
func pour(ctx context.Context, tx pgx.Tx, source Content, target *Content) ([]CartWarning, error) {
	known, err := goodsOf(ctx, tx, append(slices.Clone(source.AllLines), target.AllLines...), nil)
	if err != nil {
		return nil, err
	}
	lines, warnings := known.together(known.sold(target.AllLines), known.sold(source.AllLines))
	if len(lines) > MaxLines {
		return nil, tooManyToMerge
	}
	merged := *target
	merged.AllLines = lines
	merged.fillFrom(source.Cart)
	if _, err := bounded(ctx, tx, merged); err != nil {
		return nil, err
	}
	if customer := source.BuyerIdentity.CustomerID; customer != nil {
		// An account that is just being emptied must not find the cart again under another id.
		if err := customers.Keep(ctx, tx, *customer); err != nil {
			return nil, err
		}
	}
	before := target.AllLines
	*target = merged
	if err := write(ctx, tx, target, before); err != nil {
		return nil, err
	}
	batch := &pgx.Batch{}
	batch.Queue(dropAllLinesSQL, source.ID.UUID)
	batch.Queue(closeMergedSQL, source.ID.UUID, target.ID.UUID)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("close a merged cart: %w", err)
	}
	return warnings, nil
}

// together puts lines to others: what is alike adds up, up to what there is. Nothing that was there becomes less.
func (g goods) together(lines, more []CartLine) ([]CartLine, []CartWarning) {
	had := make(map[id.CartLineID]int, len(lines))
	for _, line := range lines {
		had[line.ID] = line.Quantity
	}
	all := fold(append(slices.Clone(lines), copied(more)...))
	g = g.with(all)
	var warnings []CartWarning
	for i := range all {
		line := &all[i]
		variant := g.variants[line.VariantID]
		if line.Quantity == had[line.ID] {
			continue
		}
		g.giveBack(*line)
		if rule := variant.QuantityRule(); within(variant, 0, line.Quantity) != nil {
			line.Quantity = nearest(rule, line.Quantity)
		}
		target, warning := g.fit(*line, had[line.ID])
		line.Quantity = target
		g.take(*line)
		if warning != nil {
			if target > 0 {
				warning.Target = line.ID.String()
			}
			warnings = append(warnings, *warning)
		}
	}
	gone := map[id.CartLineID]bool{}
	for _, line := range all {
		if line.Quantity == 0 {
			gone[line.ID] = true
		}
	}
	return without(all, gone), warnings
}

// fillFrom takes from another cart what this one does not say itself.
func (c *Cart) fillFrom(other Cart) {
	for _, field := range []struct{ to, from **string }{
		{&c.Note, &other.Note},
		{&c.BuyerIdentity.Email, &other.BuyerIdentity.Email},
		{&c.BuyerIdentity.Phone, &other.BuyerIdentity.Phone},
		{&c.Chosen.Option, &other.Chosen.Option},
		{&c.Chosen.PickUp, &other.Chosen.PickUp},
	} {
		if *field.to == nil {
			*field.to = *field.from
		}
	}
	if c.BuyerIdentity.CountryCode == nil {
		c.BuyerIdentity.CountryCode = other.BuyerIdentity.CountryCode
	}
	if c.BuyerIdentity.CustomerID == nil {
		c.BuyerIdentity.CustomerID = other.BuyerIdentity.CustomerID
	}
	c.Attributes = missing(c.Attributes, other.Attributes, maxAttributes, func(a attribute.Attribute) string { return a.Key })
	c.AllMetafields = missing(c.AllMetafields, other.AllMetafields, maxMetafields, func(m CartMetafield) string { return m.Key })
	slices.SortFunc(c.AllMetafields, func(a, b CartMetafield) int { return cmp.Compare(a.Key, b.Key) })
	c.GiftCardIDs = missing(c.GiftCardIDs, other.GiftCardIDs, promotions.MaxCodes, func(card id.GiftCardID) string { return card.String() })
	c.DiscountCodeTexts = missing(c.DiscountCodeTexts, other.DiscountCodeTexts, promotions.MaxCodes, func(code string) string { return code })
	selected := c.SelectedAddress() != nil
	for _, a := range other.AllAddresses {
		same := func(own CartSelectableAddress) bool { return sameAddress(own.DeliveryAddress, a.DeliveryAddress) }
		if len(c.AllAddresses) == MaxAddresses || slices.ContainsFunc(c.AllAddresses, same) {
			continue
		}
		a.Selected = a.Selected && !selected
		c.AllAddresses = append(slices.Clone(c.AllAddresses), a)
	}
}

// missing adds to a list what it does not have under its key, as far as there is room.
func missing[T any](list, more []T, most int, key func(T) string) []T {
	list = slices.Clone(list)
	for _, one := range more {
		same := func(own T) bool { return key(own) == key(one) }
		if len(list) < most && !slices.ContainsFunc(list, same) {
			list = append(list, one)
		}
	}
	return list
}
