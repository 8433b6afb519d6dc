package stripe

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	api "github.com/stripe/stripe-go/v85"

	"github.com/wharfhq/wharf/internal/payment"
)

// tolerance is how old a callback may be, so that one that was recorded cannot be sent again for ever.
const tolerance = 5 * time.Minute

// findWithin is how long the key of a callback's charge is looked for.
const findWithin = 2 * time.Second

// notification is what is read of an event, whatever version of the API it is written in.
type notification struct {
	ID       string `json:"id"`
	Account  string `json:"account"`
	Livemode bool   `json:"livemode"`
	Data     struct {
		Object subject `json:"object"`
	} `json:"data"`
}

// subject is what an event is about: an intent, or a charge, refund or dispute of one.
type subject struct {
	ID       string            `json:"id"`
	Object   string            `json:"object"`
	Intent   name              `json:"payment_intent"`
	Metadata map[string]string `json:"metadata"`
}

// name is an object that Stripe gives by its name alone or whole.
type name string

// UnmarshalJSON reads either.
func (n *name) UnmarshalJSON(data []byte) error {
	var object struct {
		ID string `json:"id"`
	}
	if len(data) > 0 && data[0] == '{' {
		err := json.Unmarshal(data, &object)
		*n = name(object.ID)
		return err
	}
	return json.Unmarshal(data, (*string)(n))
}

// intent is the intent that the event is about; empty when it is about something else.
func (s subject) intent() string {
	switch s.Object {
	case "payment_intent":
		return s.ID
	case "charge", "dispute", "refund":
		return string(s.Intent)
	}
	return ""
}

// Notification checks the signature of an event over its bytes, and tells of the charge that it is about. An event about
// anything else is taken and tells of nothing.
func (p *Provider) Notification(header http.Header, body []byte) ([]payment.Notice, error) {
	if !p.signed(header.Get("Stripe-Signature"), body) {
		return nil, payment.ErrForged
	}
	var n notification
	if err := json.Unmarshal(body, &n); err != nil {
		return nil, payment.Unusable(n.ID, "it is no event in JSON as Stripe has it")
	}
	intent := n.Data.Object.intent()
	if n.ID == "" || intent == "" {
		return nil, nil
	}
	key := n.Data.Object.Metadata[metaKey]
	if key == "" {
		ctx, cancel := context.WithTimeout(context.Background(), findWithin)
		defer cancel()
		var err error
		if key, err = p.keyOf(ctx, intent); err != nil {
			return nil, err
		}
	}
	if key == "" { // somebody else is paid through this account too
		return nil, nil
	}
	return []payment.Notice{{ID: n.ID, Charge: key, Foreign: p.foreign(n)}}, nil
}

// signed looks for the secret with which an event is signed.
func (p *Provider) signed(signature string, body []byte) bool {
	for _, secret := range p.options.Secrets {
		if api.ValidatePayload(body, signature, secret, api.WithTolerance(tolerance)) == nil {
			return true
		}
	}
	return false
}

// foreign says why an event is not for this shop; empty when it is.
func (p *Provider) foreign(n notification) string {
	switch {
	case n.Livemode && !p.live:
		return "an event of live mode, and the shop takes test payments"
	case !n.Livemode && p.live:
		return "a test event, and the shop takes real payments"
	case n.Account != p.options.Account:
		return "an event of another account"
	}
	return ""
}
