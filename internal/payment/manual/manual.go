// Package manual is payment on invoice: the order goes on at once and the money comes later, outside the shop. No
// remote system is asked, nothing is reserved, so there is nothing to look up, take or give back: the staff say what has
// come in, and a refund is booked as done, since it is they who send the money.
package manual

import (
	"context"

	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/payment"
)

// Provider is payment on invoice.
type Provider struct{}

// New makes the provider.
func New() Provider { return Provider{} }

// About says that its name is "manual".
func (Provider) About() payment.PaymentProvider {
	return payment.PaymentProvider{Name: "manual", Title: "Payment on invoice", Outside: true}
}

// Authorize always agrees, and reserves nothing.
func (Provider) Authorize(_ context.Context, a payment.Authorization) (payment.Charge, error) {
	return nothing(payment.ChargeInvoiced, a.Amount.CurrencyCode), nil
}

// Capture is refused: an invoice is paid outside.
func (Provider) Capture(_ context.Context, c payment.Change) (payment.Charge, error) {
	return nothing(payment.ChargeInvoiced, c.Amount.CurrencyCode), payment.Declined("An invoice is paid outside the shop.")
}

// Refund is refused: what was paid outside is given back outside.
func (Provider) Refund(_ context.Context, c payment.Change) (payment.Charge, error) {
	return nothing(payment.ChargeInvoiced, c.Amount.CurrencyCode), payment.Declined("An invoice is paid outside the shop.")
}

// Void withdraws the invoice.
func (Provider) Void(_ context.Context, c payment.Change) (payment.Charge, error) {
	return nothing(payment.ChargeClosed, c.Amount.CurrencyCode), nil
}

// Lookup knows no charge: an invoice leaves no trace at a provider.
func (Provider) Lookup(context.Context, string) (payment.Charge, error) {
	return payment.Charge{}, payment.ErrUnknownKey
}

func nothing(state payment.ChargeState, c money.Currency) payment.Charge {
	zero := money.Zero(c)
	return payment.Charge{State: state, Authorized: zero, Captured: zero, Refunded: zero, Voided: zero}
}
