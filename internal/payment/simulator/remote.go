package simulator

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/remote"
)

// Remote is the face of a partner who speaks Wharf's own protocol, docs/payment-protocol.md.
type Remote struct {
	Secrets []remote.Secret
	Account string // the only account that it serves
	Live    bool   // whether it moves real money, as far as a shop can know
}

// Name is remote.
func (Remote) Name() string { return "remote" }

// What the protocol calls things, where that is not what the books call them.
var remoteStates = map[State]string{
	Authorized: "authorized", Declined: "declined", Challenged: "challenge", Pending: "pending", Closed: "closed",
}

type remoteCall struct {
	Version       int
	Operation     string
	Account       string
	Live          bool
	Charge        string
	Since         time.Time
	Page          string
	Method        string
	Authorization struct {
		Key, Reference, Token, Customer string
		Amount                          int64
		Currency                        money.Currency
		Challenged, Save, OffSession    bool
	}
	Change struct {
		Key, Charge, Reference string
		Amount                 int64
		Currency               money.Currency
	}
}

// Handler answers calls, all of which come to one address.
func (f Remote) Handler(w *World) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, 64<<10))
		if err == nil {
			_, err = remote.Verify(r.Header, body, time.Now(), f.Secrets)
		}
		var c remoteCall
		switch {
		case err != nil:
			write(rw, f.Refusal(http.StatusUnauthorized, "The signature is wrong."))
			return
		case json.Unmarshal(body, &c) != nil || c.Version != 1:
			write(rw, f.Refusal(http.StatusBadRequest, "This is no call of version 1."))
			return
		case c.Account != f.Account || c.Live != f.Live:
			write(rw, f.Refusal(http.StatusForbidden, "This account is not served here."))
			return
		}
		call := Call{Face: f, Operation: c.Operation, Charge: c.Authorization.Key + c.Change.Charge + c.Charge, Token: c.Authorization.Token}
		w.Serve(rw, r, call, func(show Show) Reply { return f.act(w, c, show) })
	})
}

// act does what a call asks for.
func (f Remote) act(w *World, c remoteCall, show Show) Reply {
	change := Change{Key: c.Change.Key, Charge: c.Change.Charge, Amount: money.New(c.Change.Amount, c.Change.Currency), Face: f.Name()}
	var done Answer
	var err error
	switch c.Operation {
	case "authorize":
		a := c.Authorization
		done, err = w.Authorize(Authorization{
			Face: f.Name(), Account: f.Account, Key: a.Key, Reference: a.Reference, Token: a.Token, Amount: money.New(a.Amount, a.Currency),
			Customer: a.Customer, Save: a.Save, OffSession: a.OffSession,
		})
		done.Refusal = nil // the charge's state says it
	case "capture":
		done, err = w.Capture(change)
	case "refund":
		done, err = w.Refund(change)
	case "void":
		done, err = w.Void(change)
	case "lookup":
		done.Charge, err = w.Books.Charge(c.Charge)
	case "charges":
		return f.books(w, c, show)
	case "forget":
		if err = w.Books.Forget(c.Method); err == nil {
			return f.reply(map[string]any{"forgotten": true})
		}
	default:
		return f.Refusal(http.StatusBadRequest, "There is no such operation.")
	}
	switch {
	case errors.Is(err, ErrUnknownCharge) && c.Operation == "lookup":
		return f.reply(map[string]any{"charge": nil})
	case errors.Is(err, ErrUnknownCharge):
		return f.reply(map[string]any{"charge": nil, "refused": &Refusal{CodeAmount, "There is no such charge."}})
	case errors.Is(err, ErrKeyReused):
		return f.Refusal(http.StatusConflict, "The key was used for something else.")
	case err != nil:
		return f.Refusal(http.StatusInternalServerError, err.Error())
	}
	body := map[string]any{"charge": f.charge(w, show(done.Charge))}
	if done.Refusal != nil {
		body["refused"] = done.Refusal
	}
	return f.reply(body)
}

// booksPage is how many charges a page of the books has.
const booksPage = 100

func (f Remote) books(w *World, c remoteCall, show Show) Reply {
	after, err := strconv.ParseInt(c.Page, 10, 64)
	if err != nil && c.Page != "" {
		return f.Refusal(http.StatusBadRequest, "There is no such page.")
	}
	list, err := w.Books.Changed(c.Since, after, booksPage)
	if err != nil {
		return f.Refusal(http.StatusInternalServerError, err.Error())
	}
	charges, next := []any{}, ""
	for _, charge := range list {
		if charge.Asked.Face == f.Name() {
			charges = append(charges, f.charge(w, show(charge)))
		}
	}
	if len(list) == booksPage {
		next = strconv.FormatInt(list[booksPage-1].Change, 10)
	}
	return f.reply(map[string]any{"charges": charges, "next": next})
}

// charge words a charge.
func (f Remote) charge(w *World, c Charge) map[string]any {
	body := map[string]any{
		"key": c.Key(), "id": c.Ref, "state": remoteStates[c.State], "reference": c.Asked.Reference, "currency": c.Currency,
		"authorized": c.Authorized, "captured": c.Captured, "refunded": c.Refunded, "voided": c.Voided, "disputed": c.Disputed,
		"changedAt": c.ChangedAt,
	}
	if c.State == Challenged {
		body["reason"], body["challengeUrl"] = "Please confirm the payment with your bank.", w.ChallengeURL(c.Key())
	}
	if refusal := c.decline(); refusal != nil {
		body["reason"] = refusal.Reason
	}
	if !c.ExpiresAt.IsZero() {
		body["expiresAt"] = c.ExpiresAt
	}
	if c.Method != "" {
		body["saved"] = map[string]any{"method": c.Method, "label": methodLabel}
	}
	return body
}

func (f Remote) reply(body any) Reply {
	text, err := json.Marshal(body)
	if err != nil {
		return f.Refusal(http.StatusInternalServerError, err.Error())
	}
	return Reply{Status: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: text}
}

// Refusal words an error of which nothing can be concluded.
func (Remote) Refusal(status int, message string) Reply {
	return Reply{Status: status, Header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}}, Body: []byte(message + "\n")}
}

// Messages names the charge that has changed. What the faults of amount, currency and order make of it is in it too:
// a shop must not care.
func (f Remote) Messages(n News) []Message {
	body, err := json.Marshal(map[string]any{
		"version": 1, "type": "charge.changed", "account": n.Account, "live": f.Live && !n.Test, "charge": n.Charge.Key(),
		"reference": n.Charge.Asked.Reference, "amount": n.Entry.Amount, "currency": n.Charge.Currency,
	})
	if err != nil {
		return nil
	}
	header := http.Header{"Content-Type": {"application/json"}}
	remote.Sign(header, n.ID, time.Now(), body, f.Secrets)
	return []Message{{Header: header, Body: body}}
}
