package adyen

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/wharfhq/wharf/internal/payment"
)

// token names a payment method: ideal is a kind that needs no details, scheme:8416038790273850@b0ac… a card that Adyen
// has stored for that shopper. Card data, encrypted or not, never passes through the shop: Adyen's own components store
// it, and the shop gets the name.
type token struct {
	kind    string
	stored  string
	shopper string
}

var tokenForm = regexp.MustCompile(`^([a-z][a-z0-9_]{1,63})(?::([A-Za-z0-9]{1,64})@([A-Za-z0-9_-]{3,128}))?$`)

// guest begins the name of every shopper who is no customer, so that nobody can name a customer's method as a guest's.
const guest = "guest-"

var errNoToken = errors.New("adyen: this token names no payment method that the shopper may use")

// read reads a token for a customer, or for a guest when there is none.
func readToken(text, customer string) (token, error) {
	parts := tokenForm.FindStringSubmatch(text)
	if parts == nil {
		return token{}, errNoToken
	}
	t := token{kind: parts[1], stored: parts[2], shopper: parts[3]}
	if t.stored != "" && t.shopper != customer && !strings.HasPrefix(t.shopper, guest) {
		return token{}, errNoToken
	}
	if t.shopper == "" {
		t.shopper = customer
	}
	return t, nil
}

func (t token) String() string { return t.kind + ":" + t.stored + "@" + t.shopper }

// saved is the method that was stored with a payment.
func (d additionalData) saved() savedMethod {
	t := token{kind: "scheme", stored: d.text("tokenization.storedPaymentMethodId"), shopper: d.text("tokenization.shopperReference")}
	if t.stored == "" {
		t.stored, t.shopper = d.text("recurring.recurringDetailReference"), d.text("recurring.shopperReference")
	}
	summary, brand := d.text("cardSummary"), d.text("paymentMethod")
	if summary == "" && brand != "" { // no card
		t.kind = brand
	}
	if !tokenForm.MatchString(t.String()) {
		return savedMethod{}
	}
	return savedMethod{ref: t.String(), label: label(brand, summary)}
}

// label is how people call a stored method, such as Visa ending in 4242.
func label(brand, summary string) string {
	names := map[string]string{"visa": "Visa", "mc": "Mastercard", "amex": "American Express", "maestro": "Maestro", "discover": "Discover"}
	name, ok := names[brand]
	switch {
	case !ok && summary == "":
		return cut(brand)
	case !ok:
		name = "Card"
	}
	if summary == "" {
		return name
	}
	return cut(name + " ending in " + summary)
}

// Forget deletes a stored method at Adyen.
func (p *Provider) Forget(ctx context.Context, ref string) error {
	parts := tokenForm.FindStringSubmatch(ref)
	if parts == nil || parts[2] == "" {
		return nil // Adyen has never given such a name out
	}
	query := url.Values{"merchantAccount": {p.config.MerchantAccount}, "shopperReference": {parts[3]}}
	return p.client.send(ctx, http.MethodDelete, "/storedPaymentMethods/"+url.PathEscape(parts[2])+"?"+query.Encode(), "", nil, nil)
}

var _ payment.Vault = (*Provider)(nil)
