package catalog

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/input"
	"github.com/wharfhq/wharf/internal/money"
)

// ProductWritten is a product as a write left it, and the position of the write.
type ProductWritten struct {
	Product  Product
	Position int64
}

// SetProduct makes a product, or changes the one that is named, with everything that belongs to it, in one transaction.
// currency is the shop's. A change that changes nothing leaves the version and the position as they are. A variant that
// a bundle is made of is not taken away, and a bundle is not brought back without what it is made of.
func SetProduct(ctx context.Context, pool *pgxpool.Pool, bundles Bundles, actor access.Actor, currency money.Currency, in ProductSetInput) (done ProductWritten, err error) {
	err = input.Write(ctx, pool, func(tx pgx.Tx) error {
		done, err = setProduct(ctx, tx, bundles, actor, currency, in)
		return err
	})
	return done, err
}

func setProduct(ctx context.Context, tx pgx.Tx, bundles Bundles, actor access.Actor, currency money.Currency, in ProductSetInput) (ProductWritten, error) {
	var none ProductWritten
	var p input.Problems
	who := input.Named(actor, "Product", in.ID, in.ExternalID, in.Handle, &p)
	var row heldProduct
	there := false
	switch err := p.Err(); {
	case err == nil:
		if row, there, err = holdProduct(ctx, tx, who, in.ExpectedVersion); err != nil {
			return none, err
		}
	case in.ID != nil || in.Handle == nil && in.ExternalID == nil:
		return none, err // nobody can tell what the rest is about
	}
	l := laying{in: in, who: who, p: &p, currency: currency, isNew: !there}
	if err := tx.QueryRow(ctx, importTimeSQL).Scan(&l.now); err != nil {
		return none, fmt.Errorf("ask for the time: %w", err)
	}
	if err := l.read(ctx, tx, row); err != nil {
		return none, err
	}
	to := l.product()
	var err error
	if to.complements, err = l.complements(ctx, tx, to.Product.ID); err != nil {
		return none, err
	}
	_, owners, err := writeMetafields(ctx, tx, l.metafields(to), &p)
	if err != nil {
		return none, err
	}
	if err := l.keepParts(ctx, tx, bundles, to); err != nil {
		return none, err
	}
	if err := p.Err(); err != nil {
		return none, err
	}
	return l.write(ctx, tx, to, len(owners) > 0)
}

// heldProduct is what a write needs to know of the product that it holds.
type heldProduct struct {
	ID       id.ProductID
	Handle   string
	Version  int
	External *string
}

func (h *heldProduct) fields() []any { return []any{&h.ID, &h.Handle, &h.Version, &h.External} }

const lockProductSQL = `
select p.id, p.handle, p.version, p.external_id, p.external_id is null
from product p
where case
    when $1::uuid is not null then p.id = $1
    when $3::text is not null then p.owner = $2::text and p.external_id = $3
    else p.handle = $4::text
end
for update`

// holdProduct finds the product that is named and holds it until the transaction ends; false where a new one is to be
// made. Whoever makes one takes turns with the imports, which would not expect it.
func holdProduct(ctx context.Context, tx pgx.Tx, who input.Identity, expected *int) (heldProduct, bool, error) {
	row, there, err := input.Locked(ctx, tx, lockProductSQL, (*heldProduct).fields, &who, expected)
	if err == nil && !there {
		if _, err := tx.Exec(ctx, importTurnSQL); err != nil {
			return row, false, fmt.Errorf("wait for a turn: %w", err)
		}
		row, there, err = input.Locked(ctx, tx, lockProductSQL, (*heldProduct).fields, &who, expected)
	}
	if err != nil {
		return row, false, err
	}
	return row, there, input.Stale(expected, row.Version)
}

// whole is a product with everything that productSet writes of it.
type whole struct {
	stored
	media       []ProductMedium
	complements []id.ProductID
}

// laying lays an input over a product.
type laying struct {
	in       ProductSetInput
	who      input.Identity
	p        *input.Problems
	currency money.Currency
	now      time.Time
	isNew    bool
	vague    bool // the options have faults: which variants there are to be is not certain
	fewer    bool // of those, some have no name to select their values by: variants that look alike may differ
	was      whole
	named    map[id.ProductVariantID]int // where in the input each variant is named
}

// read reads the product as it is.
func (l *laying) read(ctx context.Context, tx pgx.Tx, row heldProduct) error {
	if l.isNew {
		return nil
	}
	olds, err := readStored(ctx, tx, []string{row.Handle})
	if err != nil {
		return err
	}
	media, err := MediaByProduct(ctx, tx, []id.ProductID{row.ID})
	if err != nil {
		return err
	}
	complements, err := complementsOf(ctx, tx, row.ID)
	l.was = whole{stored: *olds[row.Handle], media: media[row.ID], complements: complements}
	l.was.external = row.External
	return err
}

const nameProductSQL = `
update product
set handle = $2, owner = case when external_id is null then coalesce($3, owner) else owner end,
    external_id = coalesce(external_id, $4)
where id = $1`

// write brings the product into the database. touched says that something that belongs to it was written already.
func (l *laying) write(ctx context.Context, tx pgx.Tx, to whole, touched bool) (done ProductWritten, err error) {
	w := importWrite{batch: &pgx.Batch{}, summary: &ImportSummary{}, now: l.now}
	var old *stored
	if !l.isNew {
		old = &l.was.stored
	}
	w.product(old, to.stored, fileProduct{})
	product := to.Product.ID
	if l.was.external == nil && to.external != nil || !l.isNew && to.Handle != l.was.Handle {
		w.batch.Queue(nameProductSQL, product, to.Handle, l.who.Owner(), to.external)
		touched = true
	}
	touched = w.media(product, l.was.media, to.media) || touched
	touched = w.complements(product, l.was.complements, to.complements) || touched
	if touched && len(w.changed) == 0 {
		w.changed = []id.ProductID{product}
	}
	if err := w.flush(ctx, tx); err != nil {
		return done, fmt.Errorf("write a product: %w", err)
	}
	if len(w.changed) == 0 {
		done.Position, err = standing(ctx, tx)
	} else {
		done.Position, err = changed(ctx, tx, w.changed)
	}
	if err != nil {
		return done, err
	}
	found, err := ProductsByID(ctx, tx, access.SystemActor, []id.ProductID{product})
	done.Product = found[product]
	return done, err
}

// metafields are those of the product and of its variants that are to be written.
func (l *laying) metafields(to whole) []metafieldWish {
	var wishes []metafieldWish
	wish := func(owner MetafieldOwner, key [16]byte, list []MetafieldInput, path ...string) {
		for i, in := range list {
			wishes = append(wishes, metafieldWish{owner: owner, ownerID: key, in: in, path: append(slices.Clone(path), number(i))})
		}
	}
	wish(OfProduct, to.Product.ID, l.in.Metafields, "metafields")
	for _, v := range to.variants {
		if i, ok := l.named[v.ID]; ok {
			wish(OfVariant, v.ID, l.in.Variants[i].Metafields, "variants", number(i), "metafields")
		}
	}
	if len(wishes) > maxMetafields {
		l.refuse("TOO_MANY", fmt.Sprintf("There are more than %d metafields.", maxMetafields), "metafields")
		return nil
	}
	return wishes
}

// keepParts refuses to take away what bundles are made of, and to bring back a bundle without it.
func (l *laying) keepParts(ctx context.Context, tx pgx.Tx, bundles Bundles, to whole) error {
	if l.vague {
		return nil
	}
	c := crossed(l.was.variants, to.variants)
	in, err := bundledIn(ctx, tx, bundles, idsOfVariants(c.going))
	if err != nil {
		return err
	}
	for _, v := range c.going {
		if bundle := in[v.ID]; bundle != "" {
			l.p.Add(partOf(fmt.Sprintf("The variant %q", clip(v.Title)), bundle).At("input", "variants"))
		}
	}
	lacking, err := lackingIn(ctx, tx, bundles, c)
	for _, v := range c.coming {
		if part := lacking[v.ID]; part != "" {
			l.p.Add(lacks(v.Title, part).At("input", "variants", number(l.named[v.ID])))
		}
	}
	return err
}

// refuse notes that something of the input is not valid.
func (l *laying) refuse(code, sentence string, path ...string) {
	kind := fault.Invalid
	if code == "NOT_FOUND" {
		kind = fault.NotFound
	}
	l.p.Add(fault.New(kind, code, sentence).At(under(path)...))
}

// handleOf makes a handle of a title.
func handleOf(title string) string {
	name := slugOf(title)
	if runes := []rune(name); len(runes) > input.MaxName {
		name = strings.Trim(string(runes[:input.MaxName]), "-")
	}
	return name
}
