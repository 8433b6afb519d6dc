package orders

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/contact"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/idempotency"
	"github.com/wharfhq/wharf/internal/pg"
)

// maxNote is the longest remark in characters.
const maxNote = 5000

// OrderNoteAddInput is a remark to be made.
type OrderNoteAddInput struct {
	IdempotencyKey  string
	OrderID         string
	Note            string
	ExpectedVersion *int
}

// AddNote writes a remark of the staff on an order. The same key and input give the first answer again.
func (s *Orders) AddNote(ctx context.Context, actor access.Actor, keys *access.Keys, in OrderNoteAddInput) (Order, error) {
	order, err := in.check()
	if err != nil {
		return Order{}, err
	}
	seen, err := s.Visible(ctx, actor, order, nil)
	if err != nil {
		return Order{}, err
	}
	if !MayWrite(actor, seen, nil) {
		return Order{}, fault.New(fault.Forbidden, "FORBIDDEN", "This needs the scope orders:write.")
	}
	hash, err := idempotency.Hash(keys, []any{order, in.Note, in.ExpectedVersion})
	if err != nil {
		return Order{}, err
	}
	request := idempotency.Request{
		Caller: idempotency.Caller(keys, actor, order, [16]byte{}, ""), Key: in.IdempotencyKey, Operation: "orderNoteAdd", Hash: hash,
	}
	var noted Order
	err = pg.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		first, repeated, err := idempotency.Claim(ctx, tx, request)
		if err != nil {
			return err
		}
		if repeated {
			noted, err = s.At(ctx, tx, first.OrderID, &first.Version, nil)
			return err
		}
		if noted, err = s.Lock(ctx, tx, order); err != nil {
			return err
		}
		if err := Expect(noted, in.ExpectedVersion); err != nil {
			return err
		}
		if err := s.Record(ctx, tx, &noted, actor.By(), "orderNoteAdd", NoteAdded{Body: &in.Note}); err != nil {
			return err
		}
		return idempotency.Complete(ctx, tx, request, idempotency.Outcome{OrderID: noted.ID, Version: noted.Version})
	})
	return noted, err
}

func (in OrderNoteAddInput) check() (id.OrderID, error) {
	if err := idempotency.Check(in.IdempotencyKey); err != nil {
		return id.OrderID{}, err
	}
	order, err := id.ParseOrderID(in.OrderID)
	switch {
	case err != nil:
		return order, NotFound.At("input", "orderId")
	case strings.TrimSpace(in.Note) == "":
		return order, fault.New(fault.Invalid, "BLANK", "A note is needed.").At("input", "note")
	case utf8.RuneCountInString(in.Note) > maxNote:
		return order, fault.Newf(fault.Invalid, "TOO_LONG", "A note has at most %d characters.", maxNote).At("input", "note")
	case strings.ContainsRune(in.Note, 0):
		return order, fault.New(fault.Invalid, "INVALID", "A note is plain text.").At("input", "note")
	case contact.HoldsCardNumber(in.Note):
		return order, fault.New(fault.Invalid, "CARD_NUMBER", "A card number does not belong in a note.").At("input", "note")
	}
	return order, nil
}
