package payment

import (
	"log/slog"
	"strconv"
	"strings"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
)

// PaymentMethodInput is one way in which the shopper wants to pay. Its token is a reference that the provider gave
// out: it is stored, never logged, and never card data.
type PaymentMethodInput struct {
	Provider       string            `json:"provider"`
	Token          *string           `json:"token,omitempty"`
	StoredMethodID *string           `json:"storedMethodId,omitempty"` // a kept method of the customer, instead of a token
	Amount         *money.MoneyInput `json:"amount,omitempty"`         // what it is to pay; nil is all that is left
	MaxAmount      *money.MoneyInput `json:"maxAmount,omitempty"`      // above which it is not used at all
	Fallback       *PaymentFallback  `json:"fallback,omitempty"`       // nil is AUTOMATIC
	Save           *bool             `json:"save,omitempty"`           // the provider is to keep it for the customer

	Rank   int  `json:"rank,omitempty"`   // its place in the shopper's list, once another method was taken before it
	Failed bool `json:"failed,omitempty"` // it was declined, or could not be used
	Passed bool `json:"passed,omitempty"` // it was told that others are tried before it
}

// PaymentFallback says whether a method may be used by itself when one before it has failed.
type PaymentFallback string

// The ways to fall back.
const (
	FallbackAutomatic PaymentFallback = "AUTOMATIC" // by itself: who ranks methods agrees to them
	FallbackAsk       PaymentFallback = "ASK"       // only when the shopper agrees again
)

// Method is a PaymentMethodInput.
type Method = PaymentMethodInput

// LogValue leaves the token out of logs.
func (m PaymentMethodInput) LogValue() slog.Value { return slog.StringValue(m.Provider) }

// String leaves the token out of whatever prints the method.
func (m PaymentMethodInput) String() string { return m.Provider }

func (m PaymentMethodInput) token() string {
	if m.Token == nil {
		return ""
	}
	return *m.Token
}

// asks says that the shopper wants to be asked before the method is used in place of another.
func (m Method) asks() bool { return m.Fallback != nil && *m.Fallback == FallbackAsk }

// most is the amount above which the method is not used. It was checked before it was kept.
func (m Method) most() (int64, bool) {
	if m.MaxAmount == nil {
		return 0, false
	}
	amount, err := m.MaxAmount.Money()
	return amount.Minor, err == nil
}

// storedID names the kept method that is meant, if one is.
func (m Method) storedID() *id.StoredPaymentMethodID {
	if m.StoredMethodID == nil {
		return nil
	}
	stored, err := id.ParseStoredPaymentMethodID(*m.StoredMethodID)
	if err != nil {
		return nil
	}
	return &stored
}

// Normal gives methods the one form that all ways to write them share: amounts and ids as the shop writes them, and
// what is left out left out.
func Normal(methods []Method) []Method {
	normal := make([]Method, len(methods))
	for i, m := range methods {
		if m.Token != nil && *m.Token == "" {
			m.Token = nil
		}
		if stored := m.storedID(); stored != nil {
			text := stored.String()
			m.StoredMethodID = &text
		}
		for _, amount := range []**money.MoneyInput{&m.Amount, &m.MaxAmount} {
			if *amount == nil {
				continue
			}
			if read, err := (*amount).Money(); err == nil {
				*amount = &money.MoneyInput{Amount: read.Amount(), CurrencyCode: read.CurrencyCode}
			}
		}
		if m.Fallback != nil && *m.Fallback == FallbackAutomatic {
			m.Fallback = nil
		}
		if m.Save != nil && !*m.Save {
			m.Save = nil
		}
		normal[i] = m
	}
	return normal
}

// The limits of a list of methods.
const (
	maxMethods = 5
	maxToken   = 255
)

// CheckMethods refuses ranked methods that the shop cannot use: none or too many, an unknown provider, a missing
// token, and card data, which no part of the shop may hold. The fault names the path below field.
func (p *Payments) CheckMethods(methods []Method, field ...string) error {
	if len(methods) == 0 {
		return fault.New(fault.Invalid, "PAYMENT_METHOD_REQUIRED", "Give at least one payment method.").At(field...)
	}
	if len(methods) > maxMethods {
		return fault.Newf(fault.Invalid, "INVALID", "Give at most %d payment methods.", maxMethods).At(field...)
	}
	for i, m := range methods {
		at := append(append([]string{}, field...), strconv.Itoa(i))
		provider, ok := p.Provider(m.Provider)
		if !ok {
			return fault.New(fault.Invalid, "PAYMENT_PROVIDER_NOT_FOUND", "The shop does not take this payment provider.").
				At(append(at, "provider")...)
		}
		token := m.token()
		switch {
		case isCardNumber(token):
			return fault.New(fault.Invalid, "CARD_NUMBER", "A card number does not belong here. Send the token that the payment provider gave you.").
				At(append(at, "token")...)
		case m.StoredMethodID != nil && token != "":
			return fault.New(fault.Invalid, "INVALID", "Give a token or a stored method, not both.").At(append(at, "storedMethodId")...)
		case token == "" && m.StoredMethodID == nil && provider.About().NeedsToken:
			return fault.New(fault.Invalid, "BLANK", "This payment provider needs a token.").At(append(at, "token")...)
		case len(token) > maxToken || strings.ContainsRune(token, 0):
			return fault.Newf(fault.Invalid, "INVALID", "A token has at most %d characters.", maxToken).At(append(at, "token")...)
		}
	}
	return nil
}

// isCardNumber tells a token that is a card's number, however it is grouped: 13 to 19 digits that pass the Luhn check.
func isCardNumber(token string) bool {
	sum, digits := 0, 0
	for i := len(token) - 1; i >= 0; i-- {
		switch c := token[i]; {
		case c == ' ' || c == '-' || c == '.':
		case c < '0' || c > '9':
			return false
		default:
			d := int(c - '0')
			if digits%2 == 1 {
				if d *= 2; d > 9 {
					d -= 9
				}
			}
			sum += d
			digits++
		}
	}
	return digits >= 13 && digits <= 19 && sum%10 == 0
}

// providersOf names the providers of ranked methods, for the order's events.
func providersOf(methods []Method) []string {
	names := make([]string, len(methods))
	for i, m := range methods {
		names[i] = m.Provider
	}
	return names
}
