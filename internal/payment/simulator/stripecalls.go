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
