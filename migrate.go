package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/wharfhq/wharf/migrations"
)

type migrateCommand struct {
	Up     migrateUpCommand     `cmd:"" help:"Apply what is missing. Safe to run many times, and by many at once."`
	Down   migrateDownCommand   `cmd:"" help:"Take the newest migrations back. Data in what they made is lost."`
	Status migrateStatusCommand `cmd:"" help:"Say which migrations are applied and which are missing."`
}

type migrateUpCommand struct {
	Database `embed:""`
}

// Run brings the schema up to date.
func (c *migrateUpCommand) Run(ctx context.Context, term *terminal, log *slog.Logger) error {
	return c.withState(ctx, log, func(db *database, before migrations.State) error {
		if before.Current() {
			term.say("The database is up to date (version %d).", before.Version)
			return nil
		}
		if err := migrations.Up(ctx, db.url); err != nil {
			return explain(err)
		}
		term.say("Applied %d migrations; the database is at version %d.", len(before.Pending), before.Latest)
		return nil
	})
}

type migrateDownCommand struct {
	Database `embed:""`
	Steps    int  `default:"1" help:"How many migrations to take back." placeholder:"N"`
	Yes      bool `help:"Do it without asking. Needed where nobody can be asked."`
}

// Run takes migrations back.
func (c *migrateDownCommand) Run(ctx context.Context, term *terminal, log *slog.Logger) error {
	if c.Steps < 1 {
		return exitError{exitMisuse, errors.New("--steps is 1 or more")}
	}
	return c.withState(ctx, log, func(db *database, before migrations.State) error {
		count := min(c.Steps, len(before.Applied))
		if count == 0 {
			term.say("There is nothing to take back.")
			return nil
		}
		if !c.Yes {
			ok, err := term.confirm(fmt.Sprintf("Take back %d migrations, down to %s, with all data in them?", count, before.Applied[len(before.Applied)-count]))
			if err != nil || !ok {
				return err
			}
		}
		if err := migrations.Down(ctx, db.url, count); err != nil {
			return explain(err)
		}
		term.say("Took back %d migrations.", count)
		return nil
	})
}

type migrateStatusCommand struct {
	Database `embed:""`
}

// Run says where the schema stands.
func (c *migrateStatusCommand) Run(ctx context.Context, term *terminal, log *slog.Logger) error {
	if err := c.mustExist(); err != nil {
		return exitError{exitMisuse, err}
	}
	return c.withState(ctx, log, func(_ *database, state migrations.State) error {
		for _, name := range state.Applied {
			term.say("%s %s", term.green("applied"), name)
		}
		for _, name := range state.Pending {
			term.say("%s %s", term.red("missing"), name)
		}
		term.say("Job queue: version %d of %d.", state.RiverVersion, state.RiverLatest)
		if !state.Current() {
			return exitError{exitFailed, errors.New("the database is behind: run `wharf migrate up`")}
		}
		return nil
	})
}

func (d Database) withState(ctx context.Context, log *slog.Logger, do func(*database, migrations.State) error) error {
	db, err := d.locate(ctx, log)
	if err != nil {
		return err
	}
	defer db.close(ctx, log)
	state, err := migrations.Status(ctx, db.url)
	if err != nil {
		return explain(err)
	}
	return do(db, state)
}
