package simulator

import (
	"time"

	"github.com/wharfhq/wharf/internal/money"
)

// State is how far a charge has come.
type State string

// The states of a charge.
const (
	Authorized State = "authorized" // the amount is reserved, or was taken from what was reserved
	Declined   State = "declined"
	Challenged State = "challenged" // the shopper must open the challenge page
	Pending    State = "pending"
	Closed     State = "closed" // nothing is reserved and nothing ever will be under this key
)

// Authorization is what a shop asks for.
type Authorization struct {
	Face       string      `json:"face"`    // the protocol by which it was asked for
	Account    string      `json:"account"` // the merchant's account at the provider
	Key        string      `json:"key"`
	Reference  string      `json:"reference"` // the order's, by the shop
	Token      string      `json:"token"`
	Amount     money.Money `json:"amount"`
	Customer   string      `json:"customer,omitempty"`
	Save       bool        `json:"save,omitempty"`
	OffSession bool        `json:"offSession,omitempty"` // nobody is there to be challenged
	Method     string      `json:"method,omitempty"`     // what the token of a saved method stood for at first; set by the Books
}

// Refusal is why something was not done. It is final for its key.
type Refusal struct {
	Code   string `json:"code"`   // of the list below
	Reason string `json:"reason"` // in words that a shopper may read
}

// The codes of refusals.
const (
	CodeDeclined  = "declined"
	CodeFunds     = "insufficient_funds"
	CodeMethod    = "unknown_method" // no such token, a forgotten method, or another customer's
	CodeChallenge = "authentication_required"
	CodeClosed    = "closed"    // the key was voided
	CodeAmount    = "amount"    // more than there is, nothing, or another currency
	CodeNotPaid   = "not_ready" // the charge is not authorized
)

// Charge is what the books say of one key. Amounts are totals since its beginning, in the currency of Asked.
type Charge struct {
	Asked      Authorization  `json:"asked"` // all empty but the key when only a void was heard
	Ref        string         `json:"ref"`   // the provider's own name of it
	State      State          `json:"state"`
	Refusal    *Refusal       `json:"refusal,omitempty"` // why it was declined
	Currency   money.Currency `json:"currency"`
	Authorized int64          `json:"authorized"`
	Captured   int64          `json:"captured"`
	Refunded   int64          `json:"refunded"`
	Voided     int64          `json:"voided"` // released, also by expiry and by a capture that closes the rest
	Disputed   int64          `json:"disputed"`
	Method     string         `json:"method,omitempty"` // the saved method that came of it
	CreatedAt  time.Time      `json:"createdAt"`
	ChangedAt  time.Time      `json:"changedAt"`
	ExpiresAt  time.Time      `json:"expiresAt,omitzero"` // when what is reserved is released
	Change     int64          `json:"change"`             // the number of the last entry: it grows with every change
}

// Key is the key under which the charge was asked for.
func (c Charge) Key() string { return c.Asked.Key }

// Rest is what is reserved and neither taken nor released.
func (c Charge) Rest() int64 { return c.Authorized - c.Captured - c.Voided }

// enter adds an entry to what is known of the charge.
func (c *Charge) enter(e Entry, o BooksOptions) {
	if e.Asked != nil {
		c.Asked = *e.Asked
	}
	if c.CreatedAt.IsZero() {
		c.Asked.Key, c.Currency, c.CreatedAt = e.Charge, e.Currency, e.At
		if e.Face != "" {
			c.Asked.Face = e.Face
		}
		c.Ref = name("ch_", e.Charge)
	}
	if e.Refusal != nil && e.Kind != KindDecline && e.Kind != KindFail {
		return // nothing has moved
	}
	c.ChangedAt, c.Change = e.At, e.Number
	switch e.Kind {
	case KindAuthorize, KindSettle:
		c.State = Authorized
		c.Authorized += e.Amount
		if o.Expiry > 0 {
			c.ExpiresAt = e.At.Add(o.Expiry)
		}
		if c.Asked.Save && c.Asked.Customer != "" {
			c.Method = name("pm_", c.Asked.Customer+" "+c.Asked.Method)
		}
	case KindDecline, KindFail:
		c.State, c.Refusal = Declined, e.Refusal
	case KindChallenge:
		c.State = Challenged
	case KindPending:
		c.State = Pending
	case KindCapture:
		c.Captured += e.Amount
		if o.Once {
			c.Voided = c.Authorized - c.Captured
		}
	case KindRefund:
		c.Refunded += e.Amount
	case KindVoid, KindExpire:
		c.Voided += e.Amount
		if c.State != Declined && (e.Amount > 0 || c.Captured == 0) {
			c.State = Closed
		}
	case KindDispute:
		c.Disputed += e.Amount
	}
}

// decline is what the charge's key is answered with for good, or nil.
func (c Charge) decline() *Refusal {
	switch c.State {
	case Declined:
		return c.Refusal
	case Closed:
		return &Refusal{CodeClosed, "The payment was withdrawn."}
	}
	return nil
}
