package settings

import (
	"net/url"
	"strings"
)

// maxAddress is how long an address, or the form of one, is at most.
const maxAddress = 2048

// CheckoutURL is where a cart is paid, for storefronts that send the shopper to a page of the shop. cart is the
// cart's opaque id without the gid:// in front: a name, and after a question mark the key that opens the cart.
//
// In the path of the address stands the name, and the key goes among the parameters, so that whoever takes path and
// parameters together again has the id. A parameter holds the id as a whole.
func (s Shop) CheckoutURL(cart string) string {
	name, key, _ := strings.Cut(cart, "?")
	rest, fragment, fragmented := strings.Cut(s.CheckoutTemplate, "#")
	path, query, _ := strings.Cut(rest, "?")
	whole := url.QueryEscape(cart)
	parameters := []string{fill(query, "{url}", url.QueryEscape(s.base()), "{cart}", whole, "{cartId}", whole)}
	if strings.Contains(path, "{cart}") || strings.Contains(path, "{cartId}") {
		parameters = append(parameters, key)
	}
	address := fill(path, "{url}", s.base(), "{cart}", name, "{cartId}", name)
	if joined := strings.Trim(strings.Join(parameters, "&"), "&"); joined != "" {
		address += "?" + joined
	}
	if fragmented {
		address += "#" + fill(fragment, "{url}", url.QueryEscape(s.base()), "{cart}", whole, "{cartId}", whole)
	}
	return address
}

// OrderURL is where a shopper looks at an order. order is the order's id without the gid:// in front.
func (s Shop) OrderURL(order string) string { return s.Page("/orders/" + order) }

// CustomerOrderURL is where customers look at an order of their account. order is the order's id without the gid:// in
// front.
func (s Shop) CustomerOrderURL(order string) string { return s.Page("/account/orders/" + order) }

// ResetURL is where the storefront lets a customer choose a new password. customer is the customer's id without the
// gid:// in front.
func (s Shop) ResetURL(customer, token string) string {
	return s.letterURL(s.ResetTemplate, customer, token)
}

// VerifyURL is where the storefront lets a customer confirm an e-mail address.
func (s Shop) VerifyURL(customer, token string) string {
	return s.letterURL(s.VerifyTemplate, customer, token)
}

func (s Shop) letterURL(template, customer, token string) string {
	return fill(template, "{url}", s.base(), "{customer}", customer, "{token}", token)
}

// Page is the address of a page of the shop's storefront, by its path.
func (s Shop) Page(path string) string { return s.base() + path }

// base is the address of the storefront, ready for a path.
func (s Shop) base() string { return strings.TrimSuffix(s.URL, "/") }

func fill(template string, pairs ...string) string {
	return strings.NewReplacer(pairs...).Replace(template)
}

// checkAddresses tells of addresses that would lead a shopper nowhere, or to a script.
func (s Shop) checkAddresses(invalid func(field, message string)) {
	if parsed, ok := onTheWeb(s.URL); !ok || parsed.RawQuery != "" || parsed.ForceQuery || strings.Contains(s.URL, "#") {
		invalid("url", "The shop's address begins with https:// or http://, and has neither parameters nor a fragment.")
		s.URL = firstURL // what is filled in is no fault of the forms
	}
	_, whole := onTheWeb(s.CheckoutURL("c?key=k"))
	if !whole || !strings.Contains(s.CheckoutTemplate, "{cart}") && !strings.Contains(s.CheckoutTemplate, "{cartId}") {
		invalid("checkoutTemplate",
			"The checkout address begins with {url}, https:// or http://, has {cart} or {cartId} in it, and nothing else in braces.")
	}
	for _, form := range []struct{ field, template string }{{"resetTemplate", s.ResetTemplate}, {"verifyTemplate", s.VerifyTemplate}} {
		if _, whole := onTheWeb(s.letterURL(form.template, "c", "t")); !whole || !strings.Contains(form.template, "{token}") {
			invalid(form.field,
				"The address begins with {url}, https:// or http://, has {token} in it, and nothing else in braces but {customer}.")
		}
	}
}

// onTheWeb says whether a shopper's browser may be sent to an address that is filled in: a brace that is left is a name
// that nobody knows.
func onTheWeb(text string) (*url.URL, bool) {
	parsed, err := url.Parse(text)
	if err != nil || len(text) > maxAddress || strings.ContainsAny(text, "{}") {
		return nil, false
	}
	return parsed, parsed.Hostname() != "" && parsed.User == nil && (parsed.Scheme == "https" || parsed.Scheme == "http")
}
