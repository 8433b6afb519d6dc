package simulator

// Settle ends a pending charge or a challenge well.
func (b *Books) Settle(key string) (Answer, error) {
	return b.happen(key, func(c Charge) *Entry {
		if c.State != Pending && c.State != Challenged {
			return nil
		}
		return &Entry{Kind: KindSettle, Amount: c.Asked.Amount.Minor}
	})
}

// Fail ends a pending charge or a challenge badly.
func (b *Books) Fail(key string) (Answer, error) {
	return b.happen(key, func(c Charge) *Entry {
		if c.State != Pending && c.State != Challenged {
			return nil
		}
		return &Entry{Kind: KindFail, Refusal: &Refusal{CodeDeclined, reasonDeclined}}
	})
}

// Expire releases what is reserved, as a provider does by itself after a while.
func (b *Books) Expire(key string) (Answer, error) {
	return b.happen(key, func(c Charge) *Entry {
		if c.Rest() == 0 {
			return nil
		}
		return &Entry{Kind: KindExpire, Amount: c.Rest()}
	})
}

// Dispute lets the shopper's bank take back so much of what was taken, at most all that is not disputed yet; 0 is all.
func (b *Books) Dispute(key string, amount int64) (Answer, error) {
	return b.happen(key, func(c Charge) *Entry {
		rest := c.Captured - c.Refunded - c.Disputed
		if amount > 0 {
			rest = min(rest, amount)
		}
		if rest <= 0 {
			return nil
		}
		return &Entry{Kind: KindDispute, Amount: rest}
	})
}

// happen records what befalls a charge without the shop having asked for it. Nothing is recorded when it does not
// apply, so that it may come twice.
func (b *Books) happen(key string, what func(Charge) *Entry) (Answer, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.charges[key]
	if c == nil {
		return Answer{}, ErrUnknownCharge
	}
	e := what(*c)
	if e == nil {
		return Answer{Charge: *c, First: *c, Again: true}, nil
	}
	e.Charge, e.Currency = key, c.Currency
	if err := b.enter(*e); err != nil {
		return Answer{}, err
	}
	return Answer{Charge: *c, First: *c, Entry: b.last}, nil
}

// lapse releases what is reserved for longer than the provider keeps it. It is noticed when somebody looks.
func (b *Books) lapse(key string) error {
	c := b.charges[key]
	if c == nil || c.ExpiresAt.IsZero() || c.Rest() == 0 || b.options.Clock.Now().Before(c.ExpiresAt) {
		return nil
	}
	return b.enter(Entry{Kind: KindExpire, Charge: key, Amount: c.Rest(), Currency: c.Currency})
}
