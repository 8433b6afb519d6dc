package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/clock"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/search"
	"github.com/wharfhq/wharf/internal/settings"
)

type rebuildCommand struct {
	Listing rebuildListingCommand `cmd:"" help:"Make what lists, filters and searches of products read anew, while it is read."`
}

type rebuildListingCommand struct {
	Database `embed:""`
}

// Help says what a rebuild does to a live shop.
func (rebuildListingCommand) Help() string {
	return `A second copy of the listing is made of the catalog and the stock, keeps up with what changes meanwhile, and takes
the place of the first in one transaction: no read fails or waits. One that is broken off is taken up where it was, by
the next that is started. Two at once exclude each other.

Example:

  $ wharf rebuild listing`
}

// Run rebuilds the listing.
func (c *rebuildListingCommand) Run(ctx context.Context, term *terminal, log *slog.Logger) error {
	if err := c.mustExist(); err != nil {
		return exitError{exitMisuse, err}
	}
	db, err := c.open(ctx, log, "wharf rebuild", false)
	if err != nil {
		return err
	}
	defer db.close(ctx, log)
	began := time.Now()
	listing := listingOf(db)
	before, err := listing.Listing(ctx)
	if err != nil {
		return err
	}
	step, finish := term.progress("products")
	err = listing.Rebuild(ctx, builderName(), func(done int) {
		if step != nil {
			step(done, max(done, before.Products))
		}
	})
	finish()
	if err != nil {
		return err
	}
	after, err := listing.Listing(ctx)
	if err != nil {
		return err
	}
	term.say("%s listed anew in %s.", counted(after.Products, "product"), time.Since(began).Round(10*time.Millisecond))
	return nil
}

// builderName tells this command from every other that rebuilds.
func builderName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("wharf rebuild at %s, process %d", host, os.Getpid())
}

func listingOf(db *database) *search.Search {
	return search.New(db.pool, settings.New(db.pool, event.New(), clock.System), slog.Default())
}

// listed lists what a command has written, so that shoppers find it when the command has ended, whether or not
// anybody else works.
func listed(ctx context.Context, db *database, summary catalog.ImportSummary, err error) (catalog.ImportSummary, error) {
	listing := listingOf(db)
	for more := err == nil && summary.Changed(); more && err == nil; {
		more, err = listing.Refresh(ctx)
	}
	return summary, err
}
