package stripe

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	api "github.com/stripe/stripe-go/v85"

	"github.com/wharfhq/wharf/internal/payment"
)

// intentOf gives the intent under which a charge was authorized, fresh from Stripe; nil when there is none.
func (p *Provider) intentOf(ctx context.Context, key string) (*api.PaymentIntent, error) {
	n, err := p.known(ctx, key)
	if err != nil || n.intent == "" {
		return nil, err
	}
	return p.retrieve(ctx, n.intent)
}

// available answers a change that can't be made: of another currency, of nothing, or of more than there is.
func available(intent *api.PaymentIntent, c payment.Change, left int64) (int64, error) {
	wanted, err := units(c.Amount)
	if err != nil || wanted <= 0 || wanted > left || !strings.EqualFold(string(intent.Currency), string(c.Amount.CurrencyCode)) {
		return 0, payment.Declined(reasonAmount)
	}
	return wanted, nil
}

// captured is the name under which a capture stands in the metadata of its intent.
func captured(key string) string { return "c-" + key }

// Capture takes a reserved amount. That it was taken is written into the intent by the same call.
func (p *Provider) Capture(ctx context.Context, c payment.Change) (payment.Charge, error) {
	return patiently(ctx, func() (payment.Charge, error) { return p.capture(ctx, c) })
}

func (p *Provider) capture(ctx context.Context, c payment.Change) (payment.Charge, error) {
	intent, err := p.intentOf(ctx, c.Charge)
	if err != nil {
		return payment.Charge{}, err
	}
	if intent == nil {
		return payment.Charge{}, payment.Declined(reasonAmount)
	}
	if taken, done := intent.Metadata[captured(c.Key)]; done {
		return p.standingBy(ctx, intent, sameAmount(c, taken))
	}
	left := intent.AmountCapturable
	if intent.Status != api.PaymentIntentStatusRequiresCapture {
		left = 0
	}
	wanted, refusal := available(intent, c, left)
	if refusal != nil {
		return p.standingBy(ctx, intent, refusal)
	}
	params := &api.PaymentIntentCaptureParams{
		AmountToCapture: &wanted,
		Metadata:        map[string]string{captured(c.Key): strconv.FormatInt(wanted, 10)},
		Expand:          whole(),
	}
	if wanted < left && p.options.Multicapture && multicapture(intent) {
		params.FinalCapture = api.Bool(false)
	}
	taken, err := once(c.Key, func(key string) (*api.PaymentIntent, error) {
		params.IdempotencyKey = &key
		return p.api.V1PaymentIntents.Capture(ctx, intent.ID, params)
	})
	if err == nil {
		if err := readable(taken); err != nil {
			return payment.Charge{}, err
		}
		return p.charge(ctx, taken)
	}
	return p.notChanged(ctx, intent.ID, c, "capture", err)
}

// sameAmount refuses a key that comes back with another amount: that is a mistake of the shop, not a new wish.
func sameAmount(c payment.Change, moved string) error {
	if n, err := units(c.Amount); err != nil || strconv.FormatInt(n, 10) != moved {
		return fmt.Errorf("stripe: key %s was used for another amount", c.Key)
	}
	return nil
}

// multicapture says whether the card may be captured in several parts.
func multicapture(intent *api.PaymentIntent) bool {
	made := intent.LatestCharge
	return made != nil && made.PaymentMethodDetails != nil && made.PaymentMethodDetails.Card != nil &&
		made.PaymentMethodDetails.Card.Multicapture != nil &&
		made.PaymentMethodDetails.Card.Multicapture.Status == api.ChargePaymentMethodDetailsCardMulticaptureStatusAvailable
}

// standingBy answers with the charge as it stands, and the refusal, if there is one.
func (p *Provider) standingBy(ctx context.Context, intent *api.PaymentIntent, refusal error) (payment.Charge, error) {
	charge, err := p.charge(ctx, intent)
	if err != nil {
		return payment.Charge{}, err
	}
	return charge, refusal
}

// notChanged answers when Stripe has not made a change: a twin of the call has, or it is refused for good, or the
// outcome is unknown.
func (p *Provider) notChanged(ctx context.Context, id string, c payment.Change, doing string, why error) (payment.Charge, error) {
	refusal := refused(doing, why)
	if is(why, api.ErrorCodePaymentIntentUnexpectedState) || is(why, api.ErrorCodeChargeAlreadyRefunded) {
		refusal = payment.Declined(reasonAmount)
	}
	if errors.Is(refusal, payment.ErrActionRequired) {
		refusal = payment.Declined(reasonDeclined)
	}
	if !errors.Is(refusal, payment.ErrDeclined) {
		return payment.Charge{}, refusal
	}
	now, err := p.retrieve(ctx, id)
	if err != nil {
		return payment.Charge{}, err
	}
	if taken, done := now.Metadata[captured(c.Key)]; done {
		refusal = sameAmount(c, taken)
	}
	return p.standingBy(ctx, now, refusal)
}

// Refund gives a captured amount back. The refund carries the key of the call.
func (p *Provider) Refund(ctx context.Context, c payment.Change) (payment.Charge, error) {
	return patiently(ctx, func() (payment.Charge, error) { return p.refund(ctx, c) })
}

func (p *Provider) refund(ctx context.Context, c payment.Change) (payment.Charge, error) {
	intent, err := p.intentOf(ctx, c.Charge)
	if err != nil {
		return payment.Charge{}, err
	}
	if intent == nil {
		return payment.Charge{}, payment.Declined(reasonAmount)
	}
	before, err := p.refundUnder(ctx, intent.ID, c.Key)
	if err != nil {
		return payment.Charge{}, err
	}
	if before != nil {
		if err := sameAmount(c, strconv.FormatInt(before.Amount, 10)); err != nil {
			return payment.Charge{}, err
		}
		return p.standingBy(ctx, intent, outcome(before))
	}
	left := int64(0)
	if made := intent.LatestCharge; made != nil {
		left = made.AmountCaptured - made.AmountRefunded
	}
	wanted, refusal := available(intent, c, left)
	if refusal != nil {
		return p.standingBy(ctx, intent, refusal)
	}
	params := &api.RefundCreateParams{
		PaymentIntent: &intent.ID, Amount: &wanted,
		Metadata: map[string]string{metaOperation: c.Key, metaKey: c.Charge, metaOrder: c.Reference},
	}
	made, err := once(c.Key, func(key string) (*api.Refund, error) {
		params.IdempotencyKey = &key
		return p.api.V1Refunds.Create(ctx, params)
	})
	if err != nil {
		return p.notChanged(ctx, intent.ID, c, "refund", err)
	}
	now, err := p.retrieve(ctx, intent.ID)
	if err != nil {
		return payment.Charge{}, err
	}
	return p.standingBy(ctx, now, outcome(made))
}

// outcome is whether a refund was made: one that waits for the bank counts, one that the bank has sent back does not.
func outcome(r *api.Refund) error {
	if r.Status == api.RefundStatusFailed || r.Status == api.RefundStatusCanceled {
		return payment.Declined(reasonRefund)
	}
	return nil
}

// refundUnder finds the refund that was made under a key, or nil. Stripe's lists are never behind.
func (p *Provider) refundUnder(ctx context.Context, intent, key string) (*api.Refund, error) {
	params := &api.RefundListParams{PaymentIntent: &intent}
	params.Limit = api.Int64(100)
	read := 0
	for r, err := range p.api.V1Refunds.List(ctx, params).All(ctx) {
		if err != nil {
			return nil, failed("list the refunds", err)
		}
		if r.Metadata[metaOperation] == key {
			return r, nil
		}
		if read++; read > maxEntries {
			return nil, fmt.Errorf("stripe: an intent has more than %d refunds", maxEntries)
		}
	}
	return nil, nil //nolint:nilnil // no refund is no error
}
