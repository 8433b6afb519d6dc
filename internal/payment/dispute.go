package payment

import (
	"context"

	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/orders"
)

// absorbDispute takes over what the shopper's bank wants back. Unlike the other amounts it may become less again: the
// shop has won.
func (a *PaymentAttempt) absorbDispute(c Charge) []event.Data {
	disputed := min(c.Disputed.Minor, a.captured) // a bank's fees are no part of the payment
	lost := min(c.DisputeLost.Minor, disputed)
	var news []event.Data
	if d := disputed - a.disputed; d > 0 {
		news = append(news, orders.PaymentDisputed{AttemptID: a.ID, Provider: a.Provider, Amount: a.money(d)})
	} else if d < 0 {
		news = append(news, orders.PaymentDisputeWon{AttemptID: a.ID, Provider: a.Provider, Amount: a.money(-d)})
	}
	if d := lost - a.lostFor; d > 0 {
		news = append(news, orders.PaymentDisputeLost{AttemptID: a.ID, Provider: a.Provider, Amount: a.money(d)})
	}
	a.disputed, a.lostFor = disputed, lost
	return news
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
