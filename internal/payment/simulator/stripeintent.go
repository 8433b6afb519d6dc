package simulator

import (
	"maps"
	"strings"
	"time"

	"github.com/wharfhq/wharf/internal/money"
)

// stripeIntent is a PaymentIntent as it stood at a moment. What became of the money is in the Books.
type stripeIntent struct {
	id       string
	key      string // of the charge: its metadata wharf_key
	account  string
	amount   money.Money
	customer string
	metadata map[string]string
	created  time.Time
	token    string
	save     bool
	canceled bool
}

// stripeNamed makes the intent that a charge in the books belongs to, for one that was made before a restart.
func stripeNamed(c Charge) stripeIntent {
	return stripeIntent{
		id: name("pi_", c.Key()), key: c.Key(), account: c.Asked.Account, amount: c.Asked.Amount, customer: c.Asked.Customer,
		metadata: map[string]string{"wharf_key": c.Key(), "wharf_order": c.Asked.Reference}, created: c.CreatedAt,
		token: c.Asked.Token, save: c.Asked.Save,
	}
}

// intent finds an intent by its name, or gives nil.
func (s *Stripe) intent(id string) *stripeIntent {
	if id == "" {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.intents[id]; ok {
		return &known
	}
	charges, err := s.world.Books.Changed(time.Time{}, 0, 1<<31-1)
	if err != nil {
		return nil
	}
	for _, c := range charges {
		if c.Asked.Face == s.Name() && name("pi_", c.Key()) == id {
			known := stripeNamed(c)
			s.intents[id] = known
			return &known
		}
	}
	return nil
}

// change does something to an intent while nobody else does, and gives it as it stands then. The maps of those that
// were given before stay as they are.
func (s *Stripe) change(i *stripeIntent, how func(*stripeIntent)) *stripeIntent {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.intents[i.id]
	now.metadata = maps.Clone(now.metadata)
	how(&now)
	s.intents[i.id] = now
	return &now
}

// booked is what the books say of an intent; nothing before it is confirmed.
func (s *Stripe) booked(i *stripeIntent, show Show) Charge {
	c, err := s.world.Books.Charge(i.key)
	if err != nil {
		return Charge{}
	}
	return show(c)
}

// status is how far an intent has come.
func (i *stripeIntent) status(c Charge) string {
	switch {
	case c.Captured > 0 && c.Rest() == 0:
		return "succeeded"
	case c.State == Closed || i.canceled:
		return "canceled"
	case c.State == Authorized:
		return "requires_capture"
	case c.State == Pending:
		return "processing"
	case c.State == Challenged:
		return "requires_action"
	}
	return "requires_payment_method"
}

// word words an intent; expand says whether its latest charge comes whole or by name.
func (s *Stripe) word(i *stripeIntent, c Charge, expand bool) map[string]any {
	amount, currency, order := i.amount.Minor, i.amount.CurrencyCode, i.metadata["wharf_order"]
	if c.State != "" && c.Asked.Face != "" {
		amount, currency, order = c.Asked.Amount.Minor, c.Currency, c.Asked.Reference
	}
	metadata := maps.Clone(i.metadata)
	if order != "" {
		metadata["wharf_order"] = order
	}
	intent := map[string]any{
		"id": i.id, "object": "payment_intent", "amount": amount, "amount_capturable": 0, "amount_received": c.Captured,
		"currency": strings.ToLower(string(currency)), "created": i.created.Unix(), "livemode": s.options.Live,
		"client_secret": i.id + "_secret_simulated", "metadata": metadata, "status": i.status(c), "capture_method": "manual",
	}
	if i.status(c) == "requires_capture" {
		intent["amount_capturable"] = c.Rest()
	}
	if i.customer != "" {
		intent["customer"] = i.customer
	}
	if i.token != "" {
		intent["payment_method"] = i.token
	}
	if c.Method != "" {
		intent["payment_method"], intent["setup_future_usage"] = c.Method, "off_session"
	}
	switch {
	case i.status(c) == "requires_action":
		intent["next_action"] = map[string]any{
			"type": "redirect_to_url", "redirect_to_url": map[string]any{"url": s.world.ChallengeURL(i.key)},
		}
	case c.State == Declined && c.Refusal.Code != CodeMethod:
		intent["last_payment_error"] = stripeDecline(c.Refusal)
	}
	if c.Authorized > 0 || c.State == Pending {
		intent["latest_charge"] = any(c.Ref)
		if expand {
			intent["latest_charge"] = s.wordCharge(i, c, metadata)
		}
	}
	return intent
}

// stripeDecline words why a payment was declined.
func stripeDecline(r *Refusal) stripeFailure {
	if r.Code == CodeChallenge {
		return stripeFailure{Type: "card_error", Code: "authentication_required", Decline: "authentication_required", Message: r.Reason}
	}
	decline := "generic_decline"
	if r.Code == CodeFunds {
		decline = r.Code
	}
	return stripeFailure{Type: "card_error", Code: "card_declined", Decline: decline, Message: r.Reason}
}

// wordCharge words a charge. What a cancel or a smaller capture releases is no refund, as in Stripe's API since its
// version 2025-03-31.
func (s *Stripe) wordCharge(i *stripeIntent, c Charge, metadata map[string]string) map[string]any {
	status, multicapture := "succeeded", "unavailable"
	if c.State == Pending {
		status = "pending"
	}
	if s.options.Multicapture {
		multicapture = "available"
	}
	card := map[string]any{"brand": "visa", "last4": "4242", "multicapture": map[string]any{"status": multicapture}}
	if !c.ExpiresAt.IsZero() {
		card["capture_before"] = c.ExpiresAt.Unix()
	}
	return map[string]any{
		"id": c.Ref, "object": "charge", "amount": c.Authorized, "amount_captured": c.Captured, "amount_refunded": c.Refunded,
		"captured": c.Captured > 0, "refunded": c.Captured > 0 && c.Refunded == c.Captured, "disputed": c.Disputed > 0,
		"currency": strings.ToLower(string(c.Currency)), "status": status, "paid": status == "succeeded", "payment_intent": i.id,
		"metadata": metadata, "created": c.CreatedAt.Unix(), "livemode": s.options.Live,
		"payment_method_details": map[string]any{"type": "card", "card": card},
	}
}
