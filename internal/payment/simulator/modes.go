package simulator

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// Fault is one way to misbehave.
type Fault string

// The faults of calls. The first five do not book; all others do.
const (
	Down       Fault = "down"       // the connection is closed without an answer
	Hang       Fault = "hang"       // no answer, for as long as the caller waits
	Broken     Fault = "error"      // 500
	Throttled  Fault = "throttle"   // 429 with Retry-After
	Moved      Fault = "redirect"   // 307 to another place
	Slow       Fault = "slow"       // does everything later
	Malformed  Fault = "malformed"  // a body that is none
	Oversized  Fault = "oversized"  // a body without an end
	Cut        Fault = "cut"        // half of the body, then the connection breaks
	Dropped    Fault = "drop"       // books, then closes the connection before the answer
	Part       Fault = "part"       // a capture takes half of what it was asked to take
	AnswerSize Fault = "quote_more" // the answer names another amount
	AnswerCoin Fault = "quote_coin" // another currency
	AnswerRef  Fault = "quote_ref"  // another order
)

// The faults of callbacks.
const (
	Duplicated     Fault = "duplicate"       // ten times at once
	Shuffled       Fault = "shuffle"         // later, so that those that follow overtake it
	Early          Fault = "early"           // taken by the shop before the call that caused it is answered
	Lost           Fault = "lose"            // never sent
	WrongAmount    Fault = "wrong_amount"    // it tells of another amount
	WrongCurrency  Fault = "wrong_currency"  //
	WrongAccount   Fault = "wrong_account"   // of another merchant
	WrongReference Fault = "wrong_reference" // of another order
	TestEvent      Fault = "test_event"      // it says to be a test
)

var (
	callFaults     = []Fault{Down, Hang, Broken, Throttled, Moved, Slow, Malformed, Oversized, Cut, Dropped, Part, AnswerSize, AnswerCoin, AnswerRef}
	callbackFaults = []Fault{Duplicated, Shuffled, Early, Lost, WrongAmount, WrongCurrency, WrongAccount, WrongReference, TestEvent}
)

// Faults lists every way to misbehave.
func Faults() []Fault { return slices.Concat(callFaults, callbackFaults) }

// What a token makes of a charge.
type play struct {
	kind   Kind
	reason *Refusal
	fault  Fault // of the calls that come before the charge is in the books
}

func (p play) verdict() (Kind, *Refusal) {
	if p.kind == "" {
		return KindDecline, &Refusal{CodeMethod, "The payment provider does not know this payment method."}
	}
	return p.kind, p.reason
}

const reasonDeclined = "Your bank has declined the payment."

// tokens are the payment methods of this world. Any other is unknown, and declined.
var tokens = map[string]play{
	"approve":                    {kind: KindAuthorize},
	"decline":                    {kind: KindDecline, reason: &Refusal{CodeDeclined, reasonDeclined}},
	"decline_insufficient_funds": {kind: KindDecline, reason: &Refusal{CodeFunds, "Your bank has declined the payment: the account does not hold enough money."}},
	"challenge":                  {kind: KindChallenge},
	"pending":                    {kind: KindPending},
	"dispute":                    {kind: KindAuthorize}, // everything that is taken is taken back by the bank
	"slow":                       {kind: KindAuthorize, fault: Slow},
	"timeout":                    {kind: KindAuthorize, fault: Hang},
	"error":                      {kind: KindAuthorize, fault: Broken},
	"throttle":                   {kind: KindAuthorize, fault: Throttled},
	"malformed":                  {kind: KindAuthorize, fault: Malformed},
	"cut":                        {kind: KindAuthorize, fault: Cut},
	"charge_then_drop":           {kind: KindAuthorize, fault: Dropped},
}

// Rule makes calls or callbacks misbehave until it is taken away.
type Rule struct {
	Fault  Fault    `json:"fault"`
	Share  float64  `json:"share,omitempty"`  // of the calls that it hits; all when 0
	Times  int      `json:"times,omitempty"`  // after so many it ends; never when 0
	Face   string   `json:"face,omitempty"`   // of one protocol only
	Calls  []string `json:"calls,omitempty"`  // of these operations only, such as authorize or lookup
	Charge string   `json:"charge,omitempty"` // of this key only
	Millis int      `json:"millis,omitempty"` // how long slow takes; 2 s when 0
}

func (r Rule) check() error {
	if !slices.Contains(Faults(), r.Fault) {
		return fmt.Errorf("there is no fault %.40q: choose one of %v", string(r.Fault), Faults())
	}
	if r.Share < 0 || r.Share > 1 || r.Times < 0 || r.Millis < 0 {
		return fmt.Errorf("a rule's share is between 0 and 1, and its numbers are not negative")
	}
	return nil
}

// wait is how long something takes that is slow.
func (r Rule) wait() time.Duration {
	return time.Duration(cmp.Or(r.Millis, 2000)) * time.Millisecond
}

// Modes decides which calls and callbacks misbehave. It is safe for concurrent use.
type Modes struct {
	mu    sync.Mutex
	rand  *rand.Rand
	rules []Rule
	hit   map[Fault]int
}

// NewModes behaves well until a rule is set.
func NewModes(seed uint64) *Modes {
	return &Modes{rand: rand.New(rand.NewPCG(seed, 1)), hit: map[Fault]int{}}
}

// Set replaces all rules; without any the world behaves.
func (m *Modes) Set(rules ...Rule) error {
	for _, r := range rules {
		if err := r.check(); err != nil {
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rules = slices.Clone(rules)
	return nil
}

// Rules gives the rules that hold.
func (m *Modes) Rules() []Rule {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]Rule{}, m.rules...)
}

// Hits says how often each fault has struck.
func (m *Modes) Hits() map[Fault]int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.hit)
}

// strike gives the rules of these faults that hit an operation, each with a throw of its own.
func (m *Modes) strike(faults []Fault, face, operation, charge string) map[Fault]Rule {
	m.mu.Lock()
	defer m.mu.Unlock()
	struck := map[Fault]Rule{}
	for i := 0; i < len(m.rules); i++ {
		r := m.rules[i]
		if !slices.Contains(faults, r.Fault) || (r.Face != "" && r.Face != face) ||
			(r.Charge != "" && r.Charge != charge) || (len(r.Calls) > 0 && !slices.Contains(r.Calls, operation)) ||
			(r.Share > 0 && m.rand.Float64() >= r.Share) {
			continue
		}
		struck[r.Fault] = r
		m.hit[r.Fault]++
		if r.Times == 1 {
			m.rules = slices.Delete(m.rules, i, i+1)
			i--
		} else if r.Times > 1 {
			m.rules[i].Times--
		}
	}
	return struck
}

// between gives a time up to d, for what is shuffled.
func (m *Modes) between(d time.Duration) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return time.Duration(m.rand.Int64N(int64(d)))
}
