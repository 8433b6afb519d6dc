package simulator

import "github.com/wharfhq/wharf/internal/money"

// Authorize decides about a key once; the verdict is what becomes of an approved token. A key that was closed before
// it was heard is refused.
func (b *Books) Authorize(a Authorization) (Answer, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.lapse(a.Key); err != nil {
		return Answer{}, err
	}
	a.Method = a.Token
	if m := b.methods[a.Token]; m != nil {
		a.Method = m.Token
	}
	if answer, done, err := b.again(a.Key, a.Key, a.text()); done {
		return answer, err
	}
	if c := b.charges[a.Key]; c != nil { // closed unheard
		return Answer{Charge: *c, First: *c, Refusal: c.decline(), Again: true}, nil
	}
	e := Entry{Key: a.Key, Charge: a.Key, Currency: a.Amount.CurrencyCode, Wanted: a.Amount.Minor, Asked: &a}
	e.Kind, e.Refusal = b.verdict(a)
	if e.Kind == KindAuthorize {
		e.Amount = a.Amount.Minor
	}
	if err := b.enter(e); err != nil {
		return Answer{}, err
	}
	return b.heard[a.Key].first, nil
}

// verdict decides about a charge that is asked for.
func (b *Books) verdict(a Authorization) (Kind, *Refusal) {
	if m := b.methods[a.Token]; m != nil && (m.Useless || m.Customer != a.Customer) {
		return KindDecline, &Refusal{CodeMethod, "The payment provider does not know this payment method."}
	}
	if a.Amount.Minor <= 0 {
		return KindDecline, &Refusal{CodeAmount, "There is nothing to pay."}
	}
	kind, refusal := tokens[a.Method].verdict()
	if kind == KindChallenge && a.OffSession {
		return KindDecline, &Refusal{CodeChallenge, "Your bank wants you to confirm the payment yourself."}
	}
	return kind, refusal
}

// Capture takes what is reserved.
func (b *Books) Capture(c Change) (Answer, error) { return b.capture(c, c.Amount.Minor) }

// CaptureHalf takes half of what it was asked to take, as a provider may that has run into a limit.
func (b *Books) CaptureHalf(c Change) (Answer, error) { return b.capture(c, (c.Amount.Minor+1)/2) }

func (b *Books) capture(c Change, taken int64) (Answer, error) {
	return b.change(KindCapture, c, func(now Charge) (int64, *Refusal) {
		switch {
		case now.decline() != nil:
			return 0, now.decline()
		case now.State != Authorized:
			return 0, &Refusal{CodeNotPaid, "The payment is not authorized."}
		case c.Amount.Minor > now.Rest():
			return 0, refusedAmount
		}
		return taken, nil
	})
}

// Refund gives back what was taken.
func (b *Books) Refund(c Change) (Answer, error) {
	return b.change(KindRefund, c, func(now Charge) (int64, *Refusal) {
		if c.Amount.Minor > now.Captured-now.Refunded {
			return 0, refusedAmount
		}
		return c.Amount.Minor, nil
	})
}

var refusedAmount = &Refusal{CodeAmount, "The amount is not available on this charge."}

// change does one thing to a charge once.
func (b *Books) change(kind Kind, c Change, decide func(Charge) (int64, *Refusal)) (Answer, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.lapse(c.Charge); err != nil {
		return Answer{}, err
	}
	if answer, done, err := b.again(c.Key, c.Charge, changeText(kind, c.Charge, c.Amount.Minor, c.Amount.CurrencyCode)); done {
		return answer, err
	}
	now := b.charges[c.Charge]
	if now == nil {
		return Answer{}, ErrUnknownCharge
	}
	e := Entry{Kind: kind, Key: c.Key, Charge: c.Charge, Wanted: c.Amount.Minor, Currency: c.Amount.CurrencyCode}
	if c.Amount.Minor <= 0 || c.Amount.CurrencyCode != now.Currency {
		e.Refusal = refusedAmount
	} else {
		e.Amount, e.Refusal = decide(*now)
	}
	if err := b.enter(e); err != nil {
		return Answer{}, err
	}
	return b.heard[c.Key].first, nil
}

// Void releases what is left and closes the key for good, also one that was never heard of: an authorization that
// arrives late is refused. What was taken stays.
func (b *Books) Void(c Change) (Answer, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c.Amount = money.New(0, c.Amount.CurrencyCode)
	if now := b.charges[c.Charge]; now != nil {
		c.Amount.CurrencyCode = now.Currency
	}
	if answer, done, err := b.again(c.Key, c.Charge, changeText(KindVoid, c.Charge, 0, c.Amount.CurrencyCode)); done {
		return answer, err
	}
	e := Entry{Kind: KindVoid, Key: c.Key, Charge: c.Charge, Face: c.Face, Amount: b.current(c.Charge).Rest(), Currency: c.Amount.CurrencyCode}
	if err := b.enter(e); err != nil {
		return Answer{}, err
	}
	return b.heard[c.Key].first, nil
}
