package orders

import (
	"fmt"
	"slices"

	"github.com/wharfhq/wharf/internal/event"
)

// message is what a shopper reads about an event; o is the order right after it. A provider's own words are in it
// only where the payment domain has made them fit for shoppers.
func message(o Order, data event.Data) string {
	switch d := data.(type) {
	case Placed:
		if d.Deadline == nil {
			return "We have received your order " + o.Name + "."
		}
		return "We have received your order " + o.Name + " and are arranging the payment."
	case Confirmed:
		return "Your order " + o.Name + " is confirmed."
	case Cancelled:
		return "Your order " + o.Name + " has been cancelled."
	case Expired:
		return "Your order " + o.Name + " has expired because it was not paid in time."
	case NoteAdded:
		return "We have made a note on your order."
	case CustomerLinked:
		return "Your order " + o.Name + " is in your account now."
	case CustomerUnlinked:
		return "Your order " + o.Name + " is in no account any more."
	case PersonalDataErased:
		return "The personal data of this order has been erased."
	case PaymentStarted:
		if d.Renews != nil {
			return "We are renewing the reservation of your payment."
		}
		if d.Attempt > 1 {
			return "We are trying your next payment method."
		}
		return "We are contacting your payment provider."
	case PaymentDeclined:
		return orElse(d.Reason, "Your payment was declined.")
	case PaymentMethodSkipped:
		return orElse(d.Reason, "One of your payment methods can't be used for this order.")
	case PaymentDisputed:
		return fmt.Sprintf("Your bank has told us that you object to the payment of %s.", d.Amount)
	case PaymentDisputeWon:
		if d.Amount.IsZero() {
			return fmt.Sprintf("Your bank decides anew on the payment of %s.", d.Reversed)
		}
		return fmt.Sprintf("Your bank has decided that the payment of %s stands.", d.Amount)
	case PaymentDisputeLost:
		return fmt.Sprintf("Your bank has given you %s back.", d.Amount)
	case PaymentUnknown:
		return "Your payment provider has not answered yet. We are checking."
	case PaymentPending:
		if d.Invoice {
			return "You will receive an invoice for your order."
		}
		if d.SettlesBy != nil {
			return "Your payment provider is still working on your payment. It may take until " + d.SettlesBy.UTC().Format("January 2, 15:04 UTC") + "."
		}
		return "Your payment provider is still working on your payment."
	case PaymentActionRequired:
		if d.Challenge {
			return orElse(d.Reason, "Please confirm the payment with your bank.")
		}
		if f := d.Fallback; f != nil {
			return fmt.Sprintf("%s May we take %s with your payment method number %d (%s)?", d.failed(), f.Amount, f.Rank, f.Provider)
		}
		if d.Rest != nil {
			return fmt.Sprintf("Of your order %s is still to be paid. Please choose a way to pay.", d.Rest)
		}
		return d.failed() + " Please choose another way to pay." // why, the decline before has told
	case PaymentMethodsUpdated:
		return "Thank you. We are trying your payment again."
	case PaymentAuthorized:
		if d.Renews != nil {
			return fmt.Sprintf("The reservation of your payment of %s has been renewed.", d.Amount)
		}
		return fmt.Sprintf("Your payment of %s has been approved.", d.Amount)
	case PaymentCaptured:
		return fmt.Sprintf("We have received your payment of %s.", d.Amount)
	case PaymentVoided:
		if d.Amount.IsZero() {
			return "Your payment has been called off; you will not be charged for it."
		}
		if d.Replaced {
			return fmt.Sprintf("The earlier reservation of %s has been released; the new one has taken its place.", d.Amount)
		}
		return fmt.Sprintf("The payment of %s has been released; you will not be charged for it.", d.Amount)
	case PaymentRefunded:
		return fmt.Sprintf("We have refunded %s.", d.Amount)
	case PaymentCaptureFailed:
		if d.Over {
			return fmt.Sprintf("Your payment of %s is not taken, since the order has ended.", d.Amount)
		}
		return fmt.Sprintf("Your payment of %s could not be completed. We will get in touch with you.", d.Amount)
	case PaymentRefundFailed:
		return fmt.Sprintf("The refund of %s could not be completed. We will get in touch with you.", d.Amount)
	case CompensationStarted:
		if slices.ContainsFunc(d.Steps, func(s CompensationStep) bool { return s.Action == "refund" }) {
			return "We are giving your money back."
		}
		return "We are calling your payment off."
	case GiftCardRedeemed:
		return fmt.Sprintf("Your gift card ending in %s has paid %s.", d.LastCharacters, d.Amount)
	case GiftCardReturned:
		return fmt.Sprintf("Your gift card ending in %s has %s back.", d.LastCharacters, d.Amount)
	case GiftCardRefunded:
		return fmt.Sprintf("We have refunded %s to a gift card ending in %s.", d.Amount, d.LastCharacters)
	default:
		return "Your order has changed."
	}
}

// failed says of which payment the shopper is asked: beside a part that was approved or paid, it is the rest.
func (d PaymentActionRequired) failed() string {
	if d.Partial {
		return "We could not take the rest of your payment."
	}
	return "We could not take your payment."
}

// orElse is the reason, which is itself a sentence, or what is said when there is none.
func orElse(reason, otherwise string) string {
	if reason == "" {
		return otherwise
	}
	return reason
}
