package adyen

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/payment"
)

// changeRequest asks for a payment to be changed. It has the payment's own reference, so that its notification names the
// charge.
type changeRequest struct {
	MerchantAccount  string  `json:"merchantAccount"`
	Reference        string  `json:"reference"`
	Amount           *amount `json:"amount,omitempty"`
	PaymentReference string  `json:"paymentReference,omitempty"` // instead of Adyen's name in the address
}

// changeAnswer says that a request was received, and how its notification will name it.
type changeAnswer struct {
	PSPReference string `json:"pspReference"`
}

// Capture takes a reserved amount. Adyen only receives it: until the outcome is notified, the charge is answered as it
// stands, without the amount.
func (p *Provider) Capture(ctx context.Context, c payment.Change) (payment.Charge, error) {
	return p.change(ctx, c, callCapture, "captures")
}

// Refund gives a captured amount back, in the same way.
func (p *Provider) Refund(ctx context.Context, c payment.Change) (payment.Charge, error) {
	return p.change(ctx, c, callRefund, "refunds")
}

// change asks once for a payment to be changed, and then tells what has come of it. Whether the amount is there is left
// to Adyen: the same request may have been made before, by a process that died before it could keep the answer, and have
// moved the amount already. Under its key it is answered again as it was.
func (p *Provider) change(ctx context.Context, c payment.Change, kind callKind, path string) (payment.Charge, error) {
	of, err := uuid.Parse(c.Charge)
	key, keyErr := uuid.Parse(c.Key)
	if err := errors.Join(err, keyErr); err != nil {
		return payment.Charge{}, fmt.Errorf("adyen: no key: %w", err)
	}
	now, err := p.charge(ctx, of)
	if err != nil {
		return payment.Charge{}, err
	}
	if result, reason := now.became(kind, key); result != notAsked {
		return now.told(result, reason)
	}
	value, err := inMinorUnits(c.Amount)
	if err != nil {
		return now.Charge, payment.Declined(reasonAmount)
	}
	if len(now.payments) != 1 || c.Amount.Minor <= 0 || c.Amount.CurrencyCode != now.currency {
		return now.Charge, payment.Declined(reasonUnavailable)
	}
	asked := call{charge: of, kind: kind, key: key, amount: c.Amount}
	for psp := range now.payments {
		request := changeRequest{MerchantAccount: p.config.MerchantAccount, Reference: c.Charge, Amount: &value}
		if err := p.ask(ctx, "/payments/"+url.PathEscape(psp)+"/"+path, request, &asked); err != nil {
			return payment.Charge{}, err
		}
	}
	if now, err = p.charge(ctx, of); err != nil {
		return payment.Charge{}, err
	}
	return now.told(now.became(kind, key))
}

// ask sends a request under its key and keeps what was answered. A definite no is an answer.
func (p *Provider) ask(ctx context.Context, path string, request changeRequest, asked *call) error {
	var answer changeAnswer
	err := p.client.post(ctx, path, asked.key, request, &answer)
	var no *refusal
	switch {
	case errors.As(err, &no):
		asked.result, asked.reason = resultInvalid, cut(no.Message)
	case err != nil:
		return err
	case answer.PSPReference == "" || len(answer.PSPReference) > 255 || !storable(answer.PSPReference):
		return errors.New("adyen: answered without a name of the request")
	default:
		asked.psp = answer.PSPReference
	}
	return p.keep(ctx, *asked)
}

// told is the charge as it stands, with a no when the request has failed.
func (c *charge) told(result outcome, reason string) (payment.Charge, error) {
	if result != failed {
		return c.Charge, nil
	}
	if strings.Contains(strings.ToLower(reason), "insufficient balance") {
		return c.Charge, payment.Declined(reasonUnavailable)
	}
	return c.Charge, payment.Declined(reasonRefused)
}
