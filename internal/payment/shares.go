package payment

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/promotions"
)

// RefundDestination is where money goes back to.
type RefundDestination string

// The destinations of a refund.
const (
	RefundToOriginal RefundDestination = "ORIGINAL"  // what it was paid with: the methods first, then the gift cards
	RefundToGiftCard RefundDestination = "GIFT_CARD" // the order's gift cards, or a new one
)

// shares is money of an order by what it was taken with: all that is there to be given back, or a refund's part of it.
type shares struct {
	methods  []operation             // in the order in which they were tried
	redeemed []promotions.Redemption // in the order in which they have paid
}

// taken is what was taken for an order and is not being given back.
func (d *dossier) taken(ctx context.Context, tx pgx.Tx) (shares, error) {
	var s shares
	for i := range d.payment.Attempts {
		a := &d.payment.Attempts[i]
		if left := a.refundable() - d.asked.adds(a, kindRefund); left > 0 {
			s.methods = append(s.methods, operation{attempt: a.ID, amount: a.money(left)})
		}
	}
	if len(d.order.GiftCards) == 0 {
		return s, nil
	}
	var err error
	s.redeemed, err = promotions.Redemptions(ctx, tx, d.order.ID)
	return s, err
}

func (s shares) sum() int64 {
	sum := int64(0)
	for _, o := range s.methods {
		sum += o.amount.Minor
	}
	for _, r := range s.redeemed {
		sum += r.Left.Minor
	}
	return sum
}

// toCards is what goes to gift cards.
func (s shares) toCards() int64 { return s.sum() - s.of(kindRefund) }

func (s shares) of(kind operationKind) int64 {
	sum := int64(0)
	for _, o := range s.methods {
		if o.kind == kind {
			sum += o.amount.Minor
		}
	}
	return sum
}

// share takes an amount out of what there is. To the original tenders the methods are given back first, so that a
// shopper has money in hand before credit; to gift cards, what cards have paid goes back to them first. Within each the
// first that has paid comes first.
func (s shares) share(amount int64, to RefundDestination) shares {
	var part shares
	methods := func(kind operationKind) {
		for _, o := range s.methods {
			if o.amount.Minor = min(o.amount.Minor, amount); o.amount.Minor > 0 {
				o.kind = kind
				part.methods = append(part.methods, o)
				amount -= o.amount.Minor
			}
		}
	}
	cards := func() {
		for _, r := range s.redeemed {
			if r.Left.Minor = min(r.Left.Minor, amount); r.Left.Minor > 0 {
				part.redeemed = append(part.redeemed, r)
				amount -= r.Left.Minor
			}
		}
	}
	if to == RefundToGiftCard {
		cards()
		methods(kindCredit)
	} else {
		methods(kindRefund)
		cards()
	}
	return part
}

// giveBack asks the providers for their shares of a refund, and gives the gift cards theirs.
func (p *Payments) giveBack(ctx context.Context, tx pgx.Tx, o *orders.Order, r Refund, parts shares, cause string) error {
	for _, part := range parts.methods {
		part.cause, part.by, part.refund = cause, r.RequestedBy, &r.ID
		if err := request(ctx, tx, o.ID, part); err != nil {
			return err
		}
	}
	if r.GiftCardAmount.Minor > 0 {
		news, err := p.cards.Refund(ctx, tx, promotions.CardRefund{
			Order: *o, ID: r.ID, Redeemed: parts.redeemed, Other: money.New(parts.of(kindCredit), o.CurrencyCode),
			By: r.RequestedBy, Cause: cause,
		})
		if err != nil {
			return err
		}
		if err := p.orders.Record(ctx, tx, o, r.RequestedBy, cause, news...); err != nil {
			return err
		}
	}
	if parts.of(kindRefund) == 0 {
		return nil
	}
	return p.hooks.Requested(ctx, tx, o.ID)
}
