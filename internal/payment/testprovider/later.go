package testprovider

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/payment"
)

// What happens to a charge after it was first asked for. Its entry keeps the token, which says what is to come.

// settlesWithin is what the tokens that take days promise.
const settlesWithin = 72 * time.Hour

// promise notes until when a reservation lasts, and until when a charge is decided.
func (p *Provider) promise(e *entry, a payment.Authorization) {
	now := p.options.Clock.Now().UTC().Truncate(time.Microsecond)
	switch {
	case e.Kind == entryAuthorize && !a.OffSession && (a.Token == "expires" || a.Token == "expires_declined"):
		until := now.Add(p.options.Expire)
		e.ExpiresAt = &until
	case e.Kind == entryPending && (a.Token == "pending_days" || a.Token == "pending_days_declined"):
		by := now.Add(settlesWithin)
		e.SettlesBy = &by
	}
}

// lapsed says that a reservation has come to its end, and the books do not say so yet.
func (p *Provider) lapsed(c charge) bool {
	return c.ExpiresAt != nil && !p.options.Clock.Now().Before(*c.ExpiresAt) &&
		c.Authorized.Minor > c.Captured.Minor+c.Voided.Minor
}

// lapse lets go of what is reserved beyond its time. The charge is locked.
func (p *Provider) lapse(ctx context.Context, tx pgx.Tx, c charge) (charge, error) {
	if !p.lapsed(c) {
		return c, nil
	}
	key := c.entries[0].ChargeKey
	err := enter(ctx, tx, entry{
		ChargeKey: key, EntryKey: uuid.NewSHA1(uuid.MustParse(key), []byte("expired")).String(), Kind: entryVoid,
		Reference: c.Reference, Amount: c.Authorized.Minor - c.Captured.Minor - c.Voided.Minor, Currency: c.currency,
	})
	if err != nil {
		return c, err
	}
	return p.charge(ctx, tx, key)
}

// token is what the charge was asked for with, where that says what is to come.
func (c charge) token() string {
	for _, e := range c.entries {
		if e.Kind == entryAuthorize || e.Kind == entryPending {
			return e.Reason
		}
	}
	return ""
}

// dispute lets the bank ask for the money back as soon as it was taken.
func dispute(ctx context.Context, tx pgx.Tx, before charge, c payment.Change, kind string) error {
	if token := before.token(); kind != entryCapture || (token != "dispute_won" && token != "dispute_lost") {
		return nil
	}
	return enter(ctx, tx, entry{
		ChargeKey: c.Charge, EntryKey: c.Key, Kind: entryDispute, Reference: c.Reference, Amount: c.Amount.Minor, Currency: c.Amount.CurrencyCode,
	})
}

// settle writes what is decided about a charge that is pending, or about the dispute that is open.
func settle(ctx context.Context, tx pgx.Tx, c charge) error {
	if len(c.entries) == 0 {
		return nil
	}
	first := c.entries[0]
	e := entry{ChargeKey: first.ChargeKey, EntryKey: first.ChargeKey, Reference: first.Reference, Amount: c.asked, Currency: c.currency}
	open := c.Disputed.Minor - c.DisputeLost.Minor
	switch token := c.token(); {
	case c.State == payment.ChargePending && (token == "pending_declined" || token == "pending_days_declined"):
		e.Kind, e.Reason = entryDecline, reasonDeclined
	case c.State == payment.ChargePending:
		e.Kind = entryAuthorize
	case open > 0 && token == "dispute_won":
		e.Kind, e.Amount = entryWon, open
	case open > 0:
		e.Kind, e.Amount = entryLost, open
	default:
		return nil
	}
	return enter(ctx, tx, e)
}
