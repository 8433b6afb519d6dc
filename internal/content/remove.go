package content

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/input"
	"github.com/wharfhq/wharf/internal/pg"
)

// errNotEmpty refuses to take a blog away from under its articles.
var errNotEmpty = fault.New(fault.Conflict, "NOT_EMPTY", "The blog has articles: delete them first.").At("input", "id")

// remove takes a thing away in a transaction of its own.
func (c *Content) remove(ctx context.Context, kind string, in DeleteInput, fn func(ctx context.Context, tx pgx.Tx, who input.Identity) error) error {
	var p problems
	who := input.Named(access.SystemActor, kind, &in.ID, nil, nil, &p.Problems)
	if err := p.Err(); err != nil {
		return err
	}
	return c.change(ctx, func(tx pgx.Tx) error { return fn(ctx, tx, who) })
}

// gone says what became of a deletion.
func gone(_ pgconn.CommandTag, err error) error {
	switch {
	case pg.IsForeignKey(err, ""):
		return errNotEmpty.Because(err)
	case err != nil:
		return fmt.Errorf("delete content: %w", err)
	default:
		return nil
	}
}
