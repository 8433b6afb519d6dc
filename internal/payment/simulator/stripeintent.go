package simulator

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
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

func (s *Stripe) reply(r *http.Request, i *stripeIntent, show Show) Reply {
	return stripeReply(http.StatusOK, s.word(i, s.booked(i, show), stripeExpands(r, "latest_charge")))
}

// stripeExpands says whether a call wants an object whole that is given by its name otherwise.
func stripeExpands(r *http.Request, field string) bool {
	for key, values := range r.Form {
		if !strings.HasPrefix(key, "expand[") {
			continue
		}
		if slices.Contains(values, field) {
			return true
		}
	}
	return false
}

func (s *Stripe) create(r *http.Request, show Show) Reply {
	amount, err := strconv.ParseInt(r.Form.Get("amount"), 10, 64)
	if err != nil || amount <= 0 {
		return stripeError(http.StatusBadRequest, stripeFailure{
			Type: "invalid_request_error", Code: "parameter_invalid_integer", Message: "Invalid positive integer", Param: "amount",
		})
	}
	i := &stripeIntent{
		key: r.Form.Get("metadata[wharf_key]"), account: r.Header.Get("Stripe-Account"), customer: r.Form.Get("customer"),
		amount: money.New(amount, money.Currency(strings.ToUpper(r.Form.Get("currency")))), metadata: stripeMetadata(r),
		created: s.now(),
	}
	i.id = name("pi_", i.key)
	s.mu.Lock()
	s.intents[i.id] = *i
	s.mu.Unlock()
	return s.reply(r, i, show)
}

func (s *Stripe) now() time.Time { return s.world.Books.options.Clock.Now().UTC() }

func stripeMetadata(r *http.Request) map[string]string {
	metadata := map[string]string{}
	for key, values := range r.PostForm {
		if name, ok := strings.CutPrefix(key, "metadata["); ok {
			metadata[strings.TrimSuffix(name, "]")] = values[0]
		}
	}
	return metadata
}

func (s *Stripe) retrieve(r *http.Request, show Show) Reply {
	i := s.intent(r.PathValue("id"))
	if i == nil {
		return stripeMissing("payment_intent", r.PathValue("id"))
	}
	return s.reply(r, i, show)
}

func (s *Stripe) confirm(r *http.Request, show Show) Reply {
	i := s.intent(r.PathValue("id"))
	if i == nil {
		return stripeMissing("payment_intent", r.PathValue("id"))
	}
	if r.Form.Get("return_url") == "" {
		return stripeError(http.StatusBadRequest, stripeFailure{Type: "invalid_request_error", Message: "A return_url is needed.", Param: "return_url"})
	}
	now, err := s.world.Books.Charge(i.key)
	if status := i.status(now); i.canceled || (err == nil && status != "requires_payment_method") {
		return stripeState(status)
	}
	i = s.change(i, func(i *stripeIntent) {
		i.token, i.save = r.Form.Get("payment_method"), r.Form.Get("setup_future_usage") != ""
	})
	done, err := s.world.Authorize(Authorization{
		Face: s.Name(), Account: i.account, Key: i.key, Reference: i.metadata["wharf_order"], Token: i.token, Amount: i.amount,
		Customer: i.customer, Save: i.save, OffSession: r.Form.Get("off_session") == "true",
	})
	switch {
	case err != nil:
		return s.Refusal(http.StatusInternalServerError, err.Error())
	case done.Refusal == nil:
		return s.reply(r, i, show)
	case done.Refusal.Code == CodeClosed:
		return stripeState("canceled")
	case done.Refusal.Code == CodeMethod:
		return stripeMissing("PaymentMethod", i.token)
	}
	return stripeError(http.StatusPaymentRequired, stripeDecline(done.Refusal))
}

func (s *Stripe) capture(r *http.Request, show Show) Reply {
	i := s.intent(r.PathValue("id"))
	if i == nil {
		return stripeMissing("payment_intent", r.PathValue("id"))
	}
	now := s.booked(i, func(c Charge) Charge { return c })
	if status := i.status(now); status != "requires_capture" {
		return stripeState(status)
	}
	final := r.Form.Get("final_capture") != "false"
	if !final && !s.options.Multicapture {
		return stripeError(http.StatusBadRequest, stripeFailure{Type: "invalid_request_error", Message: "Multicapture is not available.", Param: "final_capture"})
	}
	amount := now.Rest()
	if text := r.Form.Get("amount_to_capture"); text != "" {
		amount, _ = strconv.ParseInt(text, 10, 64) // what is no number is refused as 0
	}
	key := s.bookKey(r)
	done, err := s.world.Capture(Change{Key: key, Charge: i.key, Amount: money.New(amount, now.Currency)})
	if err != nil {
		return s.Refusal(http.StatusInternalServerError, err.Error())
	}
	if done.Refusal != nil {
		return stripeError(http.StatusBadRequest, stripeFailure{
			Type: "invalid_request_error", Code: "amount_too_large", Message: "The amount is not available.", Param: "amount_to_capture",
		})
	}
	i = s.change(i, func(i *stripeIntent) { maps.Copy(i.metadata, stripeMetadata(r)) })
	if final && done.Charge.Rest() > 0 {
		if _, err := s.world.Void(Change{Key: key + " rest", Charge: i.key, Amount: money.New(0, now.Currency)}); err != nil {
			return s.Refusal(http.StatusInternalServerError, err.Error())
		}
	}
	return s.reply(r, i, show)
}

func (s *Stripe) cancel(r *http.Request, show Show) Reply {
	i := s.intent(r.PathValue("id"))
	if i == nil {
		return stripeMissing("payment_intent", r.PathValue("id"))
	}
	now, err := s.world.Books.Charge(i.key)
	if status := i.status(now); status == "succeeded" || status == "canceled" || status == "processing" {
		return stripeState(status)
	}
	i = s.change(i, func(i *stripeIntent) { i.canceled = err != nil || now.State != Authorized })
	if _, err := s.world.Void(Change{Key: s.bookKey(r), Charge: i.key, Amount: i.amount}); err != nil {
		return s.Refusal(http.StatusInternalServerError, err.Error())
	}
	return s.reply(r, i, show)
}
