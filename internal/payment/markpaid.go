package payment

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/contact"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
)

// Money that comes in outside the shop, such as by bank transfer for an invoice, is booked by the staff: nobody else can
// tell. What is booked is taken at once, in one transaction with its event, so nothing is left for a job.

// PaymentMarkPaidInput says that money of an order has come in outside the shop.
type PaymentMarkPaidInput struct {
	IdempotencyKey  string
	OrderID         string
	Amount          *money.MoneyInput // nil is all that is still to come
	Reference       *string           // under which it is found where it came in
	ExpectedVersion *int
}

// maxReference is the longest reference in characters.
const maxReference = 255

var (
	errNoInvoice     = fault.New(fault.Conflict, "NOT_ALLOWED", "No invoice is open for this order.").At("input", "orderId")
	errUnderWay      = fault.New(fault.Conflict, "NOT_ALLOWED", "A payment is under way at this moment. Book what has come in outside when it is known what comes of it.").At("input", "orderId")
	errGoingBack     = fault.New(fault.Conflict, "NOT_ALLOWED", "Money that a provider has taken for this order by mistake is being given back at this moment. Once it has gone back, book what has come in outside.").At("input", "orderId")
	errBankDecides   = fault.New(fault.Conflict, "NOT_ALLOWED", "What a provider has taken for this order by mistake is disputed at the shopper's bank, which decides about it. Do not give it back by hand; nothing more can be booked for this order.").At("input", "orderId")
	errNotGoingBack  = fault.New(fault.Conflict, "NOT_ALLOWED", "A provider has taken money for this order by mistake, and does not give it back by itself. Give it back by hand, then book what has come in outside.").At("input", "orderId")
	errErased        = fault.New(fault.Conflict, "NOT_ALLOWED", "The personal data of this order has been erased, so no reference is kept. Leave it out.").At("input", "reference")
	errLongReference = fault.Newf(fault.Invalid, "TOO_LONG", "A reference has at most %d characters.", maxReference).At("input", "reference")
	errReference     = fault.New(fault.Invalid, "INVALID", "A reference is plain text.").At("input", "reference")
	errCardReference = fault.New(fault.Invalid, "CARD_NUMBER", "A card number does not belong in a reference.").At("input", "reference")
)

// MarkPaid books that an amount has come in for what an order is to be paid outside: its open invoices, in the order in
// which they were made, and then what is outstanding while no provider is asked for it, such as after the rest of a
// reservation was let go, or when all methods were declined. More than that is refused, so that no order is paid twice.
// An order that has waited for its shopper goes on when nothing is left to pay. A reservation that could not be renewed is
// let go for what takes its place, so that the money is not taken a second time.
func (p *Payments) MarkPaid(ctx context.Context, actor access.Actor, in PaymentMarkPaidInput) (orders.Order, error) {
	amount, err := amountOf(in.Amount)
	if err != nil {
		return orders.Order{}, err
	}
	reference, err := referenceOf(in.Reference)
	if err != nil {
		return orders.Order{}, err
	}
	shop, err := p.settings.Load(ctx)
	if err != nil {
		return orders.Order{}, err
	}
	change := orderChange{
		operation: "paymentMarkPaid", key: in.IdempotencyKey, order: in.OrderID, expected: in.ExpectedVersion,
		input: []any{amount, reference},
	}
	return p.once(ctx, actor, change, func(ctx context.Context, tx pgx.Tx, o *orders.Order) error {
		if err := orders.CanMarkPaid(*o); err != nil {
			return at(err, "input", "orderId")
		}
		if o.Erased && reference != nil {
			return errErased
		}
		d, err := open(ctx, tx, o)
		if errors.Is(err, errNothingOwed) {
			return errNoInvoice
		}
		if err != nil {
			return err
		}
		before := len(d.payment.Attempts)
		paid, err := p.receive(d, amount, reference)
		if err != nil {
			return err
		}
		if len(d.payment.Attempts) > before {
			if d.takesLapsing() {
				return errCapturing
			}
			if err := p.replace(ctx, tx, d, &d.payment.Attempts[before]); err != nil {
				return err
			}
		}
		if d.payment.stage == stageActionRequired && d.current() == nil && d.left() == 0 {
			d.confirm(shop)
			d.watch()
		}
		if err := p.askAnew(ctx, tx, d); err != nil {
			return err
		}
		return p.save(ctx, tx, d, actor.By(), change.operation, paid...)
	})
}

// referenceOf reads a reference that a caller has sent; nil where none was.
func referenceOf(in *string) (*string, error) {
	if in == nil || strings.TrimSpace(*in) == "" {
		return nil, nil //nolint:nilnil // no reference is no error
	}
	text := strings.TrimSpace(*in)
	switch {
	case utf8.RuneCountInString(text) > maxReference:
		return nil, errLongReference
	case strings.ContainsRune(text, 0) || !utf8.ValidString(text):
		return nil, errReference
	case contact.HoldsCardNumber(text):
		return nil, errCardReference
	}
	return &text, nil
}

// receive books an amount, or all that is to come when none is named, and gives the attempts that it pays.
func (p *Payments) receive(d *dossier, amount *money.Money, reference *string) ([]*PaymentAttempt, error) {
	m := &d.payment
	fresh, outside := len(m.Attempts), p.outside()
	open := make([]int64, fresh+1) // of each attempt, and of one that is made for the rest
	for i := range m.Attempts {
		if a := &m.Attempts[i]; a.Provider == outside {
			open[i] = a.toCome()
		}
	}
	if outside != "" && d.asksNobody() {
		open[fresh] = d.left()
	}
	most := money.Zero(m.Amount.CurrencyCode)
	for _, minor := range open {
		most.Minor += minor
	}
	if most.Minor == 0 {
		return nil, p.nothingToCome(d)
	}
	take := most
	if amount != nil {
		if err := within(*amount, most); err != nil {
			return nil, err
		}
		take = *amount
	}
	if take.Minor > d.receivable() {
		return nil, d.tooMuch()
	}
	parts := spread(take.Minor, open)
	if parts[fresh] > 0 {
		m.Attempts = append(m.Attempts, PaymentAttempt{
			ID: id.NewPaymentAttemptID(), OrderID: m.OrderID, Provider: outside, Rank: len(m.methods) + 1, // after all of the shopper's
			StartedAt: d.now, FinishedAt: &d.now, number: fresh + 1, stage: stageInvoiced, amount: money.New(parts[fresh], take.CurrencyCode),
		})
	}
	var paid []*PaymentAttempt
	for i, part := range parts {
		if part == 0 {
			continue
		}
		a := &m.Attempts[i]
		a.authorized, a.captured = a.authorized+part, a.captured+part
		d.tell(orders.PaymentCaptured{AttemptID: a.ID, Provider: a.Provider, Amount: a.money(part), Invoice: true, Reference: reference})
		paid = append(paid, a)
	}
	return paid, nil
}

// receivable is what may come in outside the shop: the total without what is held of each attempt. What one of them has given back
// and lost to the shopper's bank as well makes up for nothing that another one holds.
func (d *dossier) receivable() int64 {
	left := d.order.TotalPrice.Minor
	for i := range d.payment.Attempts {
		a := &d.payment.Attempts[i]
		left -= max(a.captured-a.refunded-a.lostFor, 0)
	}
	return left
}

// tooMuch says what is to become of the money that was taken by mistake: the shopper's bank decides, it goes back by itself,
// or its provider has refused that too often. What the bank has taken back for good is in nobody's way.
func (d *dossier) tooMuch() error {
	for i := range d.payment.Attempts {
		if a := &d.payment.Attempts[i]; a.disputed > a.lostFor {
			return errBankDecides
		}
	}
	for i := range d.payment.Attempts {
		if d.asked.of(d.payment.Attempts[i].ID, kindRefund) > 0 {
			return errGoingBack
		}
	}
	return errNotGoingBack
}

// nothingToCome says why nothing can be booked: nothing is owed any more, or it is asked for in another way.
func (p *Payments) nothingToCome(d *dossier) error {
	switch {
	case p.outside() == "" || d.left() == 0:
		return errNoInvoice
	case d.current() == nil && d.payment.stage == stageActionRequired:
		return errDeadlinePast
	}
	return errUnderWay
}

// toCome is what is still to be paid of an invoice.
func (a *PaymentAttempt) toCome() int64 {
	if a.stage != stageInvoiced {
		return 0
	}
	return a.amount.Minor - a.captured
}

// outside is the provider whose money comes in outside; empty when the shop has none.
func (p *Payments) outside() string {
	for _, provider := range p.providers {
		if about := provider.About(); about.Outside {
			return about.Name
		}
	}
	return ""
}

// asksNobody says that no provider is asked for what is outstanding, and none will be: the order goes on, or waits for its
// shopper, whose time has not run out.
func (d *dossier) asksNobody() bool {
	switch {
	case d.current() != nil:
		return false
	case d.payment.stage == stageActionRequired:
		return d.now.Before(d.payment.deadline)
	}
	return d.payment.stage == stageAuthorized || d.payment.stage == stageInvoiced
}

// takesLapsing says that a reservation that could not be renewed is being taken at this moment.
func (d *dossier) takesLapsing() bool {
	return slices.ContainsFunc(d.payment.Attempts, func(a PaymentAttempt) bool {
		return d.asked.of(a.ID, kindCapture) > 0 && d.lapsing(&a)
	})
}

// sentBack is what is booked when the staff send money back that came in outside: all that the shop knows, and that. What
// must go back by itself is left to them, too.
func (a *PaymentAttempt) sentBack(minor int64) Charge {
	return Charge{
		State: ChargeInvoiced, Authorized: a.money(a.authorized), Captured: a.money(a.captured), Voided: a.money(a.voided), Refunded: a.money(a.refunded + minor),
		Disputed: a.money(a.disputed), DisputeLost: a.money(a.lostFor),
	}
}
