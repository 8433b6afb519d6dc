package payment

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
)

// ask is the remote part: no transaction, no lock and no connection of the shop is held. The first try asks for the
// money; every later one looks up first what became of it. Only when the provider says that it never heard of the
// key is it asked again, under the same key, or, once patience has run out and another method waits, told to close
// the key for good.
func (p *Payments) ask(ctx context.Context, t *turn) verdict {
	defer t.end()
	a := t.attempt
	provider, ok := p.Provider(a.Provider)
	if !ok {
		return verdict{stage: stageUnknown, err: fmt.Errorf("payment provider %s: %w", a.Provider, errGone)}
	}
	// told is the answer of the one call that counts as this turn's: whether the provider works.
	told := func(c Charge, err error) verdict {
		if ctx.Err() == nil {
			p.heard(ctx, a.Provider, a.key(), silence(err, ErrDeclined, ErrActionRequired, ErrUnknownKey))
		}
		return a.judge(c, err)
	}
	if t.looks {
		return told(p.lookup(ctx, provider, a.key()))
	}
	if a.abandoned {
		return told(p.void(ctx, provider, t))
	}
	if a.tries > 1 {
		charge, err := p.lookup(ctx, provider, a.key())
		switch {
		case err == nil && charge.State == ChargeChallenge && a.challenged:
		case !errors.Is(err, ErrUnknownKey):
			return told(charge, err)
		case t.others && !t.patience:
			return told(p.void(ctx, provider, t))
		}
	}
	v := told(p.authorize(ctx, provider, t))
	if v.stage == stageUnknown && ctx.Err() == nil {
		p.log.WarnContext(ctx, "payment provider did not answer", "provider", a.Provider, "attempt", a.ID.String(), "error", v.err)
		if charge, err := p.lookup(ctx, provider, a.key()); err == nil {
			seen := a.judge(charge, nil)
			seen.answer = v.err
			return seen
		}
	}
	return v
}

func (p *Payments) authorize(ctx context.Context, provider Provider, t *turn) (Charge, error) {
	ctx, cancel := context.WithTimeout(ctx, p.pace.Call)
	defer cancel()
	return provider.Authorize(ctx, Authorization{
		Key: t.attempt.key(), Reference: t.reference, Token: t.attempt.token, Amount: t.attempt.amount,
		Challenged: t.attempt.challenged, Customer: t.customer, Save: t.attempt.save && t.attempt.stored == nil,
		OffSession: t.attempt.renews != nil && !t.attempt.challenged,
		Result:     t.result,
	})
}

func (p *Payments) lookup(ctx context.Context, provider Provider, key string) (Charge, error) {
	ctx, cancel := context.WithTimeout(ctx, p.pace.Lookup)
	defer cancel()
	return provider.Lookup(ctx, key)
}

func (p *Payments) void(ctx context.Context, provider Provider, t *turn) (Charge, error) {
	ctx, cancel := context.WithTimeout(ctx, p.pace.Call)
	defer cancel()
	return provider.Void(ctx, Change{
		Key: t.attempt.closingKey(), Charge: t.attempt.key(), Reference: t.reference, Amount: t.attempt.amount,
	})
}

// key is the idempotency key of the attempt at its provider.
func (a *PaymentAttempt) key() string { return uuid.UUID(a.ID).String() }

// closingKey is the key of the call that closes the attempt, the same however often it is sent.
func (a *PaymentAttempt) closingKey() string {
	return uuid.NewSHA1(uuid.UUID(a.ID), []byte("close")).String()
}

// verdict is what an answer means for the attempt.
type verdict struct {
	stage  stage
	charge Charge
	reason string
	err    error // for the log, when the outcome is unknown
	answer error // what was wrong with the answer before the charge was looked up
	shops  bool  // the shop itself has said no, before anybody was asked
}

// judge reads a provider's answer.
func (a *PaymentAttempt) judge(c Charge, err error) verdict {
	switch {
	case errors.Is(err, ErrDeclined):
		v := verdict{stage: stageDeclined, reason: Reason(err)}
		if a.plausible(c) && !c.approved() { // what it keeps all the same is to be forgotten
			v.charge.Saved = c.Saved
		}
		return v
	case errors.Is(err, ErrActionRequired):
		return verdict{stage: stageActionRequired, charge: c, reason: Reason(err)}
	case err != nil:
		return verdict{stage: stageUnknown, err: err}
	}
	if err := a.misfit(c); err != nil {
		return verdict{stage: stageUnknown, err: err}
	}
	stages := map[ChargeState]stage{
		ChargeAuthorized: stageAuthorized, ChargeInvoiced: stageInvoiced, ChargePending: stagePending,
		ChargeChallenge: stageActionRequired, ChargeDeclined: stageDeclined, ChargeClosed: stageVoided,
	}
	s, ok := stages[c.State]
	if !ok {
		return verdict{stage: stageUnknown, err: fmt.Errorf("provider %s answered with state %q", a.Provider, c.State)}
	}
	return verdict{stage: s, charge: c, reason: c.Reason}
}
