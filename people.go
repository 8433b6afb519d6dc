package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/partners"
)

type staffCommand struct {
	Create staffCreateCommand `cmd:"" help:"Add a member of staff."`
}

type staffCreateCommand struct {
	Database      `embed:""`
	Email         string   `required:"" help:"Their e-mail address, with which they sign in."`
	Name          string   `help:"Their name. Default: the e-mail address."`
	Role          string   `default:"admin" enum:"admin,manager,support,picker" help:"What they may do: admin, manager, support or picker."`
	Location      []string `help:"Only at this location, by name or by its id in the file it came from. Needed for pickers; may be repeated."`
	PasswordStdin bool     `help:"Read the password from the input. Without it, a terminal is asked; elsewhere one is made and shown."`
}

// Help shows how the first administrator is made.
func (staffCreateCommand) Help() string {
	return `Examples:

  $ wharf staff create --email=ada@example.com --role=admin
  $ wharf staff create --email=kim@example.com --role=picker --location="Boston Seaport"
  $ pass show shop/ada | wharf staff create --email=ada@example.com --password-stdin`
}

// Run adds a member of staff.
func (c *staffCreateCommand) Run(ctx context.Context, term *terminal, log *slog.Logger) error {
	password, made, err := c.password(term)
	if err != nil {
		return err
	}
	db, err := c.open(ctx, log, "wharf staff", false)
	if err != nil {
		return err
	}
	defer db.close(ctx, log)
	people, err := behindTheCounter(ctx, db, log, "")
	if err != nil {
		return err
	}
	locations, err := c.locations(ctx, db)
	if err != nil {
		return err
	}
	member, err := people.CreateStaff(ctx, access.SystemActor, partners.StaffInput{
		Email: c.Email, Name: c.Name, Password: password, Role: partners.Role(c.Role), Locations: locations,
	})
	if err != nil {
		return err
	}
	term.say("%s is %s now: they sign in with staffAccessTokenCreate.", member.Email, member.Role)
	if made {
		term.say("Password (shown this once): %s", password)
	}
	return nil
}

func (c *staffCreateCommand) password(term *terminal) (password string, made bool, err error) {
	switch {
	case c.PasswordStdin:
		password, err = terminal{in: term.in, err: term.err}.password("")
	case term.typed:
		password, err = term.password("Password for " + c.Email + ": ")
	default:
		return rand.Text(), true, nil
	}
	if err == nil && password == "" {
		err = exitError{exitMisuse, errors.New("the password is empty")}
	}
	return password, false, err
}

// locations finds the locations that were named.
func (c *staffCreateCommand) locations(ctx context.Context, db *database) ([]id.LocationID, error) {
	if len(c.Location) == 0 {
		return nil, nil
	}
	known, err := inventory.LocationNames(ctx, db.pool)
	if err != nil {
		return nil, err
	}
	var found []id.LocationID
	for _, wanted := range c.Location {
		location, ok := known[wanted]
		if !ok {
			return nil, exitError{exitMisuse, fmt.Errorf("there is no location %q; give its name, or its id in the file it came from", wanted)}
		}
		found = append(found, location)
	}
	return found, nil
}

type keyCommand struct {
	Create keyCreateCommand `cmd:"" help:"Make an API key for a partner and show it, once."`
}

type keyCreateCommand struct {
	Database `embed:""`
	Name     string        `required:"" help:"Whose key it is, or what for."`
	Scope    []string      `help:"What it may do, such as orders:read; may be repeated or given as a list. Default: everything." sep:","`
	Expires  time.Duration `help:"When it ends, such as 720h. Default: never." placeholder:"DURATION"`
	Env      string        `env:"WHARF_ENV" default:"development" enum:"development,production" help:"development or production; it stands in the key."`
}

// Help shows how to use a key.
func (keyCreateCommand) Help() string {
	return `The key alone goes to the output, everything else to the error output:

  $ KEY=$(wharf key create --name="Warehouse sync" --scope=inventory:write,orders:read)
  $ curl -H "Authorization: Bearer $KEY" ...

The scopes are ` + strings.Join(access.AllScopes().Strings(), ", ") + `; write includes read.`
}

// Validate refuses what cannot work before anything is started.
func (c keyCreateCommand) Validate() error {
	if c.Expires < 0 {
		return fmt.Errorf("--expires=%s lies in the past: give how long the key is to be valid, such as 720h", c.Expires)
	}
	return c.Database.Validate()
}

// Run makes a key.
func (c *keyCreateCommand) Run(ctx context.Context, term *terminal, log *slog.Logger) error {
	db, err := c.open(ctx, log, "wharf key", false)
	if err != nil {
		return err
	}
	defer db.close(ctx, log)
	people, err := behindTheCounter(ctx, db, log, c.Env)
	if err != nil {
		return err
	}
	input := partners.KeyCreateInput{Name: c.Name, Scopes: c.Scope}
	if len(input.Scopes) == 0 {
		input.Scopes = access.AllScopes().Strings()
	}
	if c.Expires > 0 {
		ends := time.Now().Add(c.Expires)
		input.ExpiresAt = &ends
	}
	key, text, err := people.CreateKey(ctx, access.SystemActor, input)
	if err != nil {
		return err
	}
	fmt.Fprintf(term.err, "Key %s for %s; it is shown this once.\n", key.Prefix, key.Name)
	term.say("%s", text)
	return nil
}

// behindTheCounter is staff and keys without the rest of the shop.
func behindTheCounter(ctx context.Context, db *database, log *slog.Logger, environment string) (*partners.Partners, error) {
	s, err := newShop(ctx, log, shopConfig{Pool: db.pool, Environment: environment})
	if err != nil {
		return nil, err
	}
	return s.Partners, nil
}

// taken says whether something was refused because it is there already.
func taken(err error) bool {
	f, ok := fault.As(err)
	return ok && f.Code == "TAKEN"
}
