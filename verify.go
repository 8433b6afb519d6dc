package main

import (
	"context"
	"log/slog"
	"strings"

	"github.com/wharfhq/wharf/internal/audit"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/orders"
)

type verifyCommand struct {
	Database `embed:""`
	Rest     bool `help:"The shop is at rest: count what is being worked on too."`
	Repair   bool `help:"First write anew what follows from the events with certainty: the orders' read rows."`
}

// Help says what the exit code means.
func (verifyCommand) Help() string {
	return `Looks at the whole shop in one snapshot and may run beside a live one. Orders that a job is working on are left out of
the checks that hold only between two steps, and their number is shown.

Exit code: 0 all is as it must be, 1 something is not, 2 it could not look.

Examples:

  $ wharf verify
  $ wharf verify --rest             after the shop was stopped
  $ wharf verify --repair`
}

// Run checks the shop.
func (c *verifyCommand) Run(ctx context.Context, term *terminal, log *slog.Logger) error {
	c.AllowDataLoss = true // looking harms nothing
	if err := c.mustExist(); err != nil {
		return exitError{exitMisuse, err}
	}
	db, err := c.open(ctx, log, "wharf verify", false)
	if err != nil {
		return exitError{exitMisuse, err}
	}
	defer db.close(ctx, log)
	report, err := audit.New(db.pool, orders.New(event.New(), db.pool, log), log).Verify(ctx, audit.Options{Rest: c.Rest, Repair: c.Repair})
	if err != nil {
		return exitError{exitMisuse, err}
	}
	tell(term, report)
	if report.Violations() > 0 {
		return exitError{code: exitFailed}
	}
	return nil
}

// tell prints a line for each invariant, and below it what breaks it.
func tell(term *terminal, report audit.Report) {
	for _, result := range report.Results {
		mark := term.green("ok  ")
		if result.Count > 0 {
			mark = term.red("FAIL")
		}
		busy := ""
		if result.Busy > 0 {
			busy = term.faint("  (" + counted(result.Busy, "order") + " at work left out)")
		}
		term.say("%s  %-3s %5d  %s%s", mark, result.Name, result.Count, result.Says, busy)
		for _, v := range result.Violations {
			term.say("            %s: %s", v.Subject, v.Detail)
		}
		if hidden := result.Count - len(result.Violations); hidden > 0 {
			term.say("            and %d more", hidden)
		}
	}
	term.say("")
	term.say("%s folded and compared, %s checked, as of %s.", counted(report.Orders, "order"), counted(report.Streams, "stream"),
		report.At.UTC().Format("2006-01-02 15:04:05 UTC"))
	if report.Repaired > 0 {
		term.say("%s written anew from their events.", counted(report.Repaired, "read row"))
	}
	if !report.Guarded {
		term.say("The role wharf_app is not in use, as the database's login may not create roles: only triggers guard the ledgers.")
	}
	if n := report.Violations(); n > 0 {
		term.say("%s", term.red(counted(n, "violation")+"."))
		return
	}
	term.say("%s", term.green("Nothing is wrong."))
}

// counted is a number with its word: 1 order, 2 orders.
func counted(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return strings.Join([]string{digits(n), word + "s"}, " ")
}
