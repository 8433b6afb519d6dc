package search

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/position"
)

// A rebuild goes in four steps, each of many short transactions:
//
//  1. what is left of the copy that is not live is taken away;
//  2. that copy is filled, product by product in the order of their ids; from here on each refresh writes to both;
//  3. one transaction makes it the live one;
//  4. the other copy is taken away.
//
// Where it has come to stands in listing_state, so one that is broken off is taken up again, by whoever rebuilds next. A
// lease keeps two from rebuilding at once.
const (
	rebuildBatch = 500
	clearBatch   = 2000
	rebuildLease = 30 * time.Second
)

var errRebuilding = fault.New(fault.Conflict, "REBUILD_RUNNING", "The listing is being rebuilt already.")

const leaseSQL = `
update listing_state
set builder = $1,
    builder_until = clock_timestamp() + $2::interval
where builder is null
   or builder = $1
   or builder_until < clock_timestamp()`

const releaseSQL = `
update listing_state
set builder = null,
    builder_until = null
where builder = $1`

const beginBuildSQL = `
update listing_state
set building = true,
    built_to = null,
    built = 0,
    started_at = clock_timestamp()
where not building`

const builtToSQL = `
select live, building, built_to, built
from listing_state`

const advanceBuildSQL = `
update listing_state
set built_to = $1,
    built = built + $2`

const switchSQL = `
update listing_state
set live = 1 - live,
    wanted = false,
    building = false,
    built_to = null,
    rebuilt_at = clock_timestamp()`

const wantRebuildSQL = `
update listing_state
set wanted = true`

// WantRebuild asks for a rebuild in the background. One that runs already is the one that was asked for.
func (s *Search) WantRebuild(ctx context.Context) error {
	if _, err := s.db.Exec(ctx, wantRebuildSQL); err != nil {
		return fmt.Errorf("ask for a rebuild of the listing: %w", err)
	}
	return nil
}

// Rebuild makes the listing anew from the catalog and the stock while it is read, and puts the new copy in the place of
// the old one. builder names whoever does it: the same one goes on after a crash at once, another one when the lease
// has run out. step is told how many products are listed, and may be nil.
func (s *Search) Rebuild(ctx context.Context, builder string, step func(done int)) (err error) {
	if err := s.lease(ctx, builder); err != nil {
		return err
	}
	defer func() {
		if _, failed := s.db.Exec(context.WithoutCancel(ctx), releaseSQL, builder); failed != nil {
			err = errors.Join(err, fmt.Errorf("end the rebuild: %w", failed))
		}
	}()
	var building bool
	if err := s.db.QueryRow(ctx, copiesSQL).Scan(new(int16), &building); err != nil {
		return fmt.Errorf("read the state of the listing: %w", err)
	}
	if !building {
		if err := s.clear(ctx, builder); err != nil {
			return err
		}
		if err := s.step(ctx, builder, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, beginBuildSQL)
			return err
		}); err != nil {
			return err
		}
	}
	for {
		done, built, err := s.build(ctx, builder)
		if err != nil {
			return err
		}
		if step != nil {
			step(built)
		}
		if done {
			return s.clear(ctx, builder)
		}
	}
}

// lease takes the right to rebuild, or renews it.
func (s *Search) lease(ctx context.Context, builder string) error {
	tag, err := s.db.Exec(ctx, leaseSQL, builder, rebuildLease)
	if err != nil {
		return fmt.Errorf("begin to rebuild the listing: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return errRebuilding
	}
	return nil
}

// step does a part of the rebuild in the listing's turn, if the right to it is still the builder's.
func (s *Search) step(ctx context.Context, builder string, do func(tx pgx.Tx) error) error {
	err := s.inTurn(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, leaseSQL, builder, rebuildLease)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return errRebuilding
		}
		return do(tx)
	})
	if err != nil {
		return fmt.Errorf("rebuild the listing: %w", err)
	}
	return nil
}

// build lists the next products in the new copy; when none are left it makes that copy the live one.
func (s *Search) build(ctx context.Context, builder string) (done bool, built int, err error) {
	err = s.step(ctx, builder, func(tx pgx.Tx) error {
		var live int16
		var building bool
		var after *id.ProductID
		if err := tx.QueryRow(ctx, builtToSQL).Scan(&live, &building, &after, &built); err != nil {
			return err
		}
		if done = !building; done { // by whoever held the lease before
			return nil
		}
		products, err := catalog.ProductsAfter(ctx, tx, after, rebuildBatch)
		if err != nil {
			return err
		}
		if done = len(products) == 0; done {
			if _, err := tx.Exec(ctx, switchSQL); err != nil {
				return err
			}
			_, err := position.Advance(ctx, tx, position.Listing)
			return err
		}
		if _, err := s.listSound(ctx, tx, []int16{1 - live}, products); err != nil {
			return err
		}
		built += len(products)
		_, err = tx.Exec(ctx, advanceBuildSQL, products[len(products)-1], len(products))
		return err
	})
	return done, built, err
}

const clearVariantsSQL = `
delete from listing_variant v
using (select o.copy, o.product_id, o.variant_id
       from listing_variant o
       join listing_state s on o.copy = 1 - s.live
       limit $1) o
where v.copy = o.copy
  and v.product_id = o.product_id
  and v.variant_id = o.variant_id`

const clearSQL = `
delete from listing l
using (select o.copy, o.product_id
       from listing o
       join listing_state s on o.copy = 1 - s.live
       limit $1) o
where l.copy = o.copy
  and l.product_id = o.product_id`

// clear takes the copy away that is not live, a piece at a time.
func (s *Search) clear(ctx context.Context, builder string) error {
	for _, statement := range []string{clearVariantsSQL, clearSQL} {
		for left := true; left; {
			if err := s.step(ctx, builder, func(tx pgx.Tx) error {
				tag, err := tx.Exec(ctx, statement, clearBatch)
				left = tag.RowsAffected() == clearBatch
				return err
			}); err != nil {
				return err
			}
		}
	}
	return nil
}
