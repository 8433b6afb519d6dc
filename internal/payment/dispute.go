package payment

import (
	"context"

	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/orders"
)

// absorbDispute takes over what more the shopper's bank wants back. An answer that is older than the dispute takes
// nothing of it back.
func (a *PaymentAttempt) absorbDispute(c Charge) []event.Data {
	disputed := min(c.Disputed.Minor, a.captured) // a bank's fees are no part of the payment
	lost := min(c.DisputeLost.Minor, disputed)
	var news []event.Data
	if d := disputed - a.disputed; d > 0 {
		a.disputed += d
		news = append(news, orders.PaymentDisputed{AttemptID: a.ID, Provider: a.Provider, Amount: a.money(d)})
	}
	if d := lost - a.lostFor; d > 0 {
		a.lostFor += d
		news = append(news, orders.PaymentDisputeLost{AttemptID: a.ID, Provider: a.Provider, Amount: a.money(d)})
	}
	return news
}

// won takes over that the bank wants less than before, or decides anew on what was lost: unlike the other amounts of a charge this one may become less
// again. That is believed only of a charge, and only if nothing was learnt of a dispute since the provider was asked:
// what is not disputed any more may be given back to the shopper.
func (a *PaymentAttempt) won(c Charge, asked PaymentAttempt) []event.Data {
	disputed := min(c.Disputed.Minor, a.captured)
	lost := min(c.DisputeLost.Minor, disputed)
	if c.State == "" || a.disputed != asked.disputed || a.lostFor != asked.lostFor || disputed >= a.disputed && lost >= a.lostFor {
		return nil
	}
	e := orders.PaymentDisputeWon{AttemptID: a.ID, Provider: a.Provider, Amount: a.money(a.disputed - disputed)}
	if reversed := a.lostFor - lost; reversed > 0 {
		e.Reversed = a.money(reversed)
	}
	a.disputed, a.lostFor = disputed, lost
	return []event.Data{e}
}

// news takes over what a provider says about the amounts of an attempt and gives the events that tell what is new. Of a
// dispute the operators are told too.
func (p *Payments) news(ctx context.Context, d *dossier, a *PaymentAttempt, c Charge) []event.Data {
	news := a.absorb(c, d.now)
	for i, e := range news {
		switch e := e.(type) {
		case orders.PaymentVoided:
			e.Replaced = d.replaced(a)
			news[i] = e
		case orders.PaymentDisputed:
			p.log.ErrorContext(ctx, "a payment is disputed", "order", d.order.ID.String(), "attempt", a.ID.String(), "provider", a.Provider, "amount", e.Amount.String())
		case orders.PaymentDisputeLost:
			p.log.ErrorContext(ctx, "a dispute is lost", "order", d.order.ID.String(), "attempt", a.ID.String(), "provider", a.Provider, "amount", e.Amount.String())
		}
	}
	return news
}
