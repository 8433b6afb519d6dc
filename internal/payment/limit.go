package payment

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/pg"
)

// PaymentLimit is the least and the most that a provider is asked for at once, in one currency. A bound that is nil
// is none; where the most is 0 the provider is not to be had in this currency.
type PaymentLimit struct {
	Provider     string
	CurrencyCode money.Currency
	Min          *money.Money
	Max          *money.Money
}

type limits []PaymentLimit

// ParseLimit reads what an operator writes: provider:currency:least:most, such as stripe:USD:0.50:10000.00. A bound that
// is left out is none.
func ParseLimit(text string) (PaymentLimit, error) {
	parts := strings.Split(text, ":")
	if len(parts) != 4 || parts[0] == "" || (parts[2] == "" && parts[3] == "") {
		return PaymentLimit{}, fmt.Errorf("%q is no limit: write provider:currency:least:most, such as stripe:USD:0.50:10000.00", text)
	}
	l := PaymentLimit{Provider: parts[0], CurrencyCode: money.Currency(parts[1])}
	for i, bound := range []**money.Money{&l.Min, &l.Max} {
		if parts[i+2] == "" {
			continue
		}
		amount, err := money.Parse(parts[i+2], l.CurrencyCode)
		if err != nil {
			return PaymentLimit{}, fmt.Errorf("the limit %q: %w", text, err)
		}
		if amount.Minor < 0 {
			return PaymentLimit{}, fmt.Errorf("the limit %q: a bound is not below 0", text)
		}
		*bound = &amount
	}
	if l.Min != nil && l.Max != nil && l.Min.Minor > l.Max.Minor {
		return PaymentLimit{}, fmt.Errorf("the limit %q leaves no amount: its least is above its most", text)
	}
	return l, nil
}

// PaymentLimits are the shop's bounds of a provider.
func (p *Payments) PaymentLimits(provider string) []PaymentLimit {
	list := []PaymentLimit{}
	for _, l := range p.limits {
		if l.Provider == provider {
			list = append(list, l)
		}
	}
	return list
}

// refuse says why a provider is not asked for an amount.
func (list limits) refuse(provider string, amount money.Money) *fault.Fault {
	for _, l := range list {
		if l.Provider != provider || l.CurrencyCode != amount.CurrencyCode {
			continue
		}
		switch {
		case l.Max != nil && l.Max.Minor == 0:
			return fault.Newf(fault.Invalid, "AMOUNT_TOO_LARGE", "This way to pay is not for amounts in %s.", l.CurrencyCode).
				With("amountAvailable", *l.Max)
		case l.Min != nil && amount.Minor < l.Min.Minor:
			return fault.Newf(fault.Invalid, "AMOUNT_TOO_SMALL", "This way to pay is for amounts from %s.", *l.Min)
		case l.Max != nil && amount.Minor > l.Max.Minor:
			return fault.Newf(fault.Invalid, "AMOUNT_TOO_LARGE", "This way to pay is for amounts up to %s.", *l.Max).
				With("amountAvailable", *l.Max)
		}
	}
	return nil
}

// reason is the sentence for why a provider is not asked for an amount; empty when it may be.
func (list limits) reason(provider string, amount money.Money) string {
	if refused := list.refuse(provider, amount); refused != nil {
		return refused.Message
	}
	return ""
}

// Wish is what is to be paid with a list of methods, and by whom.
type Wish struct {
	Owed     money.Money
	Customer *id.CustomerID // the signed-in customer whose order it is; nil for everybody else
}

// WishOf is the wish of a caller: only who has signed in as the order's own customer pays with what is kept for them.
func WishOf(actor access.Actor, customer *id.CustomerID, owed money.Money) Wish {
	own, signedIn := actor.CustomerID()
	if !signedIn || customer == nil || own != *customer {
		return Wish{Owed: owed}
	}
	return Wish{Owed: owed, Customer: customer}
}

// Admit refuses what CheckMethods refuses, and what does not fit what is owed: amounts that do not add up, amounts that
// a provider is not asked for, and kept methods that are not the customer's own. The fault names the path below field.
func (p *Payments) Admit(ctx context.Context, db pg.DB, w Wish, methods []Method, field ...string) error {
	if err := p.CheckMethods(methods, field...); err != nil {
		return err
	}
	rest, open := w.Owed.Minor, false
	for i, m := range methods {
		place := func(name string) []string { return append(append([]string{}, field...), strconv.Itoa(i), name) }
		named, err := amountOfMethod(m.Amount, w.Owed, place("amount"))
		if err != nil {
			return err
		}
		if _, err := amountOfMethod(m.MaxAmount, w.Owed, place("maxAmount")); err != nil {
			return err
		}
		if most, ok := m.most(); ok && named > most {
			return fault.New(fault.Invalid, "INVALID", "A method can't pay more than its own limit.").At(place("amount")...)
		}
		open = open || m.Amount == nil
		if rest -= named; rest < 0 {
			return fault.Newf(fault.Invalid, "AMOUNT_TOO_LARGE", "The amounts of the methods are more than %s.", w.Owed).
				With("amountAvailable", money.New(rest+named, w.Owed.CurrencyCode)).At(place("amount")...)
		}
		if err := admitStored(ctx, db, w, m, place); err != nil {
			return err
		}
	}
	if rest > 0 && !open {
		return fault.Newf(fault.Invalid, "AMOUNT_TOO_SMALL", "The amounts of the methods are less than %s. Leave out the amount of the method that pays the rest.", w.Owed).At(field...)
	}
	for i, m := range methods {
		share := money.New(rest, w.Owed.CurrencyCode)
		if named, ok := m.named(); ok {
			share.Minor = named
		}
		if share.Minor == 0 { // it only stands in for others
			continue
		}
		if refused := p.limits.refuse(m.Provider, share); refused != nil {
			return refused.At(append(append([]string{}, field...), strconv.Itoa(i))...)
		}
	}
	return nil
}

// amountOfMethod reads an amount that a shopper has named for a method; 0 where there is none.
func amountOfMethod(in *money.MoneyInput, owed money.Money, field []string) (int64, error) {
	if in == nil {
		return 0, nil
	}
	amount, err := in.Money()
	switch {
	case err != nil:
		return 0, fault.New(fault.Invalid, "INVALID", "This is no amount of this currency.").Because(err).At(field...)
	case amount.CurrencyCode != owed.CurrencyCode:
		return 0, fault.Newf(fault.Invalid, "INVALID", "The order is in %s.", owed.CurrencyCode).At(append(field, "currencyCode")...)
	case amount.Minor <= 0:
		return 0, fault.New(fault.Invalid, "INVALID", "The amount is above 0.").At(field...)
	}
	return amount.Minor, nil
}

// admitStored refuses a kept method that is not there for the customer who pays, and one to be kept for nobody.
func admitStored(ctx context.Context, db pg.DB, w Wish, m Method, place func(string) []string) error {
	if m.Save != nil && *m.Save && w.Customer == nil {
		return fault.New(fault.Invalid, "INVALID", "A payment method is kept only for a customer who has signed in.").At(place("save")...)
	}
	if m.StoredMethodID == nil {
		return nil
	}
	absent := fault.New(fault.Invalid, "PAYMENT_METHOD_NOT_FOUND", "There is no such stored payment method.").At(place("storedMethodId")...)
	stored := m.storedID()
	if stored == nil || w.Customer == nil {
		return absent
	}
	kept, err := storedOf(ctx, db, *w.Customer, *stored)
	switch {
	case err != nil:
		return err
	case kept == nil:
		return absent
	case kept.Provider != m.Provider:
		return fault.New(fault.Invalid, "INVALID", "This stored payment method is of another provider.").At(place("provider")...)
	}
	return nil
}
