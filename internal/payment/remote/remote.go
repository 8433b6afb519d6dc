// Package remote is a payment provider that a partner runs, in any language: Wharf calls it by the open protocol of
// docs/payment-protocol.md, over signed HTTP.
//
// A definite no is believed only when it is a whole, well-formed answer of the protocol. Whatever else comes (another
// status, half an answer, an answer about another charge, one that contradicts itself, none at all) says nothing about
// whether money has moved: the outcome is unknown, and the shop looks it up.
package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/clock"
	"github.com/wharfhq/wharf/internal/payment"
	signed "github.com/wharfhq/wharf/internal/remote"
)

// Options say where the provider is and what it is called.
type Options struct {
	Name     string // by which shoppers choose it; stored with every attempt, so it never changes
	Title    string // for people
	URL      string
	Account  string          // the shop's account at the provider, if it serves several shops
	Secrets  []signed.Secret // shared with the provider; two while one is changed
	Live     bool            // whether real money moves
	Once     bool            // whether a capture of less than all releases the rest
	Loopback bool            // the provider may be on this machine: for development only
	Clock    clock.Clock
	Client   signed.Options // for its time limits and whom it trusts; the rest is set here
}

// Provider is a partner's payment provider.
type Provider struct {
	options Options
	client  *signed.Client
}

var goodName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`)

// New makes the provider, and says what is wrong with its options. It does not call it: a provider that is down must
// not keep the shop from starting.
func New(o Options) (*Provider, error) {
	if !goodName.MatchString(o.Name) {
		return nil, fmt.Errorf("%q is no name of a payment provider: use small letters, digits, - and _", o.Name)
	}
	if len(o.Secrets) == 0 {
		return nil, signed.ErrSecret
	}
	if err := signed.CheckURL(o.URL, o.Loopback); err != nil {
		return nil, err
	}
	if o.Title == "" {
		o.Title = o.Name
	}
	if o.Clock == nil {
		o.Clock = clock.System
	}
	client := o.Client
	client.Loopback, client.Clock = o.Loopback, o.Clock
	return &Provider{options: o, client: signed.New(client)}, nil
}

// About says under which name it was plugged in.
func (p *Provider) About() payment.PaymentProvider {
	return payment.PaymentProvider{Name: p.options.Name, Title: p.options.Title, NeedsToken: true, Once: p.options.Once}
}

// Authorize asks the provider to reserve an amount.
func (p *Provider) Authorize(ctx context.Context, a payment.Authorization) (payment.Charge, error) {
	answer, err := p.call(ctx, request{Operation: "authorize", Authorization: &authorization{
		Key: a.Key, Reference: a.Reference, Token: a.Token, Amount: a.Amount.Minor, Currency: a.Amount.CurrencyCode,
		Challenged: a.Challenged, Customer: a.Customer, Save: a.Save, OffSession: a.OffSession,
	}})
	if err != nil {
		return payment.Charge{}, err
	}
	c, err := p.charge(answer, a.Key)
	if errors.Is(err, payment.ErrUnknownKey) {
		err = p.nonsense("it answers authorize with no charge")
	}
	if err != nil {
		return payment.Charge{}, err
	}
	switch c.State {
	case payment.ChargeDeclined, payment.ChargeClosed:
		return c, payment.Declined(c.Reason)
	case payment.ChargeChallenge:
		return c, payment.ActionRequired(c.Reason)
	}
	return c, nil
}

// Capture asks it to take a reserved amount.
func (p *Provider) Capture(ctx context.Context, c payment.Change) (payment.Charge, error) {
	return p.change(ctx, "capture", c)
}

// Refund asks it to give a captured amount back.
func (p *Provider) Refund(ctx context.Context, c payment.Change) (payment.Charge, error) {
	return p.change(ctx, "refund", c)
}

// Void asks it to release what is left, and to close the charge's key for good. That is nothing to refuse: a no means
// something only when the charge beside it shows that nothing is reserved and nothing will be, which is as good as a yes.
// Taken for a decline, it would let the shop forget money that the provider holds.
func (p *Provider) Void(ctx context.Context, c payment.Change) (payment.Charge, error) {
	charge, err := p.change(ctx, "void", c)
	switch {
	case !errors.Is(err, payment.ErrDeclined):
		return charge, err
	case released(charge):
		return charge, nil
	}
	return payment.Charge{}, p.nonsense("it refuses void: %s", payment.Reason(err))
}

// released says that nothing is reserved, and that nothing will be.
func released(c payment.Charge) bool {
	switch c.State {
	case payment.ChargeClosed, payment.ChargeDeclined:
		return true
	case payment.ChargeAuthorized:
		return c.Captured.Minor+c.Voided.Minor == c.Authorized.Minor
	}
	return false
}

func (p *Provider) change(ctx context.Context, operation string, c payment.Change) (payment.Charge, error) {
	answer, err := p.call(ctx, request{Operation: operation, Change: &change{
		Key: c.Key, Charge: c.Charge, Reference: c.Reference, Amount: c.Amount.Minor, Currency: c.Amount.CurrencyCode,
	}})
	if err != nil {
		return payment.Charge{}, err
	}
	charge, err := p.charge(answer, c.Charge)
	switch {
	case answer.Refused == nil:
		if errors.Is(err, payment.ErrUnknownKey) {
			err = p.nonsense("it answers %s with no charge", operation)
		}
		return charge, err
	case errors.Is(err, payment.ErrUnknownKey): // refused, since there is no such charge
		return payment.Charge{}, payment.Declined(shown(answer.Refused.Reason))
	case err != nil:
		return payment.Charge{}, err
	}
	return charge, payment.Declined(shown(answer.Refused.Reason))
}

// Lookup asks what the provider knows under a key.
func (p *Provider) Lookup(ctx context.Context, key string) (payment.Charge, error) {
	answer, err := p.call(ctx, request{Operation: "lookup", Charge: key})
	if err != nil {
		return payment.Charge{}, err
	}
	return p.charge(answer, key)
}

// Charges reads the provider's books.
func (p *Provider) Charges(ctx context.Context, since time.Time, page string) ([]payment.Entry, string, error) {
	answer, err := p.call(ctx, request{Operation: "charges", Since: &since, Page: page})
	if answer.Charges == nil {
		if err == nil {
			err = p.nonsense("it answers charges without a list of charges")
		}
		return nil, "", err
	}
	entries := make([]payment.Entry, 0, len(*answer.Charges))
	for _, raw := range *answer.Charges {
		e := p.entry(raw, since)
		entries, since = append(entries, e), e.ChangedAt
	}
	if err != nil { // such as of a next page that is none
		return entries, "", err
	}
	return entries, answer.Next, nil
}

// entry reads one charge of the books. What makes no sense is said of that one alone, so that all others are compared; one
// that does not say when it has changed stands at the time of the one before it.
func (p *Provider) entry(raw json.RawMessage, before time.Time) payment.Entry {
	var c charge
	err := json.Unmarshal(raw, &c) // which reads all that it can
	e := payment.Entry{Key: c.Key, Reference: c.Reference, ChangedAt: before}
	if c.ChangedAt != nil && !c.ChangedAt.IsZero() {
		e.ChangedAt = *c.ChangedAt
	}
	if err != nil {
		err = p.nonsense("its charge cannot be read: %w", err)
	} else if e.Charge, err = p.read(c, c.Key); err == nil && c.ChangedAt == nil {
		err = p.nonsense("it does not say when charge %.64q has changed", c.Key)
	}
	if err != nil {
		return payment.Entry{Key: e.Key, Reference: e.Reference, ChangedAt: e.ChangedAt, Unread: err.Error()}
	}
	return e
}

// Forget asks it to make a saved method useless.
func (p *Provider) Forget(ctx context.Context, ref string) error {
	answer, err := p.call(ctx, request{Operation: "forget", Method: ref})
	if err == nil && !answer.Forgotten {
		err = p.nonsense("it does not say that the method is forgotten")
	}
	return err
}

// nonsense is an answer that nothing can be learned from.
func (p *Provider) nonsense(format string, args ...any) error {
	return payment.Nonsense(p.failed(format, args...))
}

// failed is a call that has no answer.
func (p *Provider) failed(format string, args ...any) error {
	return fmt.Errorf("payment provider %s: %w", p.options.Name, fmt.Errorf(format, args...))
}

// call makes one call and reads its answer, which is whole or an error. Beside ErrNonsense comes what could be read of it.
func (p *Provider) call(ctx context.Context, r request) (response, error) {
	r.Version, r.Account, r.Live = version, p.options.Account, p.options.Live
	body, err := json.Marshal(r)
	if err != nil {
		return response{}, fmt.Errorf("word the call %s: %w", r.Operation, err)
	}
	answer, err := p.client.Post(ctx, signed.Call{URL: p.options.URL, ID: "call_" + uuid.NewString(), Body: body, Secrets: p.options.Secrets})
	if errors.Is(err, signed.ErrTooLarge) {
		return response{}, p.nonsense("%s: %w", r.Operation, err)
	}
	if err != nil {
		return response{}, p.failed("%s: %w", r.Operation, err)
	}
	if answer.Status != http.StatusOK {
		return response{}, p.failed("it answers %s with status %d", r.Operation, answer.Status)
	}
	var read response
	err = json.Unmarshal(answer.Body, &read)
	if err != nil && (len(answer.Body) == 0 || !signed.IsJSON(answer.Header.Get("Content-Type"))) { // such as a page of a proxy
		return response{}, p.failed("its answer to %s is none: %w", r.Operation, err)
	}
	if err != nil {
		return read, p.nonsense("its answer to %s cannot be read: %w", r.Operation, err)
	}
	return read, nil
}

// page says whether an address may be shown to a shopper.
func (p *Provider) page(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && u.User == nil && len(address) <= 2000 &&
		(u.Scheme == "https" || (p.options.Loopback && u.Scheme == "http"))
}
