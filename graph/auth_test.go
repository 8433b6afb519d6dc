package graph_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/wharfhq/wharf/graph"
	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/clock"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/partners"
	"github.com/wharfhq/wharf/internal/shop"
	"github.com/wharfhq/wharf/internal/shoptest"
)

// callers is a shop with one caller of each kind.
type callers struct {
	*shoptest.Shop
	gate  *graph.ShopGate
	clock *clock.Fake

	order                           id.OrderID
	key                             partners.APIKey
	guest, customer, staff, partner string
}

func newCallers(t *testing.T) callers {
	t.Helper()
	c := callers{clock: clock.NewFake(time.Now()), order: id.NewOrderID()}
	c.Shop = shoptest.New(t, func(cfg *shop.Config) { cfg.Clock = c.clock })
	c.gate = graph.NewGate(c.Shop.Shop, nil, false)
	c.guest = c.Keys.OrderToken(c.order)
	if _, err := c.Customers.Create(t.Context(), access.Actor{}, customers.CreateInput{Email: "ada@example.com", Password: "difference"}); err != nil {
		t.Fatal(err)
	}
	login, err := c.Customers.SignIn(t.Context(), access.Actor{}, customers.AccessTokenCreateInput{Email: "ada@example.com", Password: "difference"})
	if err != nil {
		t.Fatal(err)
	}
	c.customer = login.AccessToken
	member, err := c.Partners.CreateStaff(t.Context(), access.SystemActor, partners.StaffInput{
		Email: "grace@example.com", Password: "compile me", Role: partners.RoleSupport,
	})
	if err != nil {
		t.Fatal(err)
	}
	shift, err := c.Partners.IssueStaffToken(t.Context(), member.ID)
	if err != nil {
		t.Fatal(err)
	}
	c.staff = shift.AccessToken
	if c.key, c.partner, err = c.Partners.CreateKey(t.Context(), access.SystemActor, partners.KeyCreateInput{Name: "k", Scopes: []string{"orders:read"}}); err != nil {
		t.Fatal(err)
	}
	return c
}

func request(headers ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/graphql", nil)
	r.RemoteAddr = "192.0.2.7:4711"
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

func TestEachTokenNamesItsCaller(t *testing.T) {
	t.Parallel()
	c := newCallers(t)
	for token, kind := range map[string]access.Kind{
		c.guest: access.Guest, c.customer: access.Customer, c.staff: access.Staff, c.partner: access.Partner,
	} {
		for way, name := range map[string]func() (access.Actor, error){
			"header":            func() (access.Actor, error) { return c.gate.Request(request("Authorization", "Bearer "+token)) },
			"lower-case scheme": func() (access.Actor, error) { return c.gate.Request(request("Authorization", "bearer "+token)) },
			"storefront header": func() (access.Actor, error) {
				return c.gate.Request(request("X-Shopify-Storefront-Access-Token", token))
			},
			"socket":           func() (access.Actor, error) { return c.gate.Socket(request(), "Bearer "+token) },
			"socket, bare":     func() (access.Actor, error) { return c.gate.Socket(request(), token) },
			"socket's upgrade": func() (access.Actor, error) { return c.gate.Socket(request("Authorization", "Bearer "+token), "") },
			"beside a good key": func() (access.Actor, error) {
				return c.gate.Request(request("Authorization", "Bearer "+token, "X-Shopify-Storefront-Access-Token", c.partner))
			},
		} {
			actor, err := name()
			if err != nil || actor.Kind != kind || actor.Address != netip.MustParseAddr("192.0.2.7") {
				t.Errorf("%s by %s: %+v, %v", kind, way, actor, err)
			}
			if kind == access.Guest && actor.OrderID != c.order {
				t.Errorf("the guest holds order %s, want %s", actor.OrderID, c.order)
			}
		}
	}
	for _, nobody := range []*http.Request{request(), request("Authorization", ""), request("X-Shopify-Storefront-Access-Token", "")} {
		if actor, err := c.gate.Request(nobody); err != nil || actor.Kind != access.Anonymous || !actor.Address.IsValid() {
			t.Errorf("nobody is %+v, %v", actor, err)
		}
	}
}

func TestWrongTokenIsUnauthenticatedAndNotAnonymous(t *testing.T) {
	t.Parallel()
	c := newCallers(t)
	for name, r := range map[string]*http.Request{
		"nonsense":          request("Authorization", "Bearer nonsense"),
		"no token":          request("Authorization", "Bearer "),
		"bare":              request("Authorization", c.customer),
		"basic":             request("Authorization", "Basic YTpi"),
		"two headers":       request("Authorization", "Bearer "+c.customer, "Authorization", "Bearer "+c.customer),
		"two in one":        request("Authorization", "Bearer "+c.customer+", Bearer "+c.customer),
		"guest, forged":     request("Authorization", "Bearer "+c.guest[:len(c.guest)-1]),
		"customer, forged":  request("Authorization", "Bearer "+c.customer+"x"),
		"staff, forged":     request("Authorization", "Bearer "+c.staff[:len(c.staff)-1]),
		"key, forged":       request("Authorization", "Bearer "+c.partner[:len(c.partner)-1]),
		"storefront":        request("X-Shopify-Storefront-Access-Token", c.partner[:len(c.partner)-1]),
		"beside a good one": request("Authorization", "Bearer "+c.customer, "X-Shopify-Storefront-Access-Token", c.partner[:len(c.partner)-1]),
		"good beside a bad": request("Authorization", "Bearer nonsense", "X-Shopify-Storefront-Access-Token", c.partner),
	} {
		actor, err := c.gate.Request(r)
		if !fault.IsKind(err, fault.Unauthenticated) || actor.Kind != access.Anonymous {
			t.Errorf("%s: %+v, %v; want UNAUTHENTICATED", name, actor, err)
		}
	}
	for _, authorization := range []string{"nonsense", "Basic YTpi", "Bearer", "Bearer a b", "Bearer " + c.customer + "x"} {
		if actor, err := c.gate.Socket(request(), authorization); !fault.IsKind(err, fault.Unauthenticated) || actor.Kind != access.Anonymous {
			t.Errorf("socket with %q: %+v, %v; want UNAUTHENTICATED", authorization, actor, err)
		}
	}
}

// TestStorefrontKeepsTheKeyItHadElsewhere: a storefront that has changed nothing but its URL sends a key that is not the
// shop's, and sees what all see.
func TestStorefrontKeepsTheKeyItHadElsewhere(t *testing.T) {
	t.Parallel()
	c := newCallers(t)
	const elsewhere = "0123456789abcdef0123456789abcdef"
	if actor, err := c.gate.Request(request("X-Shopify-Storefront-Access-Token", elsewhere)); err != nil || actor.Kind != access.Anonymous {
		t.Errorf("alone: %+v, %v; want anonymous", actor, err)
	}
	if actor, err := c.gate.Request(request("Authorization", "Bearer "+c.customer, "X-Shopify-Storefront-Access-Token", elsewhere)); err != nil || actor.Kind != access.Customer {
		t.Errorf("beside a customer's token: %+v, %v; want the customer", actor, err)
	}
}

func TestKeyInURLIsRefused(t *testing.T) {
	t.Parallel()
	c := newCallers(t)
	for _, query := range []string{
		"access_token=x", "apiKey=x", "Authorization=x", "key=x", "x=" + c.partner, "x=" + c.customer, "x=y&x=" + c.staff,
	} {
		r := request("Authorization", "Bearer "+c.customer)
		r.URL.RawQuery = query
		if _, err := c.gate.Request(r); !fault.IsKind(err, fault.Unauthenticated) {
			t.Errorf("?%s: %v, want UNAUTHENTICATED", query, err)
		}
		if _, err := c.gate.Socket(r, "Bearer "+c.customer); !fault.IsKind(err, fault.Unauthenticated) {
			t.Errorf("socket ?%s: %v, want UNAUTHENTICATED", query, err)
		}
	}
	r := request()
	r.URL.RawQuery = "query={shop{name}}&operationName=key&variables=" + url.QueryEscape(`{"token":"`+c.guest+`"}`)
	if _, err := c.gate.Request(r); err != nil {
		t.Errorf("a query by GET is refused: %v", err)
	}
}

func TestGuessingTokensIsSlowedDown(t *testing.T) {
	t.Parallel()
	c := newCallers(t)
	for range 100 {
		if _, err := c.gate.Request(request("Authorization", "Bearer wharfo_"+strings.Repeat("0", 32)+"_x")); !fault.IsKind(err, fault.Unauthenticated) {
			t.Fatal(err)
		}
	}
	if _, err := c.gate.Request(request("Authorization", "Bearer nonsense")); !fault.IsKind(err, fault.Throttled) {
		t.Errorf("after a hundred guesses: %v, want THROTTLED", err)
	}
	if actor, err := c.gate.Request(request("Authorization", "Bearer "+c.customer)); err != nil || actor.Kind != access.Customer {
		t.Errorf("a neighbor with a good token is held up: %v", err)
	}
}

func TestRecheckTellsEndedFromTakenBack(t *testing.T) {
	t.Parallel()
	c := newCallers(t)
	actors := map[string]access.Actor{}
	for name, token := range map[string]string{"guest": c.guest, "customer": c.customer, "staff": c.staff, "partner": c.partner} {
		actor, err := c.gate.Request(request("Authorization", "Bearer "+token))
		if err != nil {
			t.Fatal(err)
		}
		actors[name] = actor
		if err := c.gate.Recheck(t.Context(), actor); err != nil {
			t.Errorf("%s: %v, want still good", name, err)
		}
	}
	if _, err := c.Customers.SignOut(t.Context(), c.customer); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Partners.RevokeKey(t.Context(), access.SystemActor, c.key.ID); err != nil {
		t.Fatal(err)
	}
	c.clock.Advance(time.Second)
	for name, want := range map[string]fault.Kind{"guest": "", "customer": fault.Forbidden, "staff": "", "partner": fault.Forbidden} {
		err := c.gate.Recheck(t.Context(), actors[name])
		if want == "" && err != nil || want != "" && !fault.IsKind(err, want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	c.clock.Advance(13 * time.Hour)
	if err := c.gate.Recheck(t.Context(), actors["staff"]); !fault.IsKind(err, fault.Unauthenticated) {
		t.Errorf("a shift that is over: %v, want UNAUTHENTICATED", err)
	}
}

func TestClientBehindTrustedProxies(t *testing.T) {
	t.Parallel()
	s := shoptest.New(t)
	gate := graph.NewGate(s.Shop, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")}, false)
	for name, c := range map[string]struct{ remote, forwarded, want string }{
		"direct":                      {"203.0.113.9:1", "", "203.0.113.9"},
		"direct, with a lie":          {"203.0.113.9:1", "198.51.100.1", "203.0.113.9"},
		"one proxy":                   {"10.0.0.1:1", "198.51.100.1", "198.51.100.1"},
		"one proxy, with a lie":       {"10.0.0.1:1", "1.2.3.4, 198.51.100.1", "198.51.100.1"},
		"two proxies":                 {"10.0.0.1:1", "1.2.3.4, 198.51.100.1, 10.0.0.2", "198.51.100.1"},
		"proxies alone":               {"10.0.0.1:1", "10.0.0.3, 10.0.0.2", "10.0.0.3"},
		"no header":                   {"10.0.0.1:1", "", "10.0.0.1"},
		"nonsense":                    {"10.0.0.1:1", "unknown", "10.0.0.1"},
		"nonsense before a good one":  {"10.0.0.1:1", "unknown, 198.51.100.1", "198.51.100.1"},
		"nonsense behind the proxies": {"10.0.0.1:1", "198.51.100.1, unknown, 10.0.0.2", "10.0.0.2"},
		"mapped":                      {"[::ffff:10.0.0.1]:1", "::ffff:198.51.100.1", "198.51.100.1"},
		"version 6":                   {"[2001:db8::1]:1", "2a00::5", "2a00::5"},
	} {
		r := request()
		r.RemoteAddr = c.remote
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if actor, err := gate.Request(r); err != nil || actor.Address.String() != c.want {
			t.Errorf("%s: from %s, %v; want %s", name, actor.Address, err, c.want)
		}
	}
}
