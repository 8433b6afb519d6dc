package graph

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/partners"
	"github.com/wharfhq/wharf/internal/shop"
)

// ShopGate is the gate of a shop: API keys, logins of customers and staff, and the tokens of orders.
type ShopGate struct {
	shop    *shop.Shop
	proxies []netip.Prefix
	guesses *Limiter // wrong tokens, per address
}

// wrongTokens is what an address may spend on wrong tokens. A right one costs nothing, so that shoppers who share an
// address with somebody who guesses are not held up.
var wrongTokens = Budgets{Shopper: Budget{Limit: 100, RestoreRate: 1}}

// NewGate makes the gate of a shop. Requests that come from one of the trusted proxies are taken for those of the
// client that the proxy names in X-Forwarded-For; from anybody else that header means nothing. noLimits lets anybody
// guess as often as they like, for load tests.
func NewGate(s *shop.Shop, trustedProxies []netip.Prefix, noLimits bool) *ShopGate {
	return &ShopGate{shop: s, proxies: trustedProxies, guesses: NewLimiter(wrongTokens, s.Clock, noLimits)}
}

// Faults of the gate. They tell what to send, and not what was wrong with what came.
var (
	errCredential = fault.New(fault.Unauthenticated, "TOKEN_INVALID", "The token is not valid or has ended.")
	errScheme     = fault.New(fault.Unauthenticated, "TOKEN_INVALID", "Send the token as: Authorization: Bearer <token>.")
	errKeyInURL   = fault.New(fault.Unauthenticated, "KEY_IN_URL",
		"Keys and tokens don't belong in a URL, where logs keep them. Send yours as: Authorization: Bearer <token>.")
)

// storefrontHeader is where storefronts written for Shopify send their key.
const storefrontHeader = "X-Shopify-Storefront-Access-Token"

// Request names the caller of an HTTP request. With both headers the Authorization decides who calls: the other only
// names the storefront; but a key of this shop must be right as well. A storefront that has only changed its URL sends
// the key that it had elsewhere: that is passed over, since it opens nothing and what all see needs no key. A key that acts
// for shoppers says where the shopper is.
func (g *ShopGate) Request(r *http.Request) (access.Actor, error) {
	var actor access.Actor
	from, forShopper := g.client(r), false
	if keyInURL(r) {
		return access.Actor{Address: from}, errKeyInURL
	}
	for _, header := range []string{storefrontHeader, privateHeader, "Authorization"} {
		values := r.Header.Values(header)
		if len(values) == 0 || len(values) == 1 && values[0] == "" {
			continue // clients of signed-out shoppers send it empty
		}
		token, ok := values[0], len(values) == 1
		if header == "Authorization" && ok {
			token, ok = bearer(token)
		}
		if !ok {
			return access.Actor{Address: from}, errScheme
		}
		if header != "Authorization" && g.foreign(token) {
			continue
		}
		var err error
		if actor, err = g.authenticate(r.Context(), from, token); err != nil {
			return access.Actor{Address: from}, err
		}
		switch shopper, said, err := buyer(r, actor); {
		case err != nil:
			return access.Actor{Address: from}, err
		case said:
			from, forShopper = shopper, true
		}
	}
	actor.Address, actor.ForShopper = from, forShopper
	return actor, nil
}

// Socket names the caller of a websocket. What the client sent when it opened the protocol decides; without it, the
// headers of the upgrade do.
func (g *ShopGate) Socket(upgrade *http.Request, authorization string) (access.Actor, error) {
	if authorization == "" {
		return g.Request(upgrade)
	}
	from := g.client(upgrade)
	if keyInURL(upgrade) {
		return access.Actor{Address: from}, errKeyInURL
	}
	token, ok := bearer(authorization)
	if !ok && !strings.ContainsAny(authorization, " \t") {
		token, ok = authorization, true // many clients send the bare token here
	}
	if !ok {
		return access.Actor{Address: from}, errScheme
	}
	actor, err := g.authenticate(upgrade.Context(), from, token)
	if err != nil {
		return access.Actor{Address: from}, err
	}
	switch shopper, said, err := buyer(upgrade, actor); {
	case err != nil:
		return access.Actor{Address: from}, err
	case said:
		from, actor.ForShopper = shopper, true
	}
	actor.Address = from
	return actor, nil
}

// bearer takes the token out of an Authorization header.
func bearer(header string) (string, bool) {
	scheme, token, ok := strings.Cut(header, " ")
	token = strings.TrimSpace(token)
	return token, ok && strings.EqualFold(scheme, "bearer") && token != "" && !strings.ContainsAny(token, " \t,")
}

// authenticate finds out whose token it is. Wrong ones are charged to the address they come from.
func (g *ShopGate) authenticate(ctx context.Context, from netip.Addr, token string) (access.Actor, error) {
	actor, err := g.whose(ctx, token)
	if fault.IsKind(err, fault.Unauthenticated) {
		if _, throttled := g.guesses.Take(access.Actor{Address: from}, 1); throttled != nil {
			err = throttled
		}
	}
	if err != nil {
		return access.Actor{}, err
	}
	return actor, nil
}

// foreign says whether a token has none of the forms that this shop gives its own.
func (g *ShopGate) foreign(token string) bool {
	_, guest := g.shop.Keys.OpenOrderToken(token)
	return !guest && !customers.IsToken(token) && !partners.IsStaffToken(token) && !partners.IsKey(token)
}

func (g *ShopGate) whose(ctx context.Context, token string) (access.Actor, error) {
	switch {
	case customers.IsToken(token):
		return g.shop.Customers.Authenticate(ctx, token)
	case partners.IsStaffToken(token):
		return g.shop.Partners.AuthenticateStaff(ctx, token)
	case partners.IsKey(token):
		return g.shop.Partners.Authenticate(ctx, token)
	}
	if order, ok := g.shop.Keys.OpenOrderToken(token); ok {
		return access.Actor{Kind: access.Guest, OrderID: order}, nil
	}
	return access.Actor{}, errCredential
}

// Recheck asks whether an actor still may do what they might. The token of an order has no end.
func (g *ShopGate) Recheck(ctx context.Context, actor access.Actor) error {
	if actor.Expired(g.shop.Clock.Now()) {
		return errCredential
	}
	switch actor.Kind {
	case access.Customer:
		return g.shop.Customers.Recheck(ctx, actor)
	case access.Staff, access.Partner:
		return g.shop.Partners.Recheck(ctx, actor)
	default:
		return nil
	}
}

// secretParameters are the names under which people put keys into URLs.
var secretParameters = []string{"access_token", "accesstoken", "api_key", "apikey", "authorization", "auth", "key", "token"}

// keyInURL says whether the URL carries a key or a token beside the GraphQL request itself. An order's token may
// stand in the variables of a query that is sent with GET.
func keyInURL(r *http.Request) bool {
	if r.URL.RawQuery == "" {
		return false
	}
	for name, values := range r.URL.Query() {
		switch name {
		case "query", "variables", "operationName", "extensions":
			continue
		}
		if slices.Contains(secretParameters, strings.ToLower(name)) {
			return true
		}
		for _, value := range values {
			if partners.IsKey(value) || partners.IsStaffToken(value) || customers.IsToken(value) {
				return true
			}
		}
	}
	return false
}

// client is the address of whoever sent the request: the other end of the connection, or, when that is a trusted
// proxy, the last address in X-Forwarded-For that is not one. What stands before it anybody may have written.
func (g *ShopGate) client(r *http.Request) netip.Addr {
	at := remoteAddress(r)
	if !g.trusts(at) {
		return at
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		named, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			return at
		}
		at = named.Unmap()
		if !g.trusts(at) {
			return at
		}
	}
	return at
}

func (g *ShopGate) trusts(address netip.Addr) bool {
	return slices.ContainsFunc(g.proxies, func(proxy netip.Prefix) bool { return proxy.Contains(address) })
}
