// Package paymenttest is what every payment provider must pass, whoever wrote it: the promises of payment.Provider,
// one test each. A vendor's own test calls Run and adds what only it can do.
package paymenttest

import (
	"net/http"
	"testing"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/payment"
)

// Vendor is a provider under test, with what only it can know.
type Vendor struct {
	Provider payment.Provider
	Approved string // a token that is approved at once
	Declined string // a token that is declined; empty when the provider never declines
	Books    bool   // whether it reserves money; a provider that is paid outside does not
	Saves    bool   // whether it keeps methods for customers

	// SignedBody says that a notification carries its signature in its body, so that no header matters.
	SignedBody bool

	// Challenged is a token for which the shopper must act; empty when that never happens. Act is the shopper, who does
	// what the charge asks for; nil when the provider believes whoever says to have done it.
	Challenged string
	Act        func(t *testing.T, c payment.Charge)
	// Refuse is a shopper who refuses to, and of whom nobody is told; nil when that can't be played.
	Refuse func(t *testing.T, key string, c payment.Charge)

	// Pending is a token that is decided later; empty when all are decided at once. Settle lets the charge with this key
	// end well, unless it is closed, and gives the notification that tells of it, or nil when there is nothing to tell.
	Pending string
	Settle  func(t *testing.T, key string) (http.Header, []byte)
	// Stays says that what is pending can't be withdrawn: voiding it fails until it is decided.
	Stays bool

	// Expires is a token whose reservation ends, Days one that is decided days later; empty when there is none.
	Expires string
	Days    string
}

// Run tests the promises. open gives a provider that nobody else uses.
func Run(t *testing.T, open func(t *testing.T) Vendor) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, Vendor){
		"it says who it is":                                    about,
		"the same key never reserves twice":                    sameKey,
		"the same key at once from many sides reserves once":   sameKeyAtOnce,
		"a decline is final":                                   declineIsFinal,
		"what nobody asked for is unknown":                     unknownKey,
		"a look-up finds what was reserved":                    lookup,
		"a voided key is closed for good":                      voided,
		"a key that was never heard of can be closed":          closedUnheard,
		"closing and reserving at once never leaves money":     closeRace,
		"a capture takes once, and no more than was reserved":  capture,
		"a refund gives back once, and no more than was taken": refund,
		"what was taken is not voided":                         voidAfterCapture,
		"an impatient caller gets its answer in time":          deadline,
		"a key serves one amount":                              oneAmount,
		"a change's key serves one amount":                     oneChange,
		"the same change at once from many sides is done once": sameChangeAtOnce,
		"many captures at once never take too much":            capturesAtOnce,
		"many refunds at once never give too much":             refundsAtOnce,
		"a refund of part leaves the rest to be refunded":      refundRest,
		"a shopper who must act is waited for":                 challenge,
		"a challenge that was called off books nothing":        challengeVoided,
		"a challenge that is refused is shown as declined":     challengeRefused,
		"what is pending is settled, and told":                 pending,
		"what is pending and was voided stays closed":          pendingVoided,
		"a forged notification is refused":                     forged,
		"the books show every charge":                          books,
		"the books end":                                        booksEnd,
		"a saved method serves its customer until forgotten":   vault,
		"a reservation that ends says when":                    expiry,
		"a charge that takes days says until when":             settling,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

const amount = 4860

func key() string { return uuid.Must(uuid.NewV7()).String() }

func usd(minor int64) money.Money { return money.New(minor, "USD") }

func authorization(token string) payment.Authorization {
	return payment.Authorization{Key: key(), Reference: key(), Token: token, Amount: usd(amount)}
}

func change(a payment.Authorization, minor int64) payment.Change {
	return payment.Change{Key: key(), Charge: a.Key, Reference: a.Reference, Amount: usd(minor)}
}

// reserved fails unless the charge has these totals; a provider that does not book has none.
func reserved(t *testing.T, v Vendor, c payment.Charge, authorized, captured, refunded, voided int64) {
	t.Helper()
	if !v.Books {
		authorized, captured, refunded, voided = 0, 0, 0, 0
	}
	got := [4]int64{c.Authorized.Minor, c.Captured.Minor, c.Refunded.Minor, c.Voided.Minor}
	if want := [4]int64{authorized, captured, refunded, voided}; got != want {
		t.Errorf("authorized, captured, refunded, voided are %v, not %v", got, want)
	}
}
