package payment

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/wharfhq/wharf/internal/money"
)

// Provider moves money outside the shop. One folder below this package holds one vendor.
//
// Every call carries a key, and the same key never moves money twice: a call that is repeated answers with what the
// first one did. All methods are safe for concurrent use, respect the context's deadline and never hold a database
// transaction of the shop. The answer is always the whole charge as it stands now, so that a provider which answers
// at once and one which answers later, by notification, look the same.
//
// Errors: ErrDeclined is a definite no and final for that key; ErrActionRequired asks the shopper to act; any other
// error means that the outcome is unknown, and the shop looks it up before it tries again. Among these, ErrNonsense tells an
// answer that makes no sense from none at all.
type Provider interface {
	// About says under which name shoppers choose it. The name is stored with every attempt and never changes.
	About() PaymentProvider
	// Authorize reserves the amount. A charge in state ChargePending settles later.
	Authorize(ctx context.Context, a Authorization) (Charge, error)
	// Capture takes a reserved amount.
	Capture(ctx context.Context, c Change) (Charge, error)
	// Refund gives a captured amount back.
	Refund(ctx context.Context, c Change) (Charge, error)
	// Void releases what is reserved and not captured, and closes the charge's key for good: when the provider has
	// never heard of it, an authorization that arrives late is refused. What is captured stays, and shows in the answer.
	Void(ctx context.Context, c Change) (Charge, error)
	// Lookup tells what the provider knows under the key of an authorization, or ErrUnknownKey.
	Lookup(ctx context.Context, key string) (Charge, error)
}

// PaymentProvider is what a shopper needs to know of a provider.
type PaymentProvider struct {
	Name       string // by which it is chosen
	Title      string // for people
	NeedsToken bool   // whether a method of it needs a token
	Once       bool   // whether a capture of less than all releases the rest, so that there is no second one
	Outside    bool   // whether its money comes and goes outside: the shop's books are the only ones, and the staff say what came
}

// Bookkeeper is a provider whose books can be read, so that they can be compared with the shop's both ways.
type Bookkeeper interface {
	// Charges lists the charges that have changed since then, oldest change first, and the page that comes next; an
	// empty page asks for the first and says that there is no more. Any other is asked for with the same time as the first,
	// for a quarter of an hour. Beside ErrNonsense come those that could be read.
	Charges(ctx context.Context, since time.Time, page string) (charges []Entry, next string, err error)
}

// Entry is one charge in a provider's books.
type Entry struct {
	Key       string // the key of its authorization; empty when it was not made by a shop like this one
	Reference string // the order's id, as it was given with the authorization
	Charge    Charge
	ChangedAt time.Time
	Unread    string // why the charge can't be read, in words for people; then only its key, reference and time count
	renamed   bool   // the key is the shop's own name for one that cannot be kept
	torn      bool   // its page makes no sense as a whole
}

// Vault is a provider that can forget a payment method that it keeps for a customer.
type Vault interface {
	// Forget makes the method useless. One that it does not know is forgotten already.
	Forget(ctx context.Context, ref string) error
}

// Notifier is a provider that sends callbacks. A notification is a hint, never the truth: it says which charge has
// changed, and the shop then looks that charge up.
type Notifier interface {
	// Notification checks the signature over the bytes as they came and says which charges have changed, or ErrForged, or
	// Unusable for what is genuine and makes no sense. After any other error it is to be sent again.
	Notification(header http.Header, body []byte) ([]Notice, error)
}

// Notice says that a charge has changed.
type Notice struct {
	ID        string // the provider's own name of the notification, the same however often it is sent
	Charge    string // the key of the charge's authorization
	Foreign   string // why it is not for this shop: of another account, or a test sent to a live shop; empty when it is
	Attention string // what people must see to, since no amount of the charge tells it: it is told, and not followed
}

// Keeper is a Notifier that cannot be asked about a charge, so that it knows only what it has been told: its Lookup adds
// up the notifications that it has kept.
type Keeper interface {
	Notifier
	// Keep keeps a notification that was found genuine, before the shop acknowledges it. The same one twice is kept once.
	Keep(ctx context.Context, header http.Header, body []byte) error
}

// Acknowledger is a Notifier whose notifications are answered with certain words.
type Acknowledger interface {
	Notifier
	Acknowledgement() string
}

// Rehearser is a provider that plays its own outside world: it settles a pending charge when the shop asks it to, and
// gives the notification that a real one would send by itself.
type Rehearser interface {
	Notifier
	SettlesAfter() time.Duration
	Settle(ctx context.Context, key string) (http.Header, []byte, error)
}

// Authorization asks for an amount to be reserved.
type Authorization struct {
	Key        string      // the attempt's id
	Reference  string      // the order's id, for the provider's books
	Token      string      // the provider's own reference of the payment method; never card data
	Amount     money.Money // what is reserved, whole or not at all
	Challenged bool        // the shopper says to have done what ErrActionRequired asked for
	Result     string      // what the shopper has brought back from there; empty when there was nothing to bring
	Customer   string      // the customer's id; empty for a guest
	Save       bool        // the customer wants to pay with this method again
	OffSession bool        // nobody is there who could be asked, such as when an authorization is renewed
}

// Change asks for a charge to be captured, refunded or voided.
type Change struct {
	Key       string      // the operation's id
	Charge    string      // the key of the authorization
	Reference string      // the order's id
	Amount    money.Money // what is taken or given back; Void ignores it and releases all that is left
}

// ChargeState says how far a provider has got with a charge.
type ChargeState string

// The states of a charge.
const (
	ChargeAuthorized ChargeState = "AUTHORIZED" // the amount is reserved or already taken
	ChargeInvoiced   ChargeState = "INVOICED"   // the shopper pays later, outside; the order goes on at once
	ChargePending    ChargeState = "PENDING"    // the provider decides later
	ChargeChallenge  ChargeState = "CHALLENGE"  // the shopper must act first
	ChargeDeclined   ChargeState = "DECLINED"   // refused for good
	ChargeClosed     ChargeState = "CLOSED"     // voided: nothing can be reserved under this key any more
)

// Charge is what a provider knows under one key. The amounts are totals since its beginning.
type Charge struct {
	State        ChargeState
	Ref          string // the provider's own name of it
	Reference    string // the order's id, as it was given with the authorization; empty when the provider does not say
	Reason       string // why it is declined or waits, in words that a shopper may read
	ChallengeURL string // where the shopper does what ErrActionRequired asks for; empty when there is no such page
	Authorized   money.Money
	Captured     money.Money
	Refunded     money.Money
	Voided       money.Money
	Disputed     money.Money // what the shopper's bank has taken back, or wants to; less when the shop has won
	DisputeLost  money.Money // the part of Disputed that is gone for good
	ExpiresAt    *time.Time  // when the provider lets go of what is reserved; nil when it does not say
	SettlesBy    *time.Time  // until when a pending charge is decided; nil when that is a matter of minutes
	Saved        *SavedMethod
}

// SavedMethod is a payment method that a provider keeps for a customer.
type SavedMethod struct {
	Ref   string // what to send as the token of an Authorization for the same customer
	Label string // for people, such as: Visa ending in 4242
}

// The errors of a provider that mean something. Everything else means that the outcome is unknown.
var (
	ErrDeclined       = errors.New("declined")
	ErrActionRequired = errors.New("the shopper must act")
	ErrUnknownKey     = errors.New("no charge under this key")
	ErrNonsense       = errors.New("the answer makes no sense")
	ErrForged         = errors.New("the notification's signature is wrong")
	ErrUnusable       = errors.New("the notification is of no use")
)

// nonsense is what is wrong with an answer.
type nonsense struct{ error }

func (n nonsense) Is(target error) bool { return target == ErrNonsense }
func (n nonsense) Unwrap() error        { return n.error }

// Nonsense says that there was an answer, and what in it makes no sense: operators read it. To wait does not help.
func Nonsense(wrong error) error { return nonsense{wrong} }

// unusable is a genuine notification that says nothing which the shop could follow.
type unusable struct {
	id     string // the provider's own name of it; empty when it has none
	reason string
}

func (u *unusable) Error() string { return ErrUnusable.Error() + ": " + u.reason }
func (u *unusable) Unwrap() error { return ErrUnusable }

// Unusable refuses a genuine notification for good: it would say the same the next time. The operators read why.
func Unusable(id, reason string) error { return &unusable{id, reason} }

// refusal carries the words for the shopper along with the kind of error.
type refusal struct {
	kind   error
	reason string
}

func (r *refusal) Error() string { return r.kind.Error() + ": " + r.reason }
func (r *refusal) Unwrap() error { return r.kind }

// Declined is a definite no, with a reason that a shopper may read.
func Declined(reason string) error { return &refusal{ErrDeclined, reason} }

// ActionRequired asks the shopper to act, with words that say what to do.
func ActionRequired(reason string) error { return &refusal{ErrActionRequired, reason} }

// Reason gives the words for the shopper of a decline or a request to act, else none.
func Reason(err error) string {
	var r *refusal
	if errors.As(err, &r) {
		return r.reason
	}
	return ""
}
