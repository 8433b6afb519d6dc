package input

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// Identity is how a caller names what is written: by its id, else by the caller's own id, else by its handle. So a
// request that comes twice finds the second time what the first has made.
type Identity struct {
	ID       pgtype.UUID
	External *string
	Handle   *string
	owner    string
	nameless bool // what was locked has no external id yet
}

// ErrAbsent says that there is no such thing.
var ErrAbsent = fault.New(fault.NotFound, "NOT_FOUND", "There is no such thing.")

// Named reads the identity of a thing of a kind.
func Named(actor access.Actor, kind string, text, external, handle *string, p *Problems) Identity {
	who := Identity{owner: Owner(actor)}
	if text != nil {
		global, err := id.Parse(*text)
		if err != nil || global.Kind != kind {
			p.Add(ErrAbsent.At("input", "id"))
		}
		who.ID = pgtype.UUID{Bytes: global.UUID, Valid: true}
	}
	if external != nil {
		who.External = external
		p.Name(*external, "externalId")
	}
	if handle != nil {
		name := strings.ToLower(strings.TrimSpace(*handle))
		who.Handle = &name
		p.Handle(name)
	}
	if text == nil && external == nil && handle == nil {
		p.Add(fault.New(fault.Invalid, "BLANK", "Give an id, an externalId or a handle.").At("input", "handle"))
	}
	return who
}

// Owner is whose own ids a caller gives: each partner has theirs, everybody of the shop shares theirs.
func Owner(actor access.Actor) string {
	if actor.Kind == access.Partner {
		return actor.By()
	}
	return "shop"
}

// Owner is whose external id it is; nil without one.
func (i Identity) Owner() *string {
	if i.External == nil {
		return nil
	}
	return &i.owner
}

// Names says that this gives what was locked its external id: that is a change, also where all else is as it was.
func (i Identity) Names() bool { return i.External != nil && i.nameless }

// Rename gives a thing the handle that is wanted; what is new needs one.
func (i Identity) Rename(handle *string, isNew bool, p *Problems) {
	if i.Handle != nil {
		*handle = *i.Handle
	} else if isNew {
		p.Add(fault.New(fault.Invalid, "BLANK", "What is new needs a handle.").At("input", "handle"))
	}
}

// Locked reads a thing to be written and holds it until the transaction ends; false where a new one is to be made. The
// statement takes the id, the owner, the external id, the handle, and what else is given; its last column says whether the
// thing is without an external id, which who keeps in mind.
func Locked[T any](ctx context.Context, tx pgx.Tx, statement string, fields func(*T) []any, who *Identity, expected *int, more ...any) (T, bool, error) {
	var thing T
	arguments := append([]any{who.ID, who.owner, who.External, who.Handle}, more...)
	switch err := tx.QueryRow(ctx, statement, arguments...).Scan(append(fields(&thing), &who.nameless)...); {
	case pg.IsNoRows(err) && who.ID.Valid:
		return thing, false, ErrAbsent.At("input", "id")
	case pg.IsNoRows(err) && expected != nil:
		return thing, false, ErrAbsent.At("input", "expectedVersion")
	case pg.IsNoRows(err):
		return thing, false, nil
	case err != nil:
		return thing, false, fmt.Errorf("lock what is written: %w", err)
	default:
		return thing, true, nil
	}
}

// Stale refuses a write that rests on another version.
func Stale(expected *int, version int) error {
	if expected == nil || *expected == version {
		return nil
	}
	return fault.Newf(fault.Conflict, "VERSION_CONFLICT", "It has changed: it is at version %d.", version).
		With("currentVersion", version).At("input", "expectedVersion")
}
