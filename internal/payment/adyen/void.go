package adyen

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/payment"
)

// Void closes the key and cancels what is reserved under it. The key is closed in our own books first, and whoever
// authorizes writes into the same books before reading them again: so of two that meet, at least one knows of the other
// and cancels. What Adyen authorizes later still is cancelled by the next Void, which its notification brings about. That
// holds for a key that looks declined as well: a yes that is notified later would count.
func (p *Provider) Void(ctx context.Context, c payment.Change) (payment.Charge, error) {
	key, err := uuid.Parse(c.Charge)
	if err != nil {
		return payment.Charge{}, fmt.Errorf("adyen: %q is no key: %w", c.Charge, err)
	}
	now, err := p.close(ctx, key)
	if err != nil {
		return payment.Charge{}, err
	}
	if now, err = p.release(ctx, key, now); err != nil {
		return payment.Charge{}, err
	}
	return now.Charge, nil
}

// close gives a key up, for good.
func (p *Provider) close(ctx context.Context, key uuid.UUID) (charge, error) {
	if err := p.keep(ctx, call{charge: key, kind: callClose, key: key}); err != nil {
		return charge{}, err
	}
	return p.charge(ctx, key)
}

// release asks Adyen to cancel what is reserved under a key that is closed. What is not known to be reserved is cancelled
// by our own reference, in case it is, unless Adyen has answered the payment itself with a no.
func (p *Provider) release(ctx context.Context, key uuid.UUID, now charge) (charge, error) {
	request := changeRequest{MerchantAccount: p.config.MerchantAccount, Reference: key.String()}
	if len(now.payments) == 0 {
		if now.answeredNo() {
			return now, nil
		}
		revoke := derived(key, "revoke")
		if _, asked := now.find(callRevoke, revoke); asked {
			return now, nil
		}
		request.PaymentReference = key.String()
		if err := p.ask(ctx, "/cancels", request, &call{charge: key, kind: callRevoke, key: revoke}); err != nil {
			return charge{}, err
		}
		return p.charge(ctx, key)
	}
	if now.left() == 0 {
		return now, nil
	}
	for psp := range now.payments {
		next, due := now.cancellation(key, psp)
		if now.released(psp) || !due {
			continue
		}
		if err := p.ask(ctx, "/payments/"+url.PathEscape(psp)+"/cancels", request, &call{charge: key, kind: callCancel, key: next}); err != nil {
			return charge{}, err
		}
	}
	return p.charge(ctx, key)
}

// cancellation is the key of the next request to cancel a payment, and whether it is time for one: the first, or the one
// after the last has failed. Adyen would answer the same key with the same failure for ever.
func (c *charge) cancellation(key uuid.UUID, psp string) (uuid.UUID, bool) {
	for n := 0; ; n++ {
		next := derived(key, "cancel "+psp+" "+strconv.Itoa(n))
		switch result, _ := c.became(callCancel, next); result {
		case notAsked:
			return next, true
		case waiting, done:
			return next, false
		}
	}
}
