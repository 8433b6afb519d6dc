package simulator

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Charge tells what is known under a key.
func (b *Books) Charge(key string) (Charge, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.lapse(key); err != nil {
		return Charge{}, err
	}
	if c := b.charges[key]; c != nil {
		return *c, nil
	}
	return Charge{}, ErrUnknownCharge
}

// ByRef tells what is known under the provider's own name of a charge.
func (b *Books) ByRef(ref string) (Charge, error) {
	b.mu.Lock()
	key, ok := b.refs[ref]
	b.mu.Unlock()
	if !ok {
		return Charge{}, ErrUnknownCharge
	}
	return b.Charge(key)
}

// Changed lists the charges that have changed since then and after a change, oldest change first, at most limit.
func (b *Books) Changed(since time.Time, after int64, limit int) ([]Charge, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for key := range b.charges {
		if err := b.lapse(key); err != nil {
			return nil, err
		}
	}
	list := []Charge{}
	for _, c := range b.charges {
		if c.Change > after && !c.ChangedAt.Before(since) {
			list = append(list, *c)
		}
	}
	slices.SortFunc(list, func(x, y Charge) int { return cmp.Compare(x.Change, y.Change) })
	return list[:min(limit, len(list))], nil
}

// Saved lists the methods that are kept for a customer.
func (b *Books) Saved(customer string) []Method {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := []Method{}
	for _, m := range b.methods {
		if m.Customer == customer && !m.Useless {
			list = append(list, *m)
		}
	}
	slices.SortFunc(list, func(x, y Method) int { return strings.Compare(x.Ref, y.Ref) })
	return list
}

// Forget makes a saved method useless. One that is not known is forgotten already.
func (b *Books) Forget(ref string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if m := b.methods[ref]; m == nil || m.Useless {
		return nil
	}
	return b.enter(Entry{Kind: KindForget, Charge: ref})
}
