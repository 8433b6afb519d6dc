package simulator

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/wharfhq/wharf/internal/clock"
	"github.com/wharfhq/wharf/internal/money"
)

// BooksOptions are the provider's terms of business.
type BooksOptions struct {
	Once   bool          // a capture of less than all releases the rest
	Expiry time.Duration // how long an amount stays reserved; 0 is for ever
	Clock  clock.Clock   // the machine's when nil
}

// Books is what the provider knows. It is safe for concurrent use; one file belongs to one process at a time.
type Books struct {
	options BooksOptions

	mu      sync.Mutex
	ledger  *ledger
	last    Entry // the newest
	charges map[string]*Charge
	refs    map[string]string // the provider's name of a charge to its key
	heard   map[string]heard  // by key, what was asked and what was answered first
	methods map[string]*Method
}

// heard is what came of a key.
type heard struct {
	asked string // the parameters, as one text
	kind  Kind
	first Answer
}

// Change asks for a charge to be captured, refunded or voided.
type Change struct {
	Key    string
	Charge string      // the key of its authorization
	Amount money.Money // Void ignores it and releases all that is left
	Face   string      // with Void, whose key it is when it was never heard of
}

// Answer is what comes of an operation.
type Answer struct {
	Charge  Charge   // as it stands now
	First   Charge   // as it stood right after the entry
	Entry   Entry    // what was written when the key was heard for the first time
	Refusal *Refusal // why nothing has moved; the same for the key for good
	Again   bool     // whether the key was heard before
}

// Method is a payment method that the provider keeps for a customer.
type Method struct {
	Ref      string `json:"ref"`
	Customer string `json:"customer"`
	Token    string `json:"token"` // what it stands for
	Label    string `json:"label"`
	Useless  bool   `json:"useless,omitempty"` // it was forgotten
}

const methodLabel = "Visa ending in 4242"

// The errors of the books. A refusal is no error: it is an answer.
var (
	ErrKeyReused     = errors.New("the key was used for something else")
	ErrUnknownCharge = errors.New("no charge under this key")
)

// OpenBooks opens the books at a path, or begins them.
func OpenBooks(path string, o BooksOptions) (*Books, error) {
	if o.Clock == nil {
		o.Clock = clock.System
	}
	b := &Books{
		options: o, charges: map[string]*Charge{}, refs: map[string]string{}, heard: map[string]heard{}, methods: map[string]*Method{},
	}
	var err error
	b.ledger, err = openLedger(path, b.know)
	return b, err
}

// Close closes the file.
func (b *Books) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ledger.close()
}

// enter writes an entry and then knows it: what is not on disk has not happened.
func (b *Books) enter(e Entry) error {
	e.Number = b.last.Number + 1
	if e.At = b.options.Clock.Now().UTC().Round(0); !e.At.After(b.last.At) {
		e.At = b.last.At.Add(time.Microsecond) // so that the order of times is the order of entries
	}
	if err := b.ledger.write(e); err != nil {
		return err
	}
	b.know(e)
	return nil
}

// know takes an entry of the file into account, in the order in which they stand there.
func (b *Books) know(e Entry) {
	b.last = e
	if e.Kind == KindForget {
		b.methods[e.Charge].Useless = true
		return
	}
	c := b.charges[e.Charge]
	if c == nil {
		c = &Charge{}
		b.charges[e.Charge] = c
	}
	c.enter(e, b.options)
	b.refs[c.Ref] = e.Charge
	if c.Method != "" && b.methods[c.Method] == nil {
		b.methods[c.Method] = &Method{
			Ref: c.Method, Customer: c.Asked.Customer, Token: c.Asked.Method, Label: methodLabel,
		}
	}
	switch {
	case e.Asked != nil:
		b.heard[e.Key] = heard{e.Asked.text(), KindAuthorize, Answer{Charge: *c, First: *c, Entry: e, Refusal: e.Refusal}}
	case e.Key != "":
		b.heard[e.Key] = heard{changeText(e.Kind, e.Charge, e.Wanted, e.Currency), e.Kind, Answer{Charge: *c, First: *c, Entry: e, Refusal: e.Refusal}}
	}
}

// text is what must be the same when a key comes back.
func (a Authorization) text() string {
	return fmt.Sprintf("authorize %q %q %q %d %s", a.Account, a.Reference, a.Token, a.Amount.Minor, a.Amount.CurrencyCode)
}

func changeText(kind Kind, charge string, amount int64, currency money.Currency) string {
	return fmt.Sprintf("%s %q %d %s", kind, charge, amount, currency)
}

// again answers a key that was heard before. Other parameters under it are a mistake of the shop, not a new wish.
func (b *Books) again(key, charge, asked string) (Answer, bool, error) {
	h, ok := b.heard[key]
	if !ok {
		return Answer{}, false, nil
	}
	if h.asked != asked {
		return Answer{}, true, fmt.Errorf("%s: %w", key, ErrKeyReused)
	}
	answer := h.first
	answer.Again = true
	answer.Charge = b.current(charge)
	if h.kind == KindAuthorize { // the verdict may have come since
		answer.Refusal = answer.Charge.decline()
	}
	return answer, true, nil
}

// current is a charge as it stands, or one without a state.
func (b *Books) current(key string) Charge {
	if c := b.charges[key]; c != nil {
		return *c
	}
	return Charge{}
}
