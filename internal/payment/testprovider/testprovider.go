// Package testprovider is a payment provider for trying the shop out. Its tokens play every ending that a payment
// can have, and its books are kept apart from the shop's, as a bank's would be: nothing it writes joins a
// transaction of the shop, so a crash of the shop undoes nothing here.
//
//	approve                    reserves the amount at once
//	decline                    refuses for good
//	decline_insufficient_funds refuses for good
//	timeout                    never answers and never books
//	slow                       answers and books after ten seconds
//	error                      answers with an error, never books
//	charge_then_drop           books, then the connection breaks before the answer
//	challenge                  asks the shopper to act, on the bank's page or anywhere; books once that is done
//	pending                    settles some seconds later and tells by callback
//	pending_declined           refuses some seconds later and tells by callback
//	pending_days               says that it settles within three days, and does so after two
//	pending_days_declined      says the same, and refuses after two days
//	expires                    reserves for a minute only; once renewed, for good
//	expires_declined           reserves for a minute only, and refuses to renew
//	dispute_won                the bank wants the money back once it is taken, and gives in some seconds later
//	dispute_lost               the bank wants the money back once it is taken, and gets it some seconds later
//
// Any other token is a decline. A method that was saved for a customer plays its first token again.
package testprovider

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/clock"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
)

// Options change how the provider behaves; the zero value is what the API's documentation promises.
type Options struct {
	Slow   time.Duration // how long the token slow takes; 10 s
	Settle time.Duration // how long the token pending stays undecided; 5 s
	Expire time.Duration // how long the token expires reserves; 1 min
	Secret []byte        // with which callbacks are signed and checked; the same in every process
	Site   string        // where the shop answers, and the bank's page with it; empty where nothing does
	Clock  clock.Clock   // for the age of a callback; the machine's clock
}

// Provider is the test payment provider.
type Provider struct {
	pool    *pgxpool.Pool
	options Options
}

// New opens the provider's books. Each call is a transaction of its own, whatever pool it comes from.
func New(pool *pgxpool.Pool, options Options) *Provider {
	if options.Slow == 0 {
		options.Slow = 10 * time.Second
	}
	if options.Settle == 0 {
		options.Settle = 5 * time.Second
	}
	if options.Expire == 0 {
		options.Expire = time.Minute
	}
	if options.Clock == nil {
		options.Clock = clock.System
	}
	return &Provider{pool: pool, options: options}
}

// About says that its name is "test".
func (p *Provider) About() payment.PaymentProvider {
	return payment.PaymentProvider{Name: "test", Title: "Test payment", NeedsToken: true}
}

// The words a shopper may read.
const (
	reasonDeclined  = "Your bank has declined the payment."
	reasonFunds     = "Your bank has declined the payment: the account does not hold enough money."
	reasonToken     = "The payment provider does not know this payment method."
	reasonClosed    = "The payment was withdrawn."
	reasonChallenge = "Please confirm the payment with your bank."
)

// errUnavailable stands for an answer with status 5xx.
var errUnavailable = errors.New("test provider: 503 service unavailable")

// verdicts are the tokens that are decided at once.
var verdicts = map[string]struct{ kind, reason string }{
	"approve":                    {entryAuthorize, ""},
	"decline":                    {entryDecline, reasonDeclined},
	"decline_insufficient_funds": {entryDecline, reasonFunds},
}

// Authorize plays the token. Whatever was decided under a key before is answered again.
func (p *Provider) Authorize(ctx context.Context, a payment.Authorization) (payment.Charge, error) {
	a, err := p.opened(ctx, a)
	if err != nil {
		return payment.Charge{}, err
	}
	if v, ok := verdicts[a.Token]; ok {
		return p.decide(ctx, a, v.kind, v.reason)
	}
	known, err := p.charge(ctx, p.pool, a.Key)
	if err != nil {
		return payment.Charge{}, err
	}
	if err := known.fits(a); err != nil {
		return payment.Charge{}, err
	}
	switch {
	case known.decided():
		return known.answer()
	case known.State == payment.ChargePending:
		return known.Charge, nil
	case known.State == payment.ChargeChallenge && !a.Challenged:
		return known.answer()
	case known.State == payment.ChargeChallenge:
		return p.decide(ctx, a, entryAuthorize, "")
	}
	return p.play(ctx, a)
}

func (p *Provider) play(ctx context.Context, a payment.Authorization) (payment.Charge, error) {
	switch a.Token {
	case "timeout":
		<-ctx.Done()
		return payment.Charge{}, fmt.Errorf("test provider: no answer: %w", ctx.Err())
	case "slow":
		timer := time.NewTimer(p.options.Slow)
		defer timer.Stop()
		select {
		case <-timer.C:
			return p.decide(ctx, a, entryAuthorize, "")
		case <-ctx.Done():
			return payment.Charge{}, fmt.Errorf("test provider: no answer: %w", ctx.Err())
		}
	case "error":
		return payment.Charge{}, errUnavailable
	case "charge_then_drop":
		if _, err := p.decide(ctx, a, entryAuthorize, ""); err != nil {
			return payment.Charge{}, err
		}
		return payment.Charge{}, fmt.Errorf("test provider: connection lost: %w", io.ErrUnexpectedEOF)
	case "challenge":
		return p.decide(ctx, a, entryChallenge, reasonChallenge)
	case "pending":
		return p.decide(ctx, a, entryPending, "")
	case "pending_declined", "pending_days", "pending_days_declined":
		return p.decide(ctx, a, entryPending, a.Token)
	case "expires_declined":
		if a.OffSession {
			return p.decide(ctx, a, entryDecline, reasonDeclined)
		}
		return p.decide(ctx, a, entryAuthorize, a.Token)
	case "expires", "dispute_won", "dispute_lost":
		return p.decide(ctx, a, entryAuthorize, a.Token)
	}
	return p.decide(ctx, a, entryDecline, reasonToken)
}

// decide writes the entry unless another call has decided in the meantime, and answers with what holds then.
func (p *Provider) decide(ctx context.Context, a payment.Authorization, kind, reason string) (payment.Charge, error) {
	if c, first, err := p.first(ctx, a, kind, reason); err != nil || first {
		return c, err
	}
	var now charge
	err := pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		if err := lock(ctx, tx, a.Key); err != nil {
			return err
		}
		before, err := p.charge(ctx, tx, a.Key)
		if err != nil {
			return err
		}
		if err := before.fits(a); err != nil {
			return err
		}
		if now = before; before.decided() {
			return nil
		}
		verdict := entry{
			ChargeKey: a.Key, EntryKey: a.Key, Kind: kind, Reference: a.Reference,
			Amount: a.Amount.Minor, Currency: a.Amount.CurrencyCode, Reason: reason,
		}
		p.promise(&verdict, a)
		if err := p.keep(ctx, tx, &verdict, a); err != nil {
			return err
		}
		now = p.sum(a.Key, append(before.entries, verdict))
		return enter(ctx, tx, verdict)
	})
	if err != nil {
		return payment.Charge{}, fmt.Errorf("test provider: %w", err)
	}
	return now.answer()
}

// first writes the entry with which a charge begins and is decided, which is nearly every one, in one statement. It says
// whether the charge has begun with it.
func (p *Provider) first(ctx context.Context, a payment.Authorization, kind, reason string) (payment.Charge, bool, error) {
	if a.Save || (kind != entryAuthorize && kind != entryDecline) {
		return payment.Charge{}, false, nil
	}
	verdict := entry{
		ChargeKey: a.Key, EntryKey: a.Key, Kind: kind, Reference: a.Reference,
		Amount: a.Amount.Minor, Currency: a.Amount.CurrencyCode, Reason: reason,
	}
	p.promise(&verdict, a)
	begun, err := begin(ctx, p.pool, verdict)
	if err != nil || !begun {
		return payment.Charge{}, false, err
	}
	c, err := sum(a.Key, []entry{verdict}).answer()
	return c, true, err
}

// Capture takes a reserved amount.
func (p *Provider) Capture(ctx context.Context, c payment.Change) (payment.Charge, error) {
	return p.change(ctx, c, entryCapture, func(now charge) int64 {
		return now.Authorized.Minor - now.Captured.Minor - now.Voided.Minor
	})
}

// Refund gives a captured amount back.
func (p *Provider) Refund(ctx context.Context, c payment.Change) (payment.Charge, error) {
	return p.change(ctx, c, entryRefund, func(now charge) int64 { return now.Captured.Minor - now.Refunded.Minor })
}

func (p *Provider) change(ctx context.Context, c payment.Change, kind string, available func(charge) int64) (payment.Charge, error) {
	var after charge
	var refusal error
	err := pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		refusal = nil
		if err := lock(ctx, tx, c.Charge); err != nil {
			return err
		}
		before, err := p.charge(ctx, tx, c.Charge)
		if err != nil {
			return err
		}
		if after = before; before.has(c.Key, kind) {
			return nil
		}
		if before, err = p.lapse(ctx, tx, before); err != nil {
			return err
		}
		after = before
		if before.State == "" || c.Amount.CurrencyCode != before.currency ||
			c.Amount.Minor <= 0 || c.Amount.Minor > available(before) {
			refusal = payment.Declined("The amount is not available on this charge.")
			return nil
		}
		err = enter(ctx, tx, entry{
			ChargeKey: c.Charge, EntryKey: c.Key, Kind: kind, Reference: c.Reference,
			Amount: c.Amount.Minor, Currency: c.Amount.CurrencyCode,
		})
		if err != nil {
			return err
		}
		if err := dispute(ctx, tx, before, c, kind); err != nil {
			return err
		}
		after, err = p.charge(ctx, tx, c.Charge)
		return err
	})
	if err != nil {
		return payment.Charge{}, fmt.Errorf("test provider: %w", err)
	}
	return after.Charge, refusal
}

// Void releases what is left, or closes a key under which nothing was booked.
func (p *Provider) Void(ctx context.Context, c payment.Change) (payment.Charge, error) {
	var after charge
	err := pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		if err := lock(ctx, tx, c.Charge); err != nil {
			return err
		}
		before, err := p.charge(ctx, tx, c.Charge)
		if err != nil {
			return err
		}
		e := entry{
			ChargeKey: c.Charge, EntryKey: c.Key, Kind: entryVoid, Reference: c.Reference,
			Amount: before.Authorized.Minor - before.Captured.Minor - before.Voided.Minor, Currency: c.Amount.CurrencyCode,
		}
		if !before.decided() {
			e.Kind, e.Amount, e.Reason = entryClose, 0, reasonClosed
			if err := drop(ctx, tx, c.Charge); err != nil {
				return err
			}
		}
		if e.Kind == entryClose || e.Amount > 0 {
			if err := enter(ctx, tx, e); err != nil {
				return err
			}
		}
		after, err = p.charge(ctx, tx, c.Charge)
		return err
	})
	if err != nil {
		return payment.Charge{}, fmt.Errorf("test provider: %w", err)
	}
	return after.Charge, nil
}

// Lookup tells what is in the books.
func (p *Provider) Lookup(ctx context.Context, key string) (payment.Charge, error) {
	known, err := p.charge(ctx, p.pool, key)
	if err == nil && p.lapsed(known) {
		err = pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
			if err := lock(ctx, tx, key); err != nil {
				return err
			}
			known, err = p.charge(ctx, tx, key)
			if err == nil {
				known, err = p.lapse(ctx, tx, known)
			}
			return err
		})
	}
	if err != nil {
		return payment.Charge{}, fmt.Errorf("test provider: %w", err)
	}
	if known.State == "" {
		return payment.Charge{}, payment.ErrUnknownKey
	}
	return known.Charge, nil
}
