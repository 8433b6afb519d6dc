// Package settings holds what the whole shop is set to: its name, currency and country, where it ships, and how long
// a payment may take.
//
// There is one row, made with defaults by the first process that looks. Every process sees a change within a second.
package settings

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/clock"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/input"
	"github.com/wharfhq/wharf/internal/locale"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/position"
)

// CaptureMode says when authorized money is taken.
type CaptureMode string

// The moments at which authorized money is taken.
const (
	CaptureOnFulfillment CaptureMode = "FULFILLMENT" // when the goods leave
	CaptureImmediately   CaptureMode = "IMMEDIATE"   // as soon as the order is confirmed
)

// Allocation says how the shop chooses among the locations that ship.
type Allocation string

// The ways to choose among locations.
const (
	FewestSplits Allocation = "FEWEST_SPLITS" // as few parcels as can be
	Nearest      Allocation = "NEAREST"       // what is closest to the shopper first
	ByPriority   Allocation = "PRIORITY"      // in the order that staff have set
)

// Shop is the shop itself, as shoppers see it, together with the rules it runs by.
type Shop struct {
	ID               id.ShopID
	Name             string
	Description      *string
	Currency         money.Currency
	Country          address.CountryCode
	PricesIncludeTax bool
	WeightUnit       string                // GRAMS, KILOGRAMS, OUNCES or POUNDS
	MoneyTemplate    *string               // how an amount is written, such as ${{amount}}; nil follows the currency
	URL              string                // the storefront's address
	CheckoutTemplate string                // where a cart is paid; {url} and {cart} are filled in
	ResetTemplate    string                // where a customer chooses a new password; {url}, {customer} and {token} are filled in
	VerifyTemplate   string                // where a customer confirms an e-mail address; {url}, {customer} and {token} are filled in
	Ships            []address.CountryCode // the countries that are shipped to; empty means all
	Capture          CaptureMode
	PaymentDeadline  time.Duration // from placing until an unpaid order expires
	ActionDeadline   time.Duration // for the shopper to give new payment details, each time they are asked
	Allocation       Allocation
	LocationPriority []id.LocationID     // the order in which locations are used; what is not named comes after
	Language         locale.LanguageCode // what the shop is written in
	Brand            Brand
	UpdatedAt        time.Time

	untold bool // nobody has said where the storefront is: URL stands in for it
}

// IsNode marks a Shop as a Node of the API.
func (Shop) IsNode() {}

// freshness is how old an answer from memory may be.
const freshness = time.Second

// Settings reads and changes the shop's settings.
type Settings struct {
	// Own is where this process answers; empty when it does not. A shop that was never told where its storefront is
	// gives that out as its address.
	Own string

	db    Database
	log   *event.Log
	clock clock.Clock

	mu     sync.Mutex
	known  Shop
	loaded time.Time
}

// Database is what settings need of the pool: reads and transactions.
type Database interface {
	pg.DB
	pg.Beginner
}

// New makes the settings of the shop whose database it is.
func New(db Database, log *event.Log, clk clock.Clock) *Settings {
	return &Settings{db: db, log: log, clock: clk}
}

// Load gives the settings, at most a second old. It may take a connection from the pool: call it before a
// transaction begins, never inside one.
func (s *Settings) Load(ctx context.Context) (Shop, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	if !s.loaded.IsZero() && now.Sub(s.loaded) < freshness && !now.Before(s.loaded) {
		return s.known, nil
	}
	shop, err := read(ctx, s.db)
	if errors.Is(err, pgx.ErrNoRows) {
		if err := s.first(ctx); err != nil {
			return Shop{}, err
		}
		shop, err = read(ctx, s.db)
	}
	if err != nil {
		return Shop{}, fmt.Errorf("load the shop's settings: %w", err)
	}
	s.known, s.loaded = s.placed(shop), now
	return s.known, nil
}

// placed puts this process's own address in the place of a storefront's that nobody has told.
func (s *Settings) placed(shop Shop) Shop {
	if shop.untold = shop.URL == firstURL; shop.untold && s.Own != "" {
		shop.URL = s.Own
	}
	return shop
}

const shopSQL = `
select id, name, description, currency, country, prices_include_tax, weight_unit, money_template, url,
       checkout_template, ships_to, capture, payment_deadline_seconds, action_deadline_seconds,
       allocation, location_priority, language, brand, password_reset_template, email_verification_template, updated_at
from shop`

const lockShopSQL = `
select id, name, description, currency, country, prices_include_tax, weight_unit, money_template, url,
       checkout_template, ships_to, capture, payment_deadline_seconds, action_deadline_seconds,
       allocation, location_priority, language, brand, password_reset_template, email_verification_template, updated_at
from shop
for update`

func read(ctx context.Context, db pg.DB) (Shop, error) { return scan(db.QueryRow(ctx, shopSQL)) }

// At gives the settings as a database has them, such as one that stands still: nothing is taken from memory. They are
// there once anybody has called Load.
func (s *Settings) At(ctx context.Context, db pg.DB) (Shop, error) {
	shop, err := read(ctx, db)
	if err != nil {
		return Shop{}, fmt.Errorf("read the shop's settings: %w", err)
	}
	return s.placed(shop), nil
}

func scan(row pgx.Row) (Shop, error) {
	var shop Shop
	var payment, action int64
	err := row.Scan(&shop.ID, &shop.Name, &shop.Description, &shop.Currency, &shop.Country, &shop.PricesIncludeTax,
		&shop.WeightUnit, &shop.MoneyTemplate, &shop.URL, &shop.CheckoutTemplate, &shop.Ships, &shop.Capture,
		&payment, &action, &shop.Allocation, &shop.LocationPriority, &shop.Language, &shop.Brand,
		&shop.ResetTemplate, &shop.VerifyTemplate, &shop.UpdatedAt)
	shop.PaymentDeadline, shop.ActionDeadline = time.Duration(payment)*time.Second, time.Duration(action)*time.Second
	return shop, err
}

const firstShopSQL = `
insert into shop (id)
values ($1)
on conflict do nothing`

func (s *Settings) first(ctx context.Context) error {
	if _, err := s.db.Exec(ctx, firstShopSQL, id.NewShopID()); err != nil {
		return fmt.Errorf("make the shop's settings: %w", err)
	}
	return nil
}

const changeShopSQL = `
update shop
set name = $1, description = $2, currency = $3, country = $4, prices_include_tax = $5, weight_unit = $6,
    money_template = $7, url = $8, checkout_template = $9, ships_to = $10, capture = $11,
    payment_deadline_seconds = $12, action_deadline_seconds = $13, allocation = $14, location_priority = $15,
    language = $16, brand = $17, password_reset_template = $18, email_verification_template = $19, updated_at = now()
returning updated_at`

// Change edits the settings: change gets them as they are, and what it makes of them is checked and kept. What it leaves
// as it was is not checked: it may be older than a rule, and must not hinder what has nothing to do with it. change may run
// more than once, so it does nothing but set fields. Who changed what is appended to the shop's history; a change that
// changes nothing leaves no trace.
func (s *Settings) Change(ctx context.Context, actor access.Actor, change func(*Shop)) (Shop, error) {
	if _, err := s.Load(ctx); err != nil {
		return Shop{}, err
	}
	var shop Shop
	err := pg.InTx(ctx, s.db, func(tx pgx.Tx) (err error) {
		if shop, err = scan(tx.QueryRow(ctx, lockShopSQL)); err != nil {
			return fmt.Errorf("lock the shop's settings: %w", err)
		}
		before := shop
		before.Ships = append([]address.CountryCode{}, before.Ships...)
		before.LocationPriority = append([]id.LocationID{}, before.LocationPriority...)
		change(&shop)
		if shop.Ships == nil {
			shop.Ships = []address.CountryCode{}
		}
		if shop.LocationPriority == nil {
			shop.LocationPriority = []id.LocationID{}
		}
		changes := differences(before, shop)
		if len(changes) == 0 {
			return nil
		}
		if err := shop.refuse(changes); err != nil {
			return err
		}
		err = tx.QueryRow(ctx, changeShopSQL, shop.Name, shop.Description, shop.Currency, shop.Country,
			shop.PricesIncludeTax, shop.WeightUnit, shop.MoneyTemplate, shop.URL, shop.CheckoutTemplate, shop.Ships,
			shop.Capture, int64(shop.PaymentDeadline/time.Second), int64(shop.ActionDeadline/time.Second),
			shop.Allocation, shop.LocationPriority, shop.Language, shop.Brand,
			shop.ResetTemplate, shop.VerifyTemplate,
		).Scan(&shop.UpdatedAt)
		if err != nil {
			return fmt.Errorf("change the shop's settings: %w", err)
		}
		if err := s.record(ctx, tx, actor, shop.ID, changes); err != nil {
			return err
		}
		_, err = position.Advance(ctx, tx, position.Shop)
		return err
	})
	if err != nil {
		return Shop{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loaded = time.Time{}
	return s.placed(shop), nil
}

// refuse says all that is wrong with settings that have changed.
func (s Shop) refuse(changes []FieldChange) error {
	var p input.Problems
	s.check(func(field, message string) {
		setting, _, _ := strings.Cut(field, ".")
		changed := slices.ContainsFunc(changes, func(c FieldChange) bool { return strings.EqualFold(c.Field, setting) })
		if changed {
			p.Add(fault.New(fault.Invalid, "INVALID", message).At(field))
		}
	})
	return p.Err()
}
