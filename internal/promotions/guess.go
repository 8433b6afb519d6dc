package promotions

import (
	"context"

	"github.com/wharfhq/wharf/internal/access"
)

// How many wrong codes a caller, and an address, may try in half an hour. Behind one address may be many shoppers.
const (
	maxWrongByCaller  = 20
	maxWrongByAddress = 60
)

// guesser is one of those by whom wrong codes are counted.
type guesser struct {
	kind, subject string
	most          int
}

func guessers(actor access.Actor) []guesser {
	by := []guesser{{"code by address", access.Network(actor.Address).String(), maxWrongByAddress}}
	if caller := actor.Caller(); caller != "" {
		by = append(by, guesser{"code by caller", caller, maxWrongByCaller})
	}
	return by
}

// mayTry refuses whoever has tried too many wrong codes, before any code is looked at.
func (p *Promotions) mayTry(ctx context.Context, actor access.Actor) error {
	for _, g := range guessers(actor) {
		if err := p.attempts.Spent(ctx, p.pool, g.kind, g.subject, g.most); err != nil {
			return err
		}
	}
	return nil
}

// wrong counts codes that were wrong. Beyond the limit the answer is THROTTLED instead of what is wrong.
func (p *Promotions) wrong(ctx context.Context, actor access.Actor, codes int) error {
	for range codes {
		for _, g := range guessers(actor) {
			if err := p.attempts.Spend(ctx, p.pool, g.kind, g.subject, g.most); err != nil {
				return err
			}
		}
	}
	return nil
}
