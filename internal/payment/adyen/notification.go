package adyen

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/payment"
)

// notification is the body of a callback.
type notification struct {
	Live  flag `json:"live"`
	Items []struct {
		Item item `json:"NotificationRequestItem"`
	} `json:"notificationItems"`
}

// item tells of one thing that has happened to a payment.
type item struct {
	PSPReference      string         `json:"pspReference"`
	OriginalReference string         `json:"originalReference"`
	MerchantAccount   string         `json:"merchantAccountCode"`
	MerchantReference string         `json:"merchantReference"`
	EventCode         string         `json:"eventCode"`
	EventDate         string         `json:"eventDate"`
	Success           flag           `json:"success"`
	Reason            string         `json:"reason"`
	Amount            amount         `json:"amount"`
	AdditionalData    additionalData `json:"additionalData"`
}

// flag is true or false, in or without quotation marks.
type flag string

// UnmarshalJSON takes nothing else.
func (f *flag) UnmarshalJSON(text []byte) error {
	switch string(text) {
	case `"true"`, `true`:
		*f = "true"
	case `"false"`, `false`:
		*f = "false"
	default:
		return errors.New("neither true nor false")
	}
	return nil
}

// additionalData are fields that may be there, most of them texts.
type additionalData map[string]any

func (d additionalData) text(name string) string {
	text, _ := d[name].(string)
	return text
}

func (i item) text(name string) string { return i.AdditionalData.text(name) }

// at is when it happened; the signature does not cover it.
func (i item) at() time.Time {
	at, err := time.Parse(time.RFC3339Nano, i.EventDate)
	if err != nil {
		return time.Unix(0, 0).UTC()
	}
	return at.UTC().Truncate(time.Microsecond)
}

// id names the item: the same however often it is sent. One payment may fail to be captured and be captured later, under
// the same reference; the moments keep them apart.
func (i item) id() string {
	return fmt.Sprintf("%s %s %s %s", i.PSPReference, i.EventCode, i.Success, i.at().Format(time.RFC3339Nano))
}

// maxItems is how many items one notification may have. Adyen sends one.
const maxItems = 100

// read checks the signature of every item; a notification with one that is forged is forged.
func (p *Provider) read(body []byte) (notification, error) {
	var n notification
	if err := json.Unmarshal(body, &n); err != nil || len(n.Items) == 0 || len(n.Items) > maxItems || n.Live == "" {
		return n, payment.ErrForged // what cannot be read carries no signature
	}
	for _, i := range n.Items {
		if i.Item.PSPReference == "" || i.Item.Success == "" || !p.genuine(i.Item) {
			return n, payment.ErrForged
		}
	}
	return n, nil
}

// foreign says why an item is not for this shop, or nothing.
func (p *Provider) foreign(n notification, i item) string {
	switch {
	case i.MerchantAccount != p.config.MerchantAccount:
		return "it is of another merchant account"
	case (n.Live == "true") != p.config.Live && p.config.Live:
		return "it is of a test, and this shop is live"
	case (n.Live == "true") != p.config.Live:
		return "it is of a live shop, and this one is a test"
	}
	return ""
}

// Notification says which charges the items of a notification are about. Items that tell nothing of a charge, such as
// that a report is ready, are no notices.
func (p *Provider) Notification(_ http.Header, body []byte) ([]payment.Notice, error) {
	n, err := p.read(body)
	if err != nil {
		return nil, err
	}
	var notices []payment.Notice
	for _, i := range n.Items {
		if !events[i.Item.EventCode].told {
			continue
		}
		notices = append(notices, payment.Notice{
			ID: i.Item.id(), Charge: i.Item.MerchantReference, Foreign: p.foreign(n, i.Item), Attention: i.Item.attention(),
		})
	}
	return notices, nil
}

// Keep keeps the items of a genuine notification that are of charges of this account, each once.
func (p *Provider) Keep(ctx context.Context, _ http.Header, body []byte) error {
	n, err := p.read(body)
	if err != nil {
		return err
	}
	var notes []note
	for _, i := range n.Items {
		key, err := uuid.Parse(i.Item.MerchantReference)
		if err != nil || !events[i.Item.EventCode].told || p.foreign(n, i.Item) != "" || !i.Item.fits() {
			continue
		}
		notes = append(notes, note{
			psp: i.Item.PSPReference, code: i.Item.EventCode, success: i.Item.Success == "true", at: i.Item.at(), charge: key,
			original: i.Item.OriginalReference, value: i.Item.Amount, reason: cut(i.Item.Reason), saved: i.Item.AdditionalData.saved(),
		})
	}
	if len(notes) == 0 {
		return nil
	}
	return p.store.note(ctx, notes)
}

// fits says whether the references can be kept as they are.
func (i item) fits() bool {
	for _, text := range []string{i.PSPReference, i.OriginalReference} {
		if utf8.RuneCountInString(text) > 255 || !storable(text) {
			return false
		}
	}
	return len(i.Amount.Currency) <= 3 && storable(i.Amount.Currency)
}

// Acknowledgement is what Adyen reads as a yes.
func (p *Provider) Acknowledgement() string { return "[accepted]" }

// attention is what people must see to, since no amount of the charge tells it: money that was given back and has not
// reached the shopper, or that was moved in a way that the shop never asks for.
func (i item) attention() string {
	if i.Success != "true" {
		return ""
	}
	switch i.EventCode {
	case eventRefundFailed, eventRefundReversed:
		return fmt.Sprintf("the refund of %s has come back and did not reach the shopper: %s", i.shown(), cut(i.Reason))
	case eventCancelOrRefund:
		return fmt.Sprintf("%s were released or given back in Adyen's Customer Area; compare the charge there with the order", i.shown())
	}
	return ""
}

func (i item) shown() string {
	m, err := i.Amount.money()
	if err != nil {
		return fmt.Sprintf("%d %q", i.Amount.Value, i.Amount.Currency)
	}
	return m.String()
}
