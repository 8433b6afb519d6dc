package simulator

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Messages words what has happened as one event, signed at this moment.
func (s *Stripe) Messages(n News) []Message {
	i := s.intent(name("pi_", n.Charge.Key()))
	if i == nil {
		made := stripeNamed(n.Charge)
		i = &made
	}
	if n.Entry.Refusal != nil && n.Entry.Kind != KindDecline && n.Entry.Kind != KindFail {
		return nil // nothing has moved
	}
	kind, object := s.latest(i, n.Charge)
	if n.Entry.Kind == KindCapture {
		kind, object = "charge.captured", s.wordCharge(i, n.Charge, i.metadata)
	}
	event := s.event("evt_"+n.ID, kind, object, n.Entry.At, s.options.Live && !n.Test, n.Account)
	body, err := json.Marshal(event)
	if err != nil {
		panic(err) // it is made of strings and numbers
	}
	return []Message{{Header: s.sign(body), Body: body}}
}

func (s *Stripe) event(id, kind string, object map[string]any, at time.Time, live bool, account string) map[string]any {
	event := map[string]any{
		"id": id, "object": "event", "type": kind, "created": at.Unix(), "livemode": live,
		"api_version": "2026-03-25.dahlia", "data": map[string]any{"object": object},
	}
	if account != "" {
		event["account"] = account
	}
	return event
}

// sign covers the time and the body.
func (s *Stripe) sign(body []byte) http.Header {
	at := strconv.FormatInt(s.now().Unix(), 10)
	mac := hmac.New(sha256.New, []byte(s.options.Secret))
	mac.Write([]byte(at + "."))
	mac.Write(body)
	header := http.Header{}
	header.Set("Content-Type", "application/json; charset=utf-8")
	header.Set("Stripe-Signature", fmt.Sprintf("t=%s,v1=%s", at, hex.EncodeToString(mac.Sum(nil))))
	return header
}
