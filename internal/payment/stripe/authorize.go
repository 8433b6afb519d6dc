package stripe

import (
	"context"
	"errors"
	"fmt"
	"strings"

	api "github.com/stripe/stripe-go/v85"

	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/payment"
)

// Authorize makes an intent, remembers it, and confirms it. What was decided about the key before is answered again.
func (p *Provider) Authorize(ctx context.Context, a payment.Authorization) (payment.Charge, error) {
	total, err := units(a.Amount)
	if err != nil || total <= 0 {
		return payment.Charge{}, payment.Declined(reasonCurrency)
	}
	return patiently(ctx, func() (payment.Charge, error) { return p.authorize(ctx, a, total) })
}

func (p *Provider) authorize(ctx context.Context, a payment.Authorization, total int64) (payment.Charge, error) {
	intent, n, err := p.intentFor(ctx, a, total)
	switch {
	case err != nil:
		return payment.Charge{}, err
	case intent == nil:
		return closed(a.Amount.CurrencyCode), payment.Declined(reasonClosed)
	case intent.Amount != total || !strings.EqualFold(string(intent.Currency), string(a.Amount.CurrencyCode)):
		return payment.Charge{}, fmt.Errorf("stripe: key %s was used for another amount", a.Key)
	case !confirmable(intent, a):
		return p.verdict(ctx, intent)
	case n.closed:
		if intent, err = p.shut(ctx, intent.ID); err != nil {
			return payment.Charge{}, err
		}
		return p.verdict(ctx, intent)
	}
	confirmed, err := p.confirm(ctx, a, intent, n.customer)
	if err == nil {
		return p.verdict(ctx, confirmed)
	}
	return p.unconfirmed(ctx, intent.ID, err)
}

// intentFor gives the intent of a key, fresh from Stripe: the one that is remembered, or one that is made now. There is
// none when the key was closed before it had one.
func (p *Provider) intentFor(ctx context.Context, a payment.Authorization, total int64) (*api.PaymentIntent, note, error) {
	customer, err := p.customer(ctx, a)
	if err != nil {
		return nil, note{}, err
	}
	n, err := p.begin(ctx, a.Key, customer)
	if err != nil {
		return nil, note{}, err
	}
	if n.intent != "" {
		intent, err := p.retrieve(ctx, n.intent)
		return intent, n, err
	}
	if n.closed {
		return nil, n, nil
	}
	made, err := p.create(ctx, a, total, n.customer)
	if err != nil {
		return nil, n, err
	}
	if n, err = p.remember(ctx, a.Key, made.ID); err != nil {
		return nil, n, err
	}
	if n.intent == made.ID {
		return made, n, nil
	}
	intent, err := p.retrieve(ctx, n.intent)
	return intent, n, err
}

// create makes an intent. Nothing is reserved by it.
func (p *Provider) create(ctx context.Context, a payment.Authorization, total int64, customer string) (*api.PaymentIntent, error) {
	params := &api.PaymentIntentCreateParams{
		Amount:                  &total,
		Currency:                api.String(strings.ToLower(string(a.Amount.CurrencyCode))),
		AutomaticPaymentMethods: &api.PaymentIntentCreateAutomaticPaymentMethodsParams{Enabled: api.Bool(true)},
		CaptureMethod:           api.String(string(api.PaymentIntentCaptureMethodManual)),
		Metadata:                map[string]string{metaKey: a.Key, metaOrder: a.Reference},
		Expand:                  whole(),
	}
	if p.options.Delayed {
		params.CaptureMethod = api.String(string(api.PaymentIntentCaptureMethodAutomaticAsync))
		params.PaymentMethodOptions = &api.PaymentIntentCreatePaymentMethodOptionsParams{
			Card: &api.PaymentIntentCreatePaymentMethodOptionsCardParams{CaptureMethod: api.String("manual")},
		}
	}
	if customer != "" {
		params.Customer = &customer
	}
	intent, err := once("intent-"+a.Key, func(key string) (*api.PaymentIntent, error) {
		params.IdempotencyKey = &key
		return p.api.V1PaymentIntents.Create(ctx, params)
	})
	if err != nil {
		return nil, refused("make an intent", err)
	}
	return intent, readable(intent)
}

// confirm asks for the money, under the key of the authorization.
func (p *Provider) confirm(ctx context.Context, a payment.Authorization, intent *api.PaymentIntent, customer string) (*api.PaymentIntent, error) {
	params := &api.PaymentIntentConfirmParams{ReturnURL: &p.options.ReturnURL, Expand: whole()}
	if strings.HasPrefix(a.Token, "ctoken_") {
		params.ConfirmationToken = &a.Token
	} else {
		params.PaymentMethod = &a.Token
	}
	if a.OffSession {
		params.OffSession = api.Bool(true)
	}
	if a.Save && customer != "" && !a.OffSession {
		params.SetupFutureUsage = api.String(string(api.PaymentIntentSetupFutureUsageOffSession))
	}
	if p.options.Multicapture {
		params.PaymentMethodOptions = &api.PaymentIntentPaymentMethodOptionsParams{
			Card: &api.PaymentIntentPaymentMethodOptionsCardParams{RequestMulticapture: api.String("if_available")},
		}
	}
	key := a.Key
	if intent.LastPaymentError != nil { // it was tried without the shopper, who is there now
		key += "-shopper"
	}
	confirmed, err := once(key, func(key string) (*api.PaymentIntent, error) {
		params.IdempotencyKey = &key
		return p.api.V1PaymentIntents.Confirm(ctx, intent.ID, params)
	})
	if err != nil {
		return nil, err
	}
	return confirmed, readable(confirmed)
}

// unconfirmed answers when Stripe has not confirmed an intent. A refusal that the intent does not keep itself, such as
// of an unknown token, is made final by canceling it.
func (p *Provider) unconfirmed(ctx context.Context, id string, why error) (payment.Charge, error) {
	if is(why, api.ErrorCodePaymentIntentUnexpectedState) { // somebody else has confirmed or canceled it
		intent, err := p.retrieve(ctx, id)
		if err != nil {
			return payment.Charge{}, err
		}
		return p.verdict(ctx, intent)
	}
	refusal := refused("confirm an intent", why)
	charge := payment.Charge{Ref: id}
	switch {
	case errors.Is(refusal, payment.ErrActionRequired):
		charge.State = payment.ChargeChallenge
	case errors.Is(refusal, payment.ErrDeclined):
		charge.State, charge.Reason = payment.ChargeDeclined, payment.Reason(refusal)
		var e *api.Error
		if errors.As(why, &e) && e.Type != api.ErrorTypeCard {
			if _, err := p.cancel(ctx, id, id+"-refused"); err != nil {
				return payment.Charge{}, err
			}
		}
	}
	return charge, refusal
}

// confirmable says whether nothing is decided about an intent yet: it was never confirmed, or only without the shopper,
// whose bank wants them to be there.
func confirmable(intent *api.PaymentIntent, a payment.Authorization) bool {
	switch intent.Status {
	case api.PaymentIntentStatusRequiresConfirmation:
		return true
	case api.PaymentIntentStatusRequiresPaymentMethod:
		failure := intent.LastPaymentError
		return failure == nil || (failure.Code == api.ErrorCodeAuthenticationRequired && !a.OffSession)
	}
	return false
}

// verdict is what an intent says to whoever asks for its authorization.
func (p *Provider) verdict(ctx context.Context, intent *api.PaymentIntent) (payment.Charge, error) {
	charge, err := p.charge(ctx, intent)
	if err != nil {
		return payment.Charge{}, err
	}
	switch charge.State {
	case payment.ChargeDeclined:
		return charge, payment.Declined(charge.Reason)
	case payment.ChargeClosed:
		return charge, payment.Declined(reasonClosed)
	case payment.ChargeChallenge:
		return charge, payment.ActionRequired(charge.Reason)
	case "":
		return payment.Charge{}, fmt.Errorf("stripe: intent %s is still not confirmed", intent.ID)
	}
	return charge, nil
}

func closed(c money.Currency) payment.Charge {
	zero := money.Zero(c)
	return payment.Charge{State: payment.ChargeClosed, Authorized: zero, Captured: zero, Refunded: zero, Voided: zero, Disputed: zero, DisputeLost: zero}
}
