package stripe

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	api "github.com/stripe/stripe-go/v85"

	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/payment"
)

// whole asks for all of an intent that the shop reads.
func whole() []*string { return []*string{api.String("latest_charge")} }

// readable refuses an answer that is no intent.
func readable(intent *api.PaymentIntent) error {
	if intent == nil || intent.ID == "" || intent.Currency == "" || intent.Status == "" {
		return payment.Nonsense(errors.New("stripe: the answer is no intent"))
	}
	return nil
}

func (p *Provider) retrieve(ctx context.Context, id string) (*api.PaymentIntent, error) {
	intent, err := p.api.V1PaymentIntents.Retrieve(ctx, id, &api.PaymentIntentRetrieveParams{Expand: whole()})
	if is(err, api.ErrorCodeResourceMissing) { // which to ask again does not change
		return nil, payment.Nonsense(fmt.Errorf("stripe: it has told of intent %s, and does not know it", id))
	}
	if err != nil {
		return nil, failed("read an intent", err)
	}
	return intent, readable(intent)
}

// charge is what an intent says of the charge. One that was never confirmed has no state: nothing is known under its
// key yet.
func (p *Provider) charge(ctx context.Context, intent *api.PaymentIntent) (payment.Charge, error) {
	charge, err := standing(intent)
	if err != nil {
		return payment.Charge{}, payment.Nonsense(err)
	}
	if intent.LatestCharge == nil || !intent.LatestCharge.Disputed {
		return charge, nil
	}
	disputed, lost, err := p.disputed(ctx, intent.ID)
	if err != nil {
		return payment.Charge{}, err
	}
	if charge.Disputed, err = amount(disputed, charge.Disputed.CurrencyCode); err == nil {
		charge.DisputeLost, err = amount(lost, charge.Disputed.CurrencyCode)
	}
	if err != nil {
		return payment.Charge{}, payment.Nonsense(err)
	}
	return charge, nil
}

// standing reads an intent as it came, with its latest charge. Before version 2025-03-31 of its API, Stripe counted what a
// cancel or a smaller capture releases as refunded; the one that the library names counts only what was given back. What
// somebody has canceled with an older one is told apart by nothing having been taken.
func standing(intent *api.PaymentIntent) (payment.Charge, error) {
	currency := money.Currency(strings.ToUpper(string(intent.Currency)))
	charge := payment.Charge{Ref: intent.ID, Reference: intent.Metadata[metaOrder]}
	total := totals{}
	made := intent.LatestCharge
	if made != nil && made.Status == "" {
		return payment.Charge{}, errors.New("stripe: the charge of an intent is only named, so its amounts are not known")
	}
	switch intent.Status {
	case api.PaymentIntentStatusRequiresCapture, api.PaymentIntentStatusSucceeded:
		charge.State = payment.ChargeAuthorized
		total = totals{authorized: intent.Amount, captured: intent.AmountReceived}
		if made != nil {
			total.captured = made.AmountCaptured
		}
		total.voided = total.authorized - total.captured - intent.AmountCapturable
	case api.PaymentIntentStatusCanceled:
		charge.State = payment.ChargeClosed
		if made != nil && made.Status == api.ChargeStatusSucceeded {
			total = totals{authorized: intent.Amount, captured: made.AmountCaptured, voided: intent.Amount - made.AmountCaptured}
		}
	case api.PaymentIntentStatusProcessing:
		charge.State, charge.SettlesBy = payment.ChargePending, settling(made)
	case api.PaymentIntentStatusRequiresAction:
		charge.State, charge.Reason, charge.ChallengeURL = payment.ChargeChallenge, reasonChallenge, challenge(intent)
	case api.PaymentIntentStatusRequiresPaymentMethod:
		if failure := intent.LastPaymentError; failure != nil && failure.Code == api.ErrorCodeAuthenticationRequired {
			charge.State, charge.Reason = payment.ChargeChallenge, reasonChallenge
		} else if failure != nil {
			charge.State, charge.Reason = payment.ChargeDeclined, reasonOf(failure)
		}
	case api.PaymentIntentStatusRequiresConfirmation:
	default:
		return payment.Charge{}, fmt.Errorf("stripe: an intent is in the unknown status %.40q", intent.Status)
	}
	if made != nil && total.captured > 0 {
		total.refunded = made.AmountRefunded
	}
	if err := total.into(&charge, currency); err != nil {
		return payment.Charge{}, err
	}
	if charge.State == payment.ChargeAuthorized {
		charge.ExpiresAt = expiry(intent)
	}
	if total.authorized > 0 { // Stripe keeps it, also when the intent is canceled then
		charge.Saved = saved(intent)
	}
	return charge, nil
}

// totals are amounts as Stripe counts them.
type totals struct{ authorized, captured, refunded, voided int64 }

func (t totals) into(c *payment.Charge, currency money.Currency) (err error) {
	for _, field := range []struct {
		to *money.Money
		n  int64
	}{{&c.Authorized, t.authorized}, {&c.Captured, t.captured}, {&c.Refunded, t.refunded}, {&c.Voided, t.voided}, {&c.Disputed, 0}, {&c.DisputeLost, 0}} {
		if *field.to, err = amount(field.n, currency); err != nil {
			return err
		}
	}
	return nil
}

// challenge is the page on which the shopper's bank asks them; empty when Stripe wants something else.
func challenge(intent *api.PaymentIntent) string {
	if next := intent.NextAction; next != nil && next.RedirectToURL != nil {
		return next.RedirectToURL.URL
	}
	return ""
}

// expiry is when the bank releases what is reserved on a card.
func expiry(intent *api.PaymentIntent) *time.Time {
	made := intent.LatestCharge
	if intent.AmountCapturable == 0 || made == nil || made.PaymentMethodDetails == nil ||
		made.PaymentMethodDetails.Card == nil || made.PaymentMethodDetails.Card.CaptureBefore == 0 {
		return nil
	}
	at := time.Unix(made.PaymentMethodDetails.Card.CaptureBefore, 0).UTC()
	return &at
}

// daysToSettle are how many days the banks of a country may take until they have decided about a debit, with the weekends
// in between.
var daysToSettle = map[api.ChargePaymentMethodDetailsType]int{
	api.ChargePaymentMethodDetailsTypeACSSDebit:   10,
	api.ChargePaymentMethodDetailsTypeAUBECSDebit: 10,
	api.ChargePaymentMethodDetailsTypeBACSDebit:   14,
	api.ChargePaymentMethodDetailsTypeSEPADebit:   21,
	"us_bank_account": 10,
}

// settling is until when a charge that takes days is decided. Stripe does not say: it is as long as its kind may take.
func settling(c *api.Charge) *time.Time {
	if c == nil || c.PaymentMethodDetails == nil || daysToSettle[c.PaymentMethodDetails.Type] == 0 {
		return nil
	}
	at := time.Unix(c.Created, 0).UTC().AddDate(0, 0, daysToSettle[c.PaymentMethodDetails.Type])
	return &at
}

// maxEntries bounds how many entries of one charge are read.
const maxEntries = 1000

// disputed is what the shopper's bank has taken back, or wants to, and how much of it is gone for good.
func (p *Provider) disputed(ctx context.Context, intent string) (sum, lost int64, err error) {
	list := p.api.V1Disputes.List(ctx, &api.DisputeListParams{PaymentIntent: &intent})
	read := 0
	for d, err := range list.All(ctx) {
		if err != nil {
			return 0, 0, failed("list the disputes", err)
		}
		switch d.Status {
		case api.DisputeStatusWon, api.DisputeStatusWarningClosed, api.DisputeStatusPrevented:
		case api.DisputeStatusLost:
			sum, lost = sum+d.Amount, lost+d.Amount
		default:
			sum += d.Amount
		}
		if read++; read > maxEntries {
			return 0, 0, payment.Nonsense(fmt.Errorf("stripe: an intent has more than %d disputes", maxEntries))
		}
	}
	return sum, lost, nil
}

// Lookup tells what Stripe knows under a key. An intent that was never confirmed is nothing yet; when its key is closed,
// it is canceled before anybody hears so.
func (p *Provider) Lookup(ctx context.Context, key string) (payment.Charge, error) {
	n, err := p.known(ctx, key)
	if err != nil {
		return payment.Charge{}, err
	}
	if n.intent != "" {
		intent, err := p.retrieve(ctx, n.intent)
		if err != nil {
			return payment.Charge{}, err
		}
		charge, err := p.charge(ctx, intent)
		if err != nil || charge.State != "" {
			return charge, err
		}
		if n.closed {
			if intent, err = p.shut(ctx, n.intent); err != nil {
				return payment.Charge{}, err
			}
			return p.charge(ctx, intent)
		}
	}
	if n.closed {
		return payment.Charge{State: payment.ChargeClosed}, nil
	}
	return payment.Charge{}, payment.ErrUnknownKey
}

// known is what is remembered of a key, or else found at Stripe: a database that was restored has forgotten the last
// keys. Stripe's search is a minute behind, which is no harm: nothing is ever confirmed that is not remembered first.
func (p *Provider) known(ctx context.Context, key string) (note, error) {
	n, err := p.note(ctx, key)
	if err != nil || n.intent != "" {
		return n, err
	}
	return p.search(ctx, key, n)
}

func (p *Provider) search(ctx context.Context, key string, n note) (note, error) {
	if strings.ContainsAny(key, `'"\`) {
		return n, nil
	}
	params := &api.PaymentIntentSearchParams{SearchParams: api.SearchParams{Query: fmt.Sprintf("metadata['%s']:'%s'", metaKey, key), Single: true}}
	for intent, err := range p.api.V1PaymentIntents.Search(ctx, params).All(ctx) {
		if err != nil {
			return note{}, failed("search for an intent", err)
		}
		if intent.Metadata[metaKey] == key {
			return p.found(ctx, key, intent.ID)
		}
	}
	return n, nil
}
