package graph

import (
	"context"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/operations"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
)

func (r queryResolver) PaymentProviders(context.Context) ([]payment.PaymentProvider, error) {
	return r.shop.Payments.PaymentProviders(), nil
}

func (r queryResolver) PaymentReconciliationBreaks(ctx context.Context, after, before *string, first, last *int, reverse *bool, state *payment.BreakState) (*payment.PaymentReconciliationBreakConnection, error) {
	list, err := r.shop.Payments.Breaks(ctx, state, paged(after, before, first, last, reverse))
	if err != nil {
		return nil, err
	}
	return &list, nil
}

func (r mutationResolver) OrderPaymentUpdate(ctx context.Context, input payment.OrderPaymentUpdateInput) (*OrderPaymentUpdatePayload, error) {
	order, refused, err := orderAnswer(r.shop.Payments.UpdateMethods(ctx, access.From(ctx), input))
	if err != nil {
		return nil, err
	}
	return &OrderPaymentUpdatePayload{Order: order, UserErrors: refused}, nil
}

func (r mutationResolver) PaymentChallengeComplete(ctx context.Context, input payment.PaymentChallengeCompleteInput) (*PaymentChallengeCompletePayload, error) {
	order, refused, err := orderAnswer(r.shop.Payments.CompleteChallenge(ctx, access.From(ctx), input))
	if err != nil {
		return nil, err
	}
	return &PaymentChallengeCompletePayload{Order: order, UserErrors: refused}, nil
}

// PaymentFallbackConfirm goes on with a method that the shopper has agreed to.
func (r mutationResolver) PaymentFallbackConfirm(ctx context.Context, input payment.PaymentFallbackConfirmInput) (*PaymentFallbackConfirmPayload, error) {
	order, refused, err := orderAnswer(r.shop.Payments.ConfirmFallback(ctx, access.From(ctx), input))
	if err != nil {
		return nil, err
	}
	return &PaymentFallbackConfirmPayload{Order: order, UserErrors: refused}, nil
}

// StoredPaymentMethodDelete takes a kept method away.
func (r mutationResolver) StoredPaymentMethodDelete(ctx context.Context, input payment.StoredPaymentMethodDeleteInput) (*StoredPaymentMethodDeletePayload, error) {
	deleted, err := r.shop.Payments.DeleteStored(ctx, access.From(ctx), input)
	refused, failed := userErrors(err, customerUserError)
	payload := &StoredPaymentMethodDeletePayload{UserErrors: refused}
	if err == nil {
		text := deleted.String()
		payload.DeletedStoredPaymentMethodID = &text
	}
	return payload, failed
}

type paymentProviderResolver struct{ *Resolver }

// PaymentProvider answers the fields of PaymentProvider that are not simply there in its struct.
func (r *Resolver) PaymentProvider() PaymentProviderResolver { return paymentProviderResolver{r} }

// Limits are the shop's bounds of what is paid with a provider at once.
func (r paymentProviderResolver) Limits(_ context.Context, p *payment.PaymentProvider) ([]payment.PaymentLimit, error) {
	return r.shop.Payments.PaymentLimits(p.Name), nil
}

func (r mutationResolver) PaymentCapture(ctx context.Context, input payment.PaymentCaptureInput) (*PaymentCapturePayload, error) {
	order, refused, err := orderAnswer(r.shop.Payments.Capture(ctx, access.From(ctx), input))
	if err != nil {
		return nil, err
	}
	return &PaymentCapturePayload{Order: order, UserErrors: refused}, nil
}

func (r mutationResolver) PaymentVoid(ctx context.Context, input payment.PaymentVoidInput) (*PaymentVoidPayload, error) {
	order, refused, err := orderAnswer(r.shop.Payments.Void(ctx, access.From(ctx), input))
	if err != nil {
		return nil, err
	}
	return &PaymentVoidPayload{Order: order, UserErrors: refused}, nil
}

// PaymentMarkPaid books what has come in outside the shop.
func (r mutationResolver) PaymentMarkPaid(ctx context.Context, input payment.PaymentMarkPaidInput) (*PaymentMarkPaidPayload, error) {
	order, refused, err := orderAnswer(r.shop.Payments.MarkPaid(ctx, access.From(ctx), input))
	if err != nil {
		return nil, err
	}
	return &PaymentMarkPaidPayload{Order: order, UserErrors: refused}, nil
}

// OrderPaymentRequest asks a shopper for what is outstanding.
func (r mutationResolver) OrderPaymentRequest(ctx context.Context, input payment.OrderPaymentRequestInput) (*OrderPaymentRequestPayload, error) {
	order, refused, err := orderAnswer(r.shop.Payments.AskForRest(ctx, access.From(ctx), input))
	if err != nil {
		return nil, err
	}
	return &OrderPaymentRequestPayload{Order: order, UserErrors: refused}, nil
}

func (r mutationResolver) PaymentRefund(ctx context.Context, input payment.PaymentRefundInput) (*PaymentRefundPayload, error) {
	order, refused, err := orderAnswer(r.shop.Payments.Refund(ctx, access.From(ctx), input))
	if err != nil {
		return nil, err
	}
	answer := &PaymentRefundPayload{Order: order, UserErrors: refused}
	if order != nil && input.ToGiftCard() {
		answer.GiftCardCode = r.shop.Promotions.RefundCode(*order)
	}
	return answer, nil
}

func (r orderResolver) Payments(ctx context.Context, o *orders.Order) ([]payment.Payment, error) {
	list, found, err := r.load(ctx).payments.load(ctx, o.ID)
	if err != nil {
		return nil, err
	}
	if !found { // nothing is owed
		return []payment.Payment{}, nil
	}
	return list, nil
}

// AvailableActions leaves out what can't be done with money that something else is being done with, and asks the payment of an
// order that goes on whether anything is outstanding. No order is missing because that could not be read.
func (r orderResolver) AvailableActions(ctx context.Context, o *orders.Order) ([]orders.OrderAction, error) {
	goesOn := orders.CanRequestPayment(*o) == nil
	if !goesOn && o.Reserved().Minor <= 0 && o.Paid.DisputeLost.IsZero() {
		return o.Actions(orders.Hindered{}), nil
	}
	hindered, _, err := r.load(ctx).hindered.load(ctx, o.ID)
	if err != nil {
		r.shop.Logger.WarnContext(ctx, "what hinders the actions of an order could not be read", "order", o.ID.String(), "error", err)
		return o.Actions(orders.Hindered{}), nil
	}
	return o.Actions(hindered), nil
}

func (r orderResolver) Process(ctx context.Context, o *orders.Order) ([]operations.OrderProcessStep, error) {
	return r.shop.Operations.Process(ctx, o.ID)
}
