package stripe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	api "github.com/stripe/stripe-go/v85"

	"github.com/wharfhq/wharf/internal/payment"
)

// The words a shopper may read.
const (
	reasonDeclined  = "Your bank has declined the payment."
	reasonRefused   = "The payment provider does not accept this payment."
	reasonToken     = "The payment provider does not know this payment method."
	reasonClosed    = "The payment was withdrawn."
	reasonChallenge = "Please confirm the payment with your bank."
	reasonCurrency  = "The payment provider can't take this amount in this currency."
	reasonAmount    = "The amount is not available on this charge."
	reasonRefund    = "The bank has refused the refund."
)

// maxReason is how long a reason of Stripe's own may be to be passed on.
const maxReason = 250

// errBusy says that the same thing is being done by another call at this moment.
var errBusy = errors.New("another call is under way")

// failed words an error whose outcome is unknown. Only what holds no secret is kept: Stripe's own error text has the
// whole intent with its client secret in it, and one about an answer that can't be read has a piece of that.
func failed(doing string, err error) error {
	var e *api.Error
	if errors.As(err, &e) {
		text := fmt.Sprintf("stripe: %s: status %d, %s %s, request %s", doing, e.HTTPStatusCode, e.Type, e.Code, e.RequestID)
		if busy(e) {
			return fmt.Errorf("%s: %w", text, errBusy)
		}
		return errors.New(text)
	}
	var sent *url.Error
	if errors.As(err, &sent) {
		return fmt.Errorf("stripe: %s: %w", doing, sent.Err)
	}
	for _, late := range []error{context.Canceled, context.DeadlineExceeded, errBrokenOff} {
		if errors.Is(err, late) {
			return fmt.Errorf("stripe: %s: %w", doing, late)
		}
	}
	if errors.Is(err, errTooLong) {
		return payment.Nonsense(fmt.Errorf("stripe: %s: %w", doing, errTooLong))
	}
	return payment.Nonsense(fmt.Errorf("stripe: %s: the answer can't be read", doing))
}

// busy tells that Stripe has refused a call because another one holds the object or the key.
func busy(e *api.Error) bool {
	return e.HTTPStatusCode == http.StatusConflict || e.Code == api.ErrorCodeLockTimeout || e.Code == api.ErrorCodeIdempotencyKeyInUse
}

// is says whether Stripe has refused a call with this code.
func is(err error, code api.ErrorCode) bool {
	var e *api.Error
	return errors.As(err, &e) && e.Code == code
}

// refused reads the error of a call that was to move money: a definite no, or that the shopper must act, or that the
// outcome is unknown.
func refused(doing string, err error) error {
	var e *api.Error
	if !errors.As(err, &e) || busy(e) {
		return failed(doing, err)
	}
	switch e.Type {
	case api.ErrorTypeCard:
		if e.Code == api.ErrorCodeAuthenticationRequired {
			return payment.ActionRequired(reasonChallenge)
		}
		return payment.Declined(reasonOf(e))
	case api.ErrorTypeInvalidRequest:
		switch {
		case e.HTTPStatusCode != http.StatusBadRequest && e.HTTPStatusCode != http.StatusPaymentRequired && e.HTTPStatusCode != http.StatusNotFound:
			return failed(doing, err) // the key or the account is wrong: nothing is decided about the payment
		case e.Code == api.ErrorCodePaymentIntentUnexpectedState:
			return failed(doing, err)
		case e.Code == api.ErrorCodeResourceMissing:
			return payment.Declined(reasonToken)
		}
		return payment.Declined(reasonRefused)
	}
	return failed(doing, err)
}

// reasonOf gives the reason of a decline. Stripe words it for shoppers where it is the card's.
func reasonOf(e *api.Error) string {
	if e.Type == api.ErrorTypeCard && e.Msg != "" && len(e.Msg) <= maxReason {
		return e.Msg
	}
	return reasonDeclined
}
