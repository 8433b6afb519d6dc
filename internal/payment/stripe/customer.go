package stripe

import (
	"context"
	"strings"

	api "github.com/stripe/stripe-go/v85"

	"github.com/wharfhq/wharf/internal/payment"
)

// customer is Stripe's customer to whom the payment method of an authorization belongs, or is to belong; empty for a
// guest and for whoever has never saved one. Stripe refuses a method that is kept for somebody else.
func (p *Provider) customer(ctx context.Context, a payment.Authorization) (string, error) {
	if a.Customer == "" {
		return "", nil
	}
	name, err := p.customerName(ctx, a.Customer)
	if err != nil || name != "" || !a.Save {
		return name, err
	}
	params := &api.CustomerCreateParams{Metadata: map[string]string{metaCustomer: a.Customer}}
	made, err := once("customer-"+a.Customer, func(key string) (*api.Customer, error) {
		params.IdempotencyKey = &key
		return p.api.V1Customers.Create(ctx, params)
	})
	if err != nil {
		return "", failed("make a customer", err)
	}
	return p.keepCustomer(ctx, a.Customer, made.ID)
}

// saved is the method that Stripe keeps after a payment for which the customer wanted that.
func saved(intent *api.PaymentIntent) *payment.SavedMethod {
	if intent.SetupFutureUsage == "" || intent.Customer == nil {
		return nil
	}
	made, ref := intent.LatestCharge, ""
	switch {
	case intent.PaymentMethod != nil:
		ref = intent.PaymentMethod.ID
	case made != nil: // of an intent that is over, its charge names it
		ref = made.PaymentMethod
	}
	if ref == "" {
		return nil
	}
	return &payment.SavedMethod{Ref: ref, Label: label(made)}
}

// brands are the cards whose names people write otherwise than Stripe.
var brands = map[api.PaymentMethodCardBrand]string{
	api.PaymentMethodCardBrandAmex:       "American Express",
	api.PaymentMethodCardBrandDiners:     "Diners Club",
	api.PaymentMethodCardBrandDiscover:   "Discover",
	api.PaymentMethodCardBrandJCB:        "JCB",
	api.PaymentMethodCardBrandMastercard: "Mastercard",
	api.PaymentMethodCardBrandUnionpay:   "UnionPay",
	api.PaymentMethodCardBrandVisa:       "Visa",
	"cartes_bancaires":                   "Cartes Bancaires",
	"eftpos_au":                          "eftpos",
}

// label says which method it is, for people.
func label(c *api.Charge) string {
	if c == nil || c.PaymentMethodDetails == nil {
		return "Saved payment method"
	}
	details := c.PaymentMethodDetails
	switch {
	case details.Card != nil:
		brand, ok := brands[details.Card.Brand]
		if !ok {
			brand = "Card"
		}
		return ending(brand, details.Card.Last4)
	case details.SEPADebit != nil:
		return ending("Bank account", details.SEPADebit.Last4)
	case details.USBankAccount != nil:
		return ending("Bank account", details.USBankAccount.Last4)
	case details.Type == "":
		return "Saved payment method"
	}
	name := strings.ReplaceAll(string(details.Type), "_", " ")
	return strings.ToUpper(name[:1]) + name[1:]
}

func ending(name, last4 string) string {
	if last4 == "" {
		return name
	}
	return name + " ending in " + last4
}

// Forget takes a saved method away from its customer, after which Stripe never uses it again.
func (p *Provider) Forget(ctx context.Context, ref string) error {
	method, err := p.api.V1PaymentMethods.Retrieve(ctx, ref, nil)
	if is(err, api.ErrorCodeResourceMissing) {
		return nil
	}
	if err != nil {
		return failed("read a payment method", err)
	}
	if method.Customer == nil {
		return nil
	}
	if _, err := p.api.V1PaymentMethods.Detach(ctx, ref, nil); err != nil {
		return failed("forget a payment method", err)
	}
	return nil
}
