package payment_test

import (
	"context"
	"time"

	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/testprovider"
)

// meddler is the test provider with somebody standing at its door: what must happen just before a call arrives, or
// just after it has been booked and before the answer is read.
type meddler struct {
	*testprovider.Provider
	before, after func(call string)
	refuse        string // the call that never reaches the provider and is declined
	answer        func(call string, c payment.Charge, err error) (payment.Charge, error)
	show          func(*payment.Entry)                                                                  // what the books show
	turn          func(page string, list []payment.Entry, next string) ([]payment.Entry, string, error) // what a page of them is
}

func (m *meddler) Charges(ctx context.Context, since time.Time, page string) ([]payment.Entry, string, error) {
	list, next, err := m.Provider.Charges(ctx, since, page)
	if m.show != nil {
		for i := range list {
			m.show(&list[i])
		}
	}
	if m.turn != nil && err == nil {
		return m.turn(page, list, next)
	}
	return list, next, err
}

// meddle puts a meddler in front of the provider of a desk.
func meddle(m *meddler) func(payment.Provider) payment.Provider {
	return func(p payment.Provider) payment.Provider {
		m.Provider = p.(*testprovider.Provider)
		return m
	}
}

func (m *meddler) around(call string, do func() (payment.Charge, error)) (payment.Charge, error) {
	if m.before != nil {
		m.before(call)
	}
	if m.refuse == call {
		return payment.Charge{}, payment.Declined("The reservation has lapsed.")
	}
	c, err := do()
	if m.after != nil {
		m.after(call)
	}
	if m.answer != nil {
		return m.answer(call, c, err)
	}
	return c, err
}

func (m *meddler) Authorize(ctx context.Context, a payment.Authorization) (payment.Charge, error) {
	return m.around("authorize", func() (payment.Charge, error) { return m.Provider.Authorize(ctx, a) })
}

func (m *meddler) Capture(ctx context.Context, c payment.Change) (payment.Charge, error) {
	return m.around("capture", func() (payment.Charge, error) { return m.Provider.Capture(ctx, c) })
}

func (m *meddler) Refund(ctx context.Context, c payment.Change) (payment.Charge, error) {
	return m.around("refund", func() (payment.Charge, error) { return m.Provider.Refund(ctx, c) })
}

func (m *meddler) Void(ctx context.Context, c payment.Change) (payment.Charge, error) {
	return m.around("void", func() (payment.Charge, error) { return m.Provider.Void(ctx, c) })
}

func (m *meddler) Lookup(ctx context.Context, key string) (payment.Charge, error) {
	return m.around("lookup", func() (payment.Charge, error) { return m.Provider.Lookup(ctx, key) })
}

// once runs a function the first time that a call of this name comes by.
func once(call string, do func()) func(string) {
	done := false
	return func(name string) {
		if name == call && !done {
			done = true
			do()
		}
	}
}
