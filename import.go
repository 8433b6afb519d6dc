package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/clock"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/settings"
)

type importCommand struct {
	Products  importProductsCommand  `cmd:"" help:"Bring in products from a Shopify product export (CSV)."`
	Locations importLocationsCommand `cmd:"" help:"Bring in stores and warehouses from a JSON list."`
	Stock     importStockCommand     `cmd:"" help:"Bring in what lies in each location (CSV)."`
}

type importProductsCommand struct {
	Database `embed:""`
	Migrate  bool   `env:"WHARF_MIGRATE" help:"Bring a given database up to date first."`
	Currency string `help:"The currency of the file's prices. Default: the shop's." placeholder:"CODE"`
	File     string `arg:"" help:"The file; - reads the input."`
}

// Help shows how an import goes.
func (importProductsCommand) Help() string {
	return `Only the columns Handle, Title and Variant Price are needed; columns that mean nothing here are named and ignored.
A product is found again by its External ID, where the row has one, else by its Handle.
The whole file is checked first: if anything is wrong with it, each problem is listed with its row and column, and
nothing is written. Importing the same file again changes nothing. A stock figure is applied when the variant is new
or the file's figure differs from the last imported one, so what was sold in between does not come back.

Examples:

  $ wharf import products products_export.csv
  $ curl -s https://example.com/products.csv | wharf import products -`
}

// Run imports products.
func (c *importProductsCommand) Run(ctx context.Context, term *terminal, log *slog.Logger) error {
	return c.withFile(ctx, term, log, c.File, c.Migrate, func(db *database, file io.ReadSeeker) error {
		currency, err := c.currency(ctx, db)
		if err != nil {
			return err
		}
		step, finish := term.progress("products")
		summary, err := importProducts(ctx, db, file, currency, step)
		finish()
		return told(term, summary, err)
	})
}

func (c *importProductsCommand) currency(ctx context.Context, db *database) (money.Currency, error) {
	if c.Currency != "" {
		currency := money.Currency(c.Currency)
		if _, known := currency.Digits(); !known {
			return "", exitError{exitMisuse, fmt.Errorf("%q is no currency; give a code such as USD", c.Currency)}
		}
		return currency, nil
	}
	shop, err := settings.New(db.pool, event.New(), clock.System).Load(ctx)
	return shop.Currency, err
}

// importProducts is the one road of a product file into the shop, for the command and for the demo.
func importProducts(ctx context.Context, db *database, file io.ReadSeeker, currency money.Currency, step func(done, total int)) (catalog.ImportSummary, error) {
	summary, err := catalog.Import(ctx, db.pool, file, catalog.ImportOptions{
		Currency: currency, Stock: inventory.ApplyImported, Bundles: inventory.Bundles, Progress: step,
	})
	return listed(ctx, db, summary, err)
}

type importLocationsCommand struct {
	Database `embed:""`
	Migrate  bool   `env:"WHARF_MIGRATE" help:"Bring a given database up to date first."`
	File     string `arg:"" help:"The file; - reads the input."`
}

// Help shows the form of the file.
func (importLocationsCommand) Help() string {
	return `The file is a JSON list of objects. A location is found again by its id; what is left out stays as it is, but for the
country.

id, name               needed; the id is a number or a text
kind                   STORE or WAREHOUSE; a new location is a STORE
shipsOnline            true where orders are shipped from it; a new one does not ship
pickup                 true where shoppers collect; a new store does, a new warehouse does not
pickupCapacityPerHour  the most orders an hour to be collected; a new one has no bound
pickupLeadMinutes      from ordering until it can be collected; a new one takes 120
default                true for the one that takes stock for which no location is named
address, address2, city, state, zip, country, phone
                       the country is an ISO 3166-1 code, left out US
location               {"lat": 43.66, "lon": -70.25}, by which the nearest is found
hours, services        such as "Mon-Fri: 9-6; Sat: closed", and a list of texts
type                   of other lists of stores; passed over

Others are named and ignored. If anything is wrong, each problem is told, and nothing is written. docs/inventory.md has
an example with orders that are shipped from three locations.

Example:

  $ wharf import locations stores.json`
}

// Run imports locations.
func (c *importLocationsCommand) Run(ctx context.Context, term *terminal, log *slog.Logger) error {
	return c.withFile(ctx, term, log, c.File, c.Migrate, func(db *database, file io.ReadSeeker) error {
		step, finish := term.progress("locations")
		summary, err := inventory.ImportLocations(ctx, db.pool, file, step)
		finish()
		return told(term, summary, err)
	})
}

type importStockCommand struct {
	Database `embed:""`
	Migrate  bool   `env:"WHARF_MIGRATE" help:"Bring a given database up to date first."`
	File     string `arg:"" help:"The file; - reads the input."`
}

// Help shows the form of the file.
func (importStockCommand) Help() string {
	return `The columns are Location (the location's id in its own file, or its name), On hand, and SKU, or Handle with
Option1 Value to Option3 Value. A figure is applied when it differs from the last imported one.

Example:

  $ wharf import stock counts.csv`
}

// Run imports counts.
func (c *importStockCommand) Run(ctx context.Context, term *terminal, log *slog.Logger) error {
	return c.withFile(ctx, term, log, c.File, c.Migrate, func(db *database, file io.ReadSeeker) error {
		applied, err := inventory.ImportStock(ctx, db.pool, file)
		return told(term, stockSummary(applied), err)
	})
}

// stockSummary is how many stock figures were applied.
type stockSummary int

func (n stockSummary) String() string {
	if n == 0 {
		return "stock figures applied: 0\nnothing changed"
	}
	return fmt.Sprintf("stock figures applied: %d", int(n))
}

// withFile opens the file before the database, so that a wrong name costs nothing.
func (d Database) withFile(ctx context.Context, term *terminal, log *slog.Logger, name string, upgrade bool, do func(*database, io.ReadSeeker) error) error {
	file, err := openFile(term, name)
	if err != nil {
		return err
	}
	if closer, ok := file.(io.Closer); ok {
		defer func() { _ = closer.Close() }()
	}
	db, err := d.open(ctx, log, "wharf import", upgrade)
	if err != nil {
		return err
	}
	defer db.close(ctx, log)
	return do(db, file)
}

func openFile(term *terminal, name string) (io.ReadSeeker, error) {
	if name == "-" {
		content, err := io.ReadAll(term.in)
		if err != nil {
			return nil, fmt.Errorf("read the input: %w", err)
		}
		return bytes.NewReader(content), nil
	}
	file, err := os.Open(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, exitError{exitMisuse, fmt.Errorf("there is no file %s", name)}
	case err != nil:
		return nil, exitError{exitMisuse, err}
	}
	if info, err := file.Stat(); err == nil && info.IsDir() {
		_ = file.Close()
		return nil, exitError{exitMisuse, fmt.Errorf("%s is a folder; give the file in it", name)}
	}
	return file, nil
}

// told says what an import did, or all that is wrong with its file.
func told(term *terminal, summary fmt.Stringer, err error) error {
	var products *catalog.InvalidFile
	var locations *inventory.InvalidFile
	if errors.As(err, &products) || errors.As(err, &locations) {
		return fmt.Errorf("the file was not imported, and nothing was changed:\n%w", err)
	}
	if err != nil {
		return err
	}
	term.say("%s", summary)
	return nil
}
