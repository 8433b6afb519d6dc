package stripe

import (
	"context"
	"errors"

	api "github.com/stripe/stripe-go/v85"

	"github.com/wharfhq/wharf/internal/payment"
)

// Void closes a key and cancels its intent. Without an intent there is nothing to cancel, and none is confirmed any
// more, whatever call is under way.
func (p *Provider) Void(ctx context.Context, c payment.Change) (payment.Charge, error) {
	return patiently(ctx, func() (payment.Charge, error) { return p.void(ctx, c) })
}

func (p *Provider) void(ctx context.Context, c payment.Change) (payment.Charge, error) {
	n, err := p.closeKey(ctx, c.Charge)
	if err != nil {
		return payment.Charge{}, err
	}
	if n.intent == "" {
		if n, err = p.search(ctx, c.Charge, n); err != nil {
			return payment.Charge{}, err
		}
	}
	if n.intent == "" {
		return closed(c.Amount.CurrencyCode), nil
	}
	intent, err := p.cancel(ctx, n.intent, c.Key)
	if err != nil {
		return payment.Charge{}, err
	}
	return p.charge(ctx, intent)
}

// cancel ends an intent and gives it as it stands then: canceled, or with all the money taken that was reserved. Stripe
// repeats a refusal under its key for a day, so an intent that could not be canceled before, and can now, is canceled
// under a key of its present status.
func (p *Provider) cancel(ctx context.Context, id, key string) (*api.PaymentIntent, error) {
	under := key
	for range 2 {
		intent, err := p.cancelUnder(ctx, id, under)
		if err != nil {
			return nil, err
		}
		switch intent.Status {
		case api.PaymentIntentStatusCanceled, api.PaymentIntentStatusSucceeded:
			return intent, nil
		case api.PaymentIntentStatusProcessing:
			return nil, errors.New("stripe: the bank is deciding about an intent: it can't be canceled yet")
		}
		under = key + "-" + string(intent.Status)
	}
	return nil, errors.New("stripe: an intent could not be canceled, although its status allows it")
}

// shut cancels an intent whose key was closed when its own cancel did not come through. The mark alone does not make the
// key safe: a confirmation that was sent before it may still arrive, so a key is closed only when its intent is.
func (p *Provider) shut(ctx context.Context, id string) (*api.PaymentIntent, error) {
	return p.cancel(ctx, id, id+"-closed")
}

// cancelUnder asks for an intent to be canceled, and gives it as it stands then.
func (p *Provider) cancelUnder(ctx context.Context, id, key string) (*api.PaymentIntent, error) {
	intent, err := once(key, func(key string) (*api.PaymentIntent, error) {
		params := &api.PaymentIntentCancelParams{Expand: whole()}
		params.IdempotencyKey = &key
		return p.api.V1PaymentIntents.Cancel(ctx, id, params)
	})
	if is(err, api.ErrorCodePaymentIntentUnexpectedState) {
		return p.retrieve(ctx, id)
	}
	if err != nil {
		return nil, failed("cancel an intent", err)
	}
	return intent, readable(intent)
}
