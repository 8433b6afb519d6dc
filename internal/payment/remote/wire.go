package remote

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
	"unicode"

	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/payment"
)

// version is of the protocol. Fields are added without a new one; whoever does not know a field leaves it alone.
const version = 1

// request is the body of every call.
type request struct {
	Version       int            `json:"version"`
	Operation     string         `json:"operation"`
	Account       string         `json:"account,omitempty"`
	Live          bool           `json:"live"`
	Authorization *authorization `json:"authorization,omitempty"`
	Change        *change        `json:"change,omitempty"`
	Charge        string         `json:"charge,omitempty"`
	Since         *time.Time     `json:"since,omitempty"`
	Page          string         `json:"page,omitempty"`
	Method        string         `json:"method,omitempty"`
}

type authorization struct {
	Key        string         `json:"key"`
	Reference  string         `json:"reference"`
	Token      string         `json:"token"`
	Amount     int64          `json:"amount"`
	Currency   money.Currency `json:"currency"`
	Challenged bool           `json:"challenged,omitempty"`
	Customer   string         `json:"customer,omitempty"`
	Save       bool           `json:"save,omitempty"`
	OffSession bool           `json:"offSession,omitempty"`
}

type change struct {
	Key       string         `json:"key"`
	Charge    string         `json:"charge"`
	Reference string         `json:"reference"`
	Amount    int64          `json:"amount"`
	Currency  money.Currency `json:"currency"`
}

// response is the body of every answer with status 200.
type response struct {
	Charge    json.RawMessage    `json:"charge"` // null says that there is none; an answer about a charge must say one or the other
	Refused   *refused           `json:"refused"`
	Charges   *[]json.RawMessage `json:"charges"`
	Next      string             `json:"next"`
	Forgotten bool               `json:"forgotten"`
}

type refused struct {
	Reason string `json:"reason"`
}

type charge struct {
	Key          string         `json:"key"`
	ID           string         `json:"id"`
	State        string         `json:"state"`
	Reference    string         `json:"reference"`
	Reason       string         `json:"reason"`
	ChallengeURL string         `json:"challengeUrl"`
	Currency     money.Currency `json:"currency"`
	Authorized   int64          `json:"authorized"`
	Captured     int64          `json:"captured"`
	Refunded     int64          `json:"refunded"`
	Voided       int64          `json:"voided"`
	Disputed     int64          `json:"disputed"`
	ExpiresAt    *time.Time     `json:"expiresAt"`
	ChangedAt    *time.Time     `json:"changedAt"`
	Saved        *saved         `json:"saved"`
}

type saved struct {
	Method string `json:"method"`
	Label  string `json:"label"`
}

var states = map[string]payment.ChargeState{
	"authorized": payment.ChargeAuthorized, "invoiced": payment.ChargeInvoiced, "pending": payment.ChargePending,
	"challenge": payment.ChargeChallenge, "declined": payment.ChargeDeclined, "closed": payment.ChargeClosed,
}

// charge reads the charge of an answer, which must be the one that was asked for, or ErrUnknownKey.
func (p *Provider) charge(answer response, key string) (payment.Charge, error) {
	if bytes.Equal(answer.Charge, []byte("null")) {
		return payment.Charge{}, payment.ErrUnknownKey
	}
	if answer.Charge == nil {
		return payment.Charge{}, p.nonsense("its answer has no charge")
	}
	var c charge
	if err := json.Unmarshal(answer.Charge, &c); err != nil {
		return payment.Charge{}, p.nonsense("its charge cannot be read: %w", err)
	}
	return p.read(c, key)
}

// read takes a charge over, unless it contradicts itself. Whether it is what the shop has asked for is for the shop.
func (p *Provider) read(c charge, key string) (payment.Charge, error) {
	state, ok := states[c.State]
	total := []int64{c.Authorized, c.Captured, c.Refunded, c.Voided, c.Disputed}
	_, known := c.Currency.Digits()
	switch {
	case !ok:
		return payment.Charge{}, p.nonsense("a charge in state %.40q", c.State)
	case c.Key != key || key == "":
		return payment.Charge{}, p.nonsense("it tells of charge %.64q instead of %.64q", c.Key, key)
	case len(c.ID) > 255 || len(c.Reference) > 255:
		return payment.Charge{}, p.nonsense("names of more than 255 bytes")
	case c.ChallengeURL != "" && !p.page(c.ChallengeURL):
		return payment.Charge{}, p.nonsense("it sends shoppers to %.64q", c.ChallengeURL)
	case c.Saved != nil && (c.Saved.Method == "" || len(c.Saved.Method) > 255):
		return payment.Charge{}, p.nonsense("a saved method without a name of at most 255 bytes")
	case min(total[0], total[1], total[2], total[3], total[4]) < 0:
		return payment.Charge{}, p.nonsense("amounts below zero")
	case !known && (c.Currency != "" || max(total[0], total[1], total[2], total[3], total[4]) > 0):
		return payment.Charge{}, p.nonsense("amounts in %.10q", string(c.Currency))
	case c.Captured > c.Authorized || c.Voided > c.Authorized-c.Captured || c.Refunded > c.Captured:
		return payment.Charge{}, p.nonsense("more is taken, released or given back than there is")
	case c.Authorized > 0 && state != payment.ChargeAuthorized && state != payment.ChargeClosed:
		return payment.Charge{}, p.nonsense("money in a charge that is %s", c.State)
	case c.Authorized == 0 && state == payment.ChargeAuthorized:
		return payment.Charge{}, p.nonsense("an authorization of nothing")
	case state == payment.ChargeClosed && c.Authorized-c.Captured != c.Voided:
		return payment.Charge{}, p.nonsense("money reserved in a charge that is closed")
	}
	amount := func(minor int64) money.Money { return money.New(minor, c.Currency) }
	read := payment.Charge{
		State: state, Ref: c.ID, Reference: c.Reference, Reason: shown(c.Reason), ChallengeURL: c.ChallengeURL,
		Authorized: amount(c.Authorized), Captured: amount(c.Captured), Refunded: amount(c.Refunded),
		Voided: amount(c.Voided), Disputed: amount(c.Disputed), ExpiresAt: c.ExpiresAt,
	}
	if c.Saved != nil {
		read.Saved = &payment.SavedMethod{Ref: c.Saved.Method, Label: shown(c.Saved.Label)}
	}
	if read.Reason == "" {
		read.Reason = map[payment.ChargeState]string{
			payment.ChargeDeclined: "Your payment was declined.", payment.ChargeClosed: "The payment was withdrawn.",
			payment.ChargeChallenge: "Please confirm the payment.",
		}[state]
	}
	return read, nil
}

// mostShown is how much of a provider's words a shopper reads.
const mostShown = 300

// shown is a text of the provider as a shopper may read it: one line, of a sensible length.
func shown(text string) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, " "))
	runes := []rune(strings.Join(strings.Fields(text), " "))
	return string(runes[:min(len(runes), mostShown)])
}
