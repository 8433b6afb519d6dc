package stripe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	api "github.com/stripe/stripe-go/v85"

	"github.com/wharfhq/wharf/internal/payment"
)

const (
	firstSpan = time.Hour     // how much time the first page of the books covers
	lastSpan  = 6 * time.Hour // and the longest one
	perPage   = 100           // intents that were made in the time of one page, which come with one call
	perLook   = 20            // older intents that have changed in it, each of which is a call
)

// changes are the events that say that the books of an intent have changed.
var changes = []string{
	"payment_intent.amount_capturable_updated", "payment_intent.succeeded", "payment_intent.canceled",
	"payment_intent.payment_failed", "charge.captured", "charge.expired", "charge.refunded", "refund.updated",
	"refund.failed", "charge.dispute.created", "charge.dispute.closed", "charge.dispute.funds_withdrawn",
	"charge.dispute.funds_reinstated",
}

// errFull says that more has happened in a span of time than one page can hold.
var errFull = errors.New("the page is full")

// Charges goes through the books from then on, span by span: the intents that were made in it and the older ones that
// have changed in it, each as it stands now. Stripe lists the newest first, so a span in which too much has happened is an
// empty page, before one of half the span, until it fits; a second is the shortest. A caller has only so long for a page,
// so one does not try several spans.
func (p *Provider) Charges(ctx context.Context, since time.Time, page string) ([]payment.Entry, string, error) {
	from, span := since.Unix(), int64(firstSpan/time.Second)
	if page != "" {
		if _, err := fmt.Sscanf(page, "%d+%d", &from, &span); err != nil || span < 1 {
			return nil, "", fmt.Errorf("stripe: %q is no page of the books", page)
		}
	}
	now := p.options.Clock.Now().Unix()
	entries, err := p.between(ctx, from, from+span)
	if errors.Is(err, errFull) {
		return nil, pageFrom(from, span/2), nil
	}
	if err != nil {
		return nil, "", err
	}
	slices.SortStableFunc(entries, func(x, y payment.Entry) int { return x.ChangedAt.Compare(y.ChangedAt) })
	if from += span; from > now {
		return entries, "", nil
	}
	return entries, pageFrom(from, min(2*span, int64(lastSpan/time.Second))), nil
}

// pageFrom names the page that begins at a second and covers so many.
func pageFrom(from, span int64) string { return fmt.Sprintf("%d+%d", from, span) }

// between lists what was made or has changed in a span of time. That the span is full is seen before anything in it is
// asked for by itself.
func (p *Provider) between(ctx context.Context, from, to int64) ([]payment.Entry, error) {
	made, err := p.made(ctx, from, to)
	if err != nil {
		return nil, err
	}
	listed := make(map[string]bool, len(made))
	for _, intent := range made {
		listed[intent.ID] = true
	}
	older, err := p.changed(ctx, from, to, listed)
	if err != nil {
		return nil, err
	}
	var entries []payment.Entry
	for _, intent := range made {
		if entries, err = p.enter(ctx, entries, intent, intent.Created); err != nil {
			return nil, err
		}
	}
	for id, last := range older {
		intent, err := p.retrieve(ctx, id)
		switch {
		case errors.Is(err, payment.ErrNonsense):
			entries, err = p.gone(ctx, entries, id, last, err)
		case err == nil:
			entries, err = p.enter(ctx, entries, intent, last.Created)
		}
		if err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// made lists the intents that were made in a span of time.
func (p *Provider) made(ctx context.Context, from, to int64) ([]*api.PaymentIntent, error) {
	params := &api.PaymentIntentListParams{
		CreatedRange: &api.RangeQueryParams{GreaterThanOrEqual: from, LesserThan: to},
		Expand:       []*string{api.String("data.latest_charge")},
	}
	params.Limit = api.Int64(perPage)
	var list []*api.PaymentIntent
	for intent, err := range p.api.V1PaymentIntents.List(ctx, params).All(ctx) {
		if err != nil {
			return nil, failed("list the intents", err)
		}
		if list = append(list, intent); len(list) > perPage && !shortest(from, to) {
			return nil, errFull
		}
	}
	return list, nil
}

// shortest says that a span can't be halved, so that all of it is one page, whatever it holds.
func shortest(from, to int64) bool { return to-from <= 1 }

// enter adds an intent to the entries, unless nothing was ever asked for with it. What one says that makes no sense is said
// of that one alone, and of one that is not the shop's not at all.
func (p *Provider) enter(ctx context.Context, entries []payment.Entry, intent *api.PaymentIntent, at int64) ([]payment.Entry, error) {
	charge, err := p.charge(ctx, intent)
	e := payment.Entry{Key: intent.Metadata[metaKey], Reference: intent.Metadata[metaOrder], Charge: charge, ChangedAt: time.Unix(at, 0).UTC()}
	if errors.Is(err, payment.ErrNonsense) {
		return illegible(entries, e, err), nil
	}
	if err != nil || charge.State == "" {
		return entries, err
	}
	return append(entries, e), nil
}

// illegible adds an intent of the shop's about which nothing can be said but why.
func illegible(entries []payment.Entry, e payment.Entry, why error) []payment.Entry {
	if e.Key == "" {
		return entries
	}
	e.Unread = why.Error()
	return append(entries, e)
}

// gone adds an intent that Stripe does not show any more, as far as it is known from what has told of it.
func (p *Provider) gone(ctx context.Context, entries []payment.Entry, id string, last *api.Event, why error) ([]payment.Entry, error) {
	told := about(last).Metadata
	e := payment.Entry{Key: told[metaKey], Reference: told[metaOrder], ChangedAt: time.Unix(last.Created, 0).UTC()}
	if e.Key == "" {
		var err error
		if e.Key, err = p.keyOf(ctx, id); err != nil {
			return nil, err
		}
	}
	return illegible(entries, e, why), nil
}

// changed lists the intents of events in a span of time that are not listed yet, each with its last event.
func (p *Provider) changed(ctx context.Context, from, to int64, listed map[string]bool) (map[string]*api.Event, error) {
	params := &api.EventListParams{
		CreatedRange: &api.RangeQueryParams{GreaterThanOrEqual: from, LesserThan: to}, Types: api.StringSlice(changes),
	}
	params.Limit = api.Int64(perPage)
	older, read := map[string]*api.Event{}, 0
	for e, err := range p.api.V1Events.List(ctx, params).All(ctx) {
		if err != nil {
			return nil, failed("list the events", err)
		}
		if read++; read > 10*perPage && !shortest(from, to) {
			return nil, errFull
		}
		id := about(e).intent()
		if id == "" || listed[id] {
			continue
		}
		if last := older[id]; last == nil || last.Created < e.Created {
			older[id] = e
		}
		if len(older) > perLook && !shortest(from, to) {
			return nil, errFull
		}
	}
	return older, nil
}

// about is what an event of the books is about; nothing where it does not say so.
func about(e *api.Event) subject {
	var s subject
	if e.Data == nil || json.Unmarshal(e.Data.Raw, &s) != nil {
		return subject{}
	}
	return s
}
