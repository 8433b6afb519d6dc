package simulator

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wharfhq/wharf/internal/money"
)

// stripeRefund is a refund that a shop has asked for.
type stripeRefund struct {
	id       string
	amount   int64
	currency money.Currency
	metadata map[string]string
}

func (f stripeRefund) word(intent string) map[string]any {
	return map[string]any{
		"id": f.id, "object": "refund", "amount": f.amount, "currency": strings.ToLower(string(f.currency)),
		"payment_intent": intent, "status": "succeeded", "metadata": f.metadata,
	}
}

func (s *Stripe) refund(r *http.Request, _ Show) Reply {
	i := s.intent(r.Form.Get("payment_intent"))
	if i == nil {
		return stripeMissing("payment_intent", r.Form.Get("payment_intent"))
	}
	amount, _ := strconv.ParseInt(r.Form.Get("amount"), 10, 64) // what is no number is refused as 0
	key := s.bookKey(r)
	done, err := s.world.Refund(Change{Key: key, Charge: i.key, Amount: money.New(amount, i.amount.CurrencyCode)})
	if err != nil {
		return s.Refusal(http.StatusInternalServerError, err.Error())
	}
	if done.Refusal != nil {
		return stripeError(http.StatusBadRequest, stripeFailure{
			Type: "invalid_request_error", Message: "The refund is greater than what is left of the charge.", Param: "amount",
		})
	}
	made := stripeRefund{name("re_", key), amount, i.amount.CurrencyCode, stripeMetadata(r)}
	s.mu.Lock()
	s.refunds[i.id] = append(s.refunds[i.id], made)
	s.mu.Unlock()
	return stripeReply(http.StatusOK, made.word(i.id))
}

func (s *Stripe) listRefunds(r *http.Request, _ Show) Reply {
	id := r.Form.Get("payment_intent")
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []map[string]any{}
	for _, f := range slices.Backward(s.refunds[id]) {
		list = append(list, f.word(id))
	}
	return stripePage(r, list)
}

func (s *Stripe) listDisputes(r *http.Request, show Show) Reply {
	list := []map[string]any{}
	if i := s.intent(r.Form.Get("payment_intent")); i != nil {
		if c := s.booked(i, show); c.Disputed > 0 {
			list = append(list, stripeDispute(i, c))
		}
	}
	return stripePage(r, list)
}

func stripeDispute(i *stripeIntent, c Charge) map[string]any {
	return map[string]any{
		"id": name("dp_", i.key), "object": "dispute", "amount": c.Disputed, "currency": strings.ToLower(string(c.Currency)),
		"charge": c.Ref, "payment_intent": i.id, "status": "needs_response", "metadata": map[string]string{},
	}
}

// stripePage words one page of a list that has the newest first.
func stripePage(r *http.Request, list []map[string]any) Reply {
	limit, err := strconv.Atoi(r.Form.Get("limit"))
	if err != nil || limit < 1 || limit > 100 {
		limit = 10
	}
	if after := r.Form.Get("starting_after"); after != "" {
		at := slices.IndexFunc(list, func(o map[string]any) bool { return o["id"] == after })
		list = list[at+1:]
	}
	more := len(list) > limit
	return stripeReply(http.StatusOK, map[string]any{
		"object": "list", "url": r.URL.Path, "has_more": more, "data": list[:min(limit, len(list))],
	})
}

// stripeWithin says whether a time is in the range that a call asks for.
func stripeWithin(r *http.Request, at time.Time) bool {
	for bound, keeps := range map[string]func(at, bound int64) bool{
		"gt":  func(at, b int64) bool { return at > b },
		"gte": func(at, b int64) bool { return at >= b },
		"lt":  func(at, b int64) bool { return at < b },
		"lte": func(at, b int64) bool { return at <= b },
	} {
		if text := r.Form.Get("created[" + bound + "]"); text != "" {
			if b, err := strconv.ParseInt(text, 10, 64); err != nil || !keeps(at.Unix(), b) {
				return false
			}
		}
	}
	return true
}

// all lists the intents of one account, the newest first.
func (s *Stripe) all(account string) []*stripeIntent {
	charges, _ := s.world.Books.Changed(time.Time{}, 0, 1<<31-1) // without its books the world answers nothing else either
	for _, c := range charges {
		if c.Asked.Face == s.Name() {
			s.intent(name("pi_", c.Key()))
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []*stripeIntent{}
	for _, i := range s.intents {
		if i.account == account {
			list = append(list, &i)
		}
	}
	slices.SortFunc(list, func(x, y *stripeIntent) int { return cmp.Or(y.created.Compare(x.created), strings.Compare(y.id, x.id)) })
	return list
}

func (s *Stripe) list(r *http.Request, show Show) Reply {
	list := []map[string]any{}
	for _, i := range s.all(r.Header.Get("Stripe-Account")) {
		if stripeWithin(r, i.created) {
			list = append(list, s.word(i, s.booked(i, show), stripeExpands(r, "data.latest_charge")))
		}
	}
	return stripePage(r, list)
}

// search finds intents by one value of their metadata, once the index has caught up.
func (s *Stripe) search(r *http.Request, show Show) Reply {
	field, value, ok := strings.Cut(strings.TrimPrefix(r.Form.Get("query"), "metadata['"), "']:'")
	list := []map[string]any{}
	for _, i := range s.all(r.Header.Get("Stripe-Account")) {
		fits := ok && i.metadata[field] == strings.TrimSuffix(value, "'")
		if fits && s.now().Sub(i.created) >= s.options.Behind {
			list = append(list, s.word(i, s.booked(i, show), stripeExpands(r, "data.latest_charge")))
		}
	}
	return stripeReply(http.StatusOK, map[string]any{"object": "search_result", "url": r.URL.Path, "has_more": false, "data": list})
}

// listEvents tells what has happened last to each charge.
func (s *Stripe) listEvents(r *http.Request, show Show) Reply {
	list := []map[string]any{}
	for _, i := range s.all(r.Header.Get("Stripe-Account")) {
		c := s.booked(i, show)
		if c.State == "" || !stripeWithin(r, c.ChangedAt) {
			continue
		}
		kind, object := s.latest(i, c)
		if !slices.ContainsFunc(stripeTypes(r), func(t string) bool { return t == kind }) {
			continue
		}
		list = append(list, s.event("evt_"+i.id+strconv.FormatInt(c.Change, 10), kind, object, c.ChangedAt, s.options.Live, i.account))
	}
	slices.SortStableFunc(list, func(x, y map[string]any) int { return cmp.Compare(y["created"].(int64), x["created"].(int64)) })
	return stripePage(r, list)
}

func stripeTypes(r *http.Request) []string {
	var types []string
	for key, values := range r.Form {
		if strings.HasPrefix(key, "types[") {
			types = append(types, values...)
		}
	}
	return types
}

// latest is the event that tells how a charge stands.
func (s *Stripe) latest(i *stripeIntent, c Charge) (string, map[string]any) {
	switch {
	case c.Disputed > 0:
		return "charge.dispute.created", stripeDispute(i, c)
	case c.Refunded > 0:
		return "charge.refunded", s.wordCharge(i, c, i.metadata)
	}
	kinds := map[string]string{
		"succeeded": "payment_intent.succeeded", "canceled": "payment_intent.canceled",
		"requires_capture": "payment_intent.amount_capturable_updated", "processing": "payment_intent.processing",
		"requires_action": "payment_intent.requires_action", "requires_payment_method": "payment_intent.payment_failed",
	}
	return kinds[i.status(c)], s.word(i, c, false)
}

func (s *Stripe) customer(r *http.Request, _ Show) Reply {
	return stripeReply(http.StatusOK, map[string]any{
		"id": name("cus_", r.Form.Get("metadata[wharf_customer]")+r.Header.Get("Idempotency-Key")), "object": "customer", "metadata": stripeMetadata(r),
	})
}

// kept finds a method that is kept for somebody.
func (s *Stripe) kept(ref string) (Method, bool) {
	s.world.Books.mu.Lock()
	defer s.world.Books.mu.Unlock()
	if m := s.world.Books.methods[ref]; m != nil {
		return *m, true
	}
	return Method{}, false
}

func (s *Stripe) method(r *http.Request, _ Show) Reply {
	m, ok := s.kept(r.PathValue("id"))
	if !ok {
		return stripeMissing("PaymentMethod", r.PathValue("id"))
	}
	word := map[string]any{"id": m.Ref, "object": "payment_method", "type": "card", "customer": m.Customer}
	if m.Useless {
		word["customer"] = nil
	}
	return stripeReply(http.StatusOK, word)
}

func (s *Stripe) detach(r *http.Request, show Show) Reply {
	m, ok := s.kept(r.PathValue("id"))
	switch {
	case !ok:
		return stripeMissing("PaymentMethod", r.PathValue("id"))
	case m.Useless:
		return stripeError(http.StatusBadRequest, stripeFailure{Type: "invalid_request_error", Message: "It is not attached to a customer."})
	}
	if err := s.world.Books.Forget(m.Ref); err != nil {
		return s.Refusal(http.StatusInternalServerError, err.Error())
	}
	return s.method(r, show)
}
