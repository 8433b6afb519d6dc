package settings

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/locale"
)

// ShopUpdateInput is what changes of the shop as shoppers see it, how long it waits for their money included; what is nil
// stays. What prices and payments rest on, such as the currency, is not changed in passing and has no place here.
type ShopUpdateInput struct {
	Name                *string
	Description         *string
	URL                 *string
	CheckoutURLTemplate *string

	PasswordResetURLTemplate     *string
	EmailVerificationURLTemplate *string

	MoneyFormat      *string
	Country          *address.CountryCode
	ShipsToCountries []address.CountryCode
	Language         *locale.LanguageCode
	Brand            *BrandInput

	PaymentDeadlineSeconds *int
	ActionDeadlineSeconds  *int
}

// inputFields are the settings whose name in the input is another one.
var inputFields = map[string]string{
	"moneyTemplate": "moneyFormat", "checkoutTemplate": "checkoutUrlTemplate", "ships": "shipsToCountries",
	"resetTemplate": "passwordResetUrlTemplate", "verifyTemplate": "emailVerificationUrlTemplate",
	"paymentDeadline": "paymentDeadlineSeconds", "actionDeadline": "actionDeadlineSeconds",
}

// Update changes the shop as shoppers see it. Who changed what is kept in the shop's history.
func (s *Settings) Update(ctx context.Context, actor access.Actor, in ShopUpdateInput) (Shop, error) {
	shop, err := s.Change(ctx, actor, func(shop *Shop) {
		for _, text := range []struct{ given, to *string }{
			{in.Name, &shop.Name},
			{in.URL, &shop.URL},
			{in.CheckoutURLTemplate, &shop.CheckoutTemplate},
			{in.PasswordResetURLTemplate, &shop.ResetTemplate},
			{in.EmailVerificationURLTemplate, &shop.VerifyTemplate},
		} {
			if text.given != nil {
				*text.to = strings.TrimSpace(*text.given)
			}
		}
		replace(in.Description, &shop.Description)
		replace(in.MoneyFormat, &shop.MoneyTemplate)
		if in.Country != nil {
			shop.Country = *in.Country
		}
		if in.ShipsToCountries != nil {
			shop.Ships = in.ShipsToCountries
		}
		if in.Language != nil {
			shop.Language = *in.Language
		}
		if in.Brand != nil {
			in.Brand.apply(&shop.Brand)
		}
		wait(in.PaymentDeadlineSeconds, &shop.PaymentDeadline)
		wait(in.ActionDeadlineSeconds, &shop.ActionDeadline)
	})
	if err != nil {
		return Shop{}, inInput(err)
	}
	return shop, nil
}

// wait takes a deadline that is given in seconds. One that is far out of bounds stays out of them.
func wait(seconds *int, to *time.Duration) {
	if seconds != nil {
		*to = time.Duration(min(max(*seconds, 0), math.MaxInt32)) * time.Second
	}
}

// inInput gives refusals the paths of the settings in the input.
func inInput(err error) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all := slices.Clone(joined.Unwrap())
		for i, one := range all {
			all[i] = inInput(one)
		}
		return errors.Join(all...)
	}
	refused, ok := fault.As(err)
	if !ok || len(refused.Field) != 1 || refused.Field[0] == "input" {
		return err
	}
	path := strings.Split(refused.Field[0], ".")
	if name, ok := inputFields[path[0]]; ok {
		path[0] = name
	}
	return refused.At(append([]string{"input"}, path...)...)
}
