package simulator

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// StripeOptions are the terms of an account at Stripe.
type StripeOptions struct {
	Key          string        // the secret key; any is taken when it is empty
	Secret       string        // with which callbacks are signed
	Live         bool          // whether the key moves real money
	Multicapture bool          // whether a card may be captured in parts; the Books must not be Once then
	Behind       time.Duration // how much its search is behind; a minute when 0
}

// Stripe is the face that speaks Stripe's API, as far as a shop uses it: form-encoded calls, JSON answers, keys that
// repeat the first answer, and signed events. The payment methods are the tokens of this world.
type Stripe struct {
	options StripeOptions
	world   *World

	mu      sync.Mutex
	intents map[string]stripeIntent // by name; those that were confirmed are in the Books too
	refunds map[string][]stripeRefund
	keys    map[string]stripeKey
	day     int // how often it has forgotten them
}

// NewStripe makes the face.
func NewStripe(o StripeOptions) *Stripe {
	if o.Behind == 0 {
		o.Behind = time.Minute
	}
	return &Stripe{options: o, intents: map[string]stripeIntent{}, refunds: map[string][]stripeRefund{}, keys: map[string]stripeKey{}}
}

// Name is where it is mounted.
func (*Stripe) Name() string { return "stripe" }

// Handler answers the API.
func (s *Stripe) Handler(w *World) http.Handler {
	s.world = w
	mux := http.NewServeMux()
	for pattern, operation := range map[string]stripeOperation{
		"POST /v1/payment_intents":              {"create", s.create},
		"GET /v1/payment_intents":               {"list", s.list},
		"GET /v1/payment_intents/search":        {"search", s.search},
		"GET /v1/payment_intents/{id}":          {"lookup", s.retrieve},
		"POST /v1/payment_intents/{id}/confirm": {"authorize", s.confirm},
		"POST /v1/payment_intents/{id}/capture": {"capture", s.capture},
		"POST /v1/payment_intents/{id}/cancel":  {"void", s.cancel},
		"POST /v1/refunds":                      {"refund", s.refund},
		"GET /v1/refunds":                       {"refunds", s.listRefunds},
		"GET /v1/disputes":                      {"disputes", s.listDisputes},
		"GET /v1/events":                        {"events", s.listEvents},
		"POST /v1/customers":                    {"customer", s.customer},
		"GET /v1/payment_methods/{id}":          {"method", s.method},
		"POST /v1/payment_methods/{id}/detach":  {"forget", s.detach},
	} {
		mux.HandleFunc(pattern, func(rw http.ResponseWriter, r *http.Request) { s.serve(rw, r, operation) })
	}
	return mux
}

// stripeOperation is one call of the API, and its name for whoever sets the rules of misbehaving.
type stripeOperation struct {
	name string
	act  func(*http.Request, Show) Reply
}

func (s *Stripe) serve(rw http.ResponseWriter, r *http.Request, operation stripeOperation) {
	r.Body = http.MaxBytesReader(rw, r.Body, 1<<20)
	if err := r.ParseForm(); err != nil {
		write(rw, s.Refusal(http.StatusBadRequest, "The body is no form."))
		return
	}
	if got := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "); s.options.Key != "" && got != s.options.Key {
		write(rw, s.Refusal(http.StatusUnauthorized, "Invalid API Key provided."))
		return
	}
	call := Call{Face: s, Operation: operation.name, Token: r.Form.Get("payment_method"), Charge: s.chargeOf(r)}
	s.world.Serve(rw, r, call, func(show Show) Reply {
		return s.once(r, func() Reply { return operation.act(r, show) })
	})
}

// chargeOf is the key of the charge that a call is about; empty when it is about none.
func (s *Stripe) chargeOf(r *http.Request) string {
	for _, id := range []string{r.PathValue("id"), r.Form.Get("payment_intent")} {
		if intent := s.intent(id); intent != nil {
			return intent.key
		}
	}
	return r.Form.Get("metadata[wharf_key]")
}

// stripeKey is what came of the first call under an idempotency key.
type stripeKey struct {
	call  string // what was called, with its parameters
	reply *Reply // nil while the call is under way
}

// once answers a call under a key that was used before as the first one was answered, also when it has failed.
func (s *Stripe) once(r *http.Request, act func() Reply) Reply {
	key := r.Header.Get("Idempotency-Key")
	if r.Method != http.MethodPost || key == "" {
		return act()
	}
	call := r.URL.Path + "?" + r.PostForm.Encode()
	s.mu.Lock()
	known, again := s.keys[key]
	if !again {
		s.keys[key] = stripeKey{call: call}
	}
	s.mu.Unlock()
	switch {
	case !again:
		reply := act()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.keys[key] = stripeKey{call, &reply}
		return reply
	case known.call != call:
		return stripeError(http.StatusBadRequest, stripeFailure{
			Type: "idempotency_error", Message: "Keys for idempotent requests can only be used with the same parameters they were first used with.",
		})
	case known.reply == nil:
		return stripeError(http.StatusConflict, stripeFailure{
			Type: "idempotency_error", Code: "idempotency_key_in_use", Message: "Another request with this key is in progress.",
		})
	}
	reply := *known.reply
	reply.Header = reply.Header.Clone()
	reply.Header.Set("Idempotent-Replayed", "true")
	return reply
}

// stripeFailure is an error as Stripe words it.
type stripeFailure struct {
	Type    string `json:"type"`
	Code    string `json:"code,omitempty"`
	Decline string `json:"decline_code,omitempty"`
	Message string `json:"message"`
	Param   string `json:"param,omitempty"`
}

func stripeError(status int, failure stripeFailure) Reply {
	return stripeReply(status, map[string]any{"error": failure})
}

func stripeReply(status int, v any) Reply {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // it is made of strings and numbers
	}
	return Reply{Status: status, Header: http.Header{"Content-Type": {"application/json"}, "Request-Id": {"req_simulated"}}, Body: body}
}

// Refusal words an error that the world answers by itself.
func (*Stripe) Refusal(status int, message string) Reply {
	kind := "api_error"
	if status < http.StatusInternalServerError {
		kind = "invalid_request_error"
	}
	code := ""
	if status == http.StatusTooManyRequests {
		code = "rate_limit"
	}
	return stripeError(status, stripeFailure{Type: kind, Code: code, Message: message})
}

func stripeMissing(what, id string) Reply {
	return stripeError(http.StatusNotFound, stripeFailure{
		Type: "invalid_request_error", Code: "resource_missing", Message: "No such " + what + ": '" + id + "'", Param: "id",
	})
}

// stripeState refuses a call that an intent's status does not allow.
func stripeState(status string) Reply {
	return stripeError(http.StatusBadRequest, stripeFailure{
		Type: "invalid_request_error", Code: "payment_intent_unexpected_state",
		Message: "This PaymentIntent can't be used for that because it has a status of " + status + ".",
	})
}

// ForgetKeys lets a day pass, after which a key that was used before is a new one.
func (s *Stripe) ForgetKeys() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.keys)
	s.day++
}

// bookKey is the key of a call in the books, which forget nothing.
func (s *Stripe) bookKey(r *http.Request) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return name("", r.Header.Get("Idempotency-Key")+" "+strconv.Itoa(s.day))
}
