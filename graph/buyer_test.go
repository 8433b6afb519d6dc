package graph_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/partners"
)

// A storefront's server says where its shopper is, and is believed only with a key that is trusted for that.
func TestServersSayWhereTheirShopperIs(t *testing.T) {
	t.Parallel()
	c := newCallers(t)
	_, trusted, err := c.Partners.CreateKey(t.Context(), access.SystemActor, partners.KeyCreateInput{Name: "next.js", Scopes: []string{"storefront:write"}})
	if err != nil {
		t.Fatal(err)
	}
	_, reader, err := c.Partners.CreateKey(t.Context(), access.SystemActor, partners.KeyCreateInput{Name: "reader", Scopes: []string{"storefront:read", "catalog:write"}})
	if err != nil {
		t.Fatal(err)
	}
	const header = "Shopify-Storefront-Buyer-IP"
	const server = "192.0.2.7"
	for name, test := range map[string]struct {
		request *http.Request
		kind    access.Kind
		from    string
		shopper bool
	}{
		"private token": {request("Shopify-Storefront-Private-Token", trusted, header, "203.0.113.7"), access.Partner, "203.0.113.7", true},
		"public header": {request("X-Shopify-Storefront-Access-Token", trusted, header, "203.0.113.7"), access.Partner, "203.0.113.7", true},
		"bearer":        {request("Authorization", "Bearer "+trusted, header, "2001:db8::1"), access.Partner, "2001:db8::1", true},
		"mapped":        {request("Authorization", "Bearer "+trusted, header, "::ffff:203.0.113.7"), access.Partner, "203.0.113.7", true},
		"for a customer": {
			request("Shopify-Storefront-Private-Token", trusted, "Authorization", "Bearer "+c.customer, header, "203.0.113.7"), access.Customer, "203.0.113.7", true,
		},
		"says nothing":            {request("Shopify-Storefront-Private-Token", trusted), access.Partner, server, false},
		"says an empty text":      {request("Shopify-Storefront-Private-Token", trusted, header, ""), access.Partner, server, false},
		"anybody":                 {request(header, "203.0.113.7"), access.Anonymous, server, false},
		"anybody, nonsense":       {request(header, "x"), access.Anonymous, server, false},
		"a shopper":               {request("Authorization", "Bearer "+c.customer, header, "203.0.113.7"), access.Customer, server, false},
		"a key of another scope":  {request("Authorization", "Bearer "+reader, header, "203.0.113.7"), access.Partner, server, false},
		"staff":                   {request("Authorization", "Bearer "+c.staff, header, "203.0.113.7"), access.Staff, server, false},
		"the key of another shop": {request("Shopify-Storefront-Private-Token", "shpat_1", header, "203.0.113.7"), access.Anonymous, server, false},
	} {
		actor, err := c.gate.Request(test.request)
		if err != nil || actor.Kind != test.kind || actor.Address != netip.MustParseAddr(test.from) || actor.ForShopper != test.shopper {
			t.Errorf("%s: %+v, %v", name, actor, err)
		}
	}
	for _, wrong := range []string{"203.0.113.7, 192.0.2.1", "203.0.113.7:80", "203.0.113.0/24", "fe80::1%eth0", "0.0.0.0", "::", "224.0.0.1", "x", " 203.0.113.7"} {
		if actor, err := c.gate.Request(request("Authorization", "Bearer "+trusted, header, wrong)); !fault.IsKind(err, fault.Invalid) || actor.Kind != access.Anonymous {
			t.Errorf("%q: %+v, %v", wrong, actor, err)
		}
	}
	if actor, err := c.gate.Request(request("Authorization", "Bearer "+trusted, header, "203.0.113.7", header, "203.0.113.8")); !fault.IsKind(err, fault.Invalid) {
		t.Errorf("two addresses: %+v, %v", actor, err)
	}
	if _, err := c.gate.Request(request("Shopify-Storefront-Private-Token", trusted[:len(trusted)-1])); !fault.IsKind(err, fault.Unauthenticated) {
		t.Errorf("a wrong private token: %v", err)
	}
}

// On a socket the same rule holds, whichever of the two the client names the address by.
func TestServersSayOnASocketWhereTheirShopperIs(t *testing.T) {
	t.Parallel()
	c := newCallers(t)
	_, trusted, err := c.Partners.CreateKey(t.Context(), access.SystemActor, partners.KeyCreateInput{Name: "next.js", Scopes: []string{"storefront:write"}})
	if err != nil {
		t.Fatal(err)
	}
	const header = "Shopify-Storefront-Buyer-IP"
	const server = "192.0.2.7"
	for name, test := range map[string]struct {
		upgrade *http.Request
		token   string
		kind    access.Kind
		from    string
		shopper bool
	}{
		"a trusted key":                {request(header, "203.0.113.7"), "Bearer " + trusted, access.Partner, "203.0.113.7", true},
		"a trusted key, bare":          {request(header, "2001:db8::1"), trusted, access.Partner, "2001:db8::1", true},
		"a trusted key of the upgrade": {request("Authorization", "Bearer "+trusted, header, "203.0.113.7"), "", access.Partner, "203.0.113.7", true},
		"it says nothing":              {request(), trusted, access.Partner, server, false},
		"a key of another scope":       {request(header, "203.0.113.7"), c.partner, access.Partner, server, false},
		"a shopper":                    {request(header, "203.0.113.7"), c.customer, access.Customer, server, false},
		"staff":                        {request(header, "203.0.113.7"), c.staff, access.Staff, server, false},
		"anybody":                      {request(header, "x"), "", access.Anonymous, server, false},
	} {
		actor, err := c.gate.Socket(test.upgrade, test.token)
		if err != nil || actor.Kind != test.kind || actor.Address != netip.MustParseAddr(test.from) || actor.ForShopper != test.shopper {
			t.Errorf("%s: %+v, %v", name, actor, err)
		}
	}
	for _, wrong := range []string{"x", "203.0.113.7:80", "0.0.0.0"} {
		if actor, err := c.gate.Socket(request(header, wrong), trusted); !fault.IsKind(err, fault.Invalid) || actor.Kind != access.Anonymous {
			t.Errorf("%q: %+v, %v", wrong, actor, err)
		}
	}
}

// Twenty shoppers behind one server ask for a letter each: who has used up their own is alone in that. Each field counts.
func TestShoppersBehindOneServerHaveLimitsOfTheirOwn(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	_, key, err := a.Partners.CreateKey(t.Context(), access.SystemActor, partners.KeyCreateInput{Name: "next.js", Scopes: []string{"storefront:write"}})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(shopper, round string) string {
		var fields strings.Builder
		for i := range 5 {
			fmt.Fprintf(&fields, "f%d: customerRecover(email: \"%s-%d-%s@example.com\") { customerUserErrors { code } }\n", i, strings.ReplaceAll(shopper, ".", "-"), i, round)
		}
		body, err := json.Marshal(map[string]any{"query": "mutation {" + fields.String() + "}"})
		if err != nil {
			t.Fatal(err)
		}
		r := request("Content-Type", "application/json", "Shopify-Storefront-Private-Token", key, "Shopify-Storefront-Buyer-IP", shopper)
		r.Body = io.NopCloser(bytes.NewReader(body))
		w := httptest.NewRecorder()
		a.server.ServeHTTP(w, r)
		var got answer
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatalf("%v: %s", err, w.Body)
		}
		return got.codes()
	}
	for round := range 4 {
		if got := ask("203.0.113.7", strconv.Itoa(round)); got != "" {
			t.Fatalf("round %d: %s", round, got)
		}
	}
	if got, want := ask("203.0.113.7", "4"), "THROTTLED THROTTLED THROTTLED THROTTLED THROTTLED"; got != want {
		t.Errorf("a shopper's 21st to 25th letter: %q, want %q", got, want)
	}
	if got := ask("203.0.113.8", "4"); got != "" {
		t.Errorf("the next shopper is held up: %q", got)
	}

	// A socket counts as the shopper whom connection_init names.
	edge := httptest.NewServer(a.server)
	t.Cleanup(edge.Close)
	over := func(payload string) string {
		dialer := websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}}
		conn, response, err := dialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(edge.URL, "http")+"/graphql", nil)
		if err != nil {
			t.Fatalf("dial: %v (%v)", err, response)
		}
		defer conn.Close()
		if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{
			`{"type":"connection_init","payload":` + payload + `}`,
			`{"id":"1","type":"subscribe","payload":{"query":"mutation { customerRecover(email: \"socket@example.com\") { customerUserErrors { code } } }"}}`,
		} {
			if err := conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
				t.Fatal(err)
			}
			var message struct {
				Type    string
				Payload json.RawMessage
			}
			if err := conn.ReadJSON(&message); err != nil {
				return err.Error()
			}
			if message.Type == "next" || message.Type == "error" {
				return string(message.Payload)
			}
		}
		return "nothing"
	}
	const header = "shopify-storefront-buyer-ip"
	for payload, want := range map[string]string{
		`{"Authorization":"Bearer ` + key + `","` + header + `":"203.0.113.7"}`: `THROTTLED`,
		`{"Authorization":"Bearer ` + key + `","` + header + `":"203.0.113.9"}`: `"customerUserErrors":[]`,
		`{"Authorization":"Bearer ` + key + `","` + header + `":null}`:          `"customerUserErrors":[]`,
		`{"Authorization":"Bearer ` + key + `","` + header + `":7}`:             `close 4400`,
		`{"Authorization":"Bearer ` + key + `","` + header + `":"nowhere"}`:     `close 4400`,
		`{"` + header + `":"203.0.113.7"}`:                                      `"customerUserErrors":[]`,
	} {
		if got := over(payload); !strings.Contains(got, want) {
			t.Errorf("%s is answered with %s, want %s", payload, got, want)
		}
	}
}

// A server without a key is one address for all who sign up there; with one, each shopper has their own.
func TestSignUpsBehindOneServer(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	_, key, err := a.Partners.CreateKey(t.Context(), access.SystemActor, partners.KeyCreateInput{Name: "next.js", Scopes: []string{"storefront:write"}})
	if err != nil {
		t.Fatal(err)
	}
	signUp := func(who string, headers ...string) string {
		body, err := json.Marshal(map[string]any{
			"query":     `mutation($email: String!) { customerCreate(input: { email: $email, password: "difference engine" }) { customer { email } customerUserErrors { code } } }`,
			"variables": map[string]any{"email": who + "@example.com"},
		})
		if err != nil {
			t.Fatal(err)
		}
		r := request(append([]string{"Content-Type", "application/json"}, headers...)...)
		r.Body = io.NopCloser(bytes.NewReader(body))
		w := httptest.NewRecorder()
		a.server.ServeHTTP(w, r)
		var got answer
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatalf("%v: %s", err, w.Body)
		}
		return got.codes() + string(got.Data)
	}
	const header = "Shopify-Storefront-Buyer-IP"
	for i := range 20 {
		if got := signUp(fmt.Sprint("keyless-", i), header, fmt.Sprint("203.0.113.", i+1)); !strings.Contains(got, `"customerUserErrors":[]`) {
			t.Fatalf("sign-up %d without a key: %s", i+1, got)
		}
	}
	if got := signUp("keyless-20", header, "203.0.113.200"); !strings.HasPrefix(got, "THROTTLED") {
		t.Errorf("the 21st sign-up of a server without a key: %s", got)
	}
	for i := range 25 {
		if got := signUp(fmt.Sprint("keyed-", i), header, fmt.Sprint("198.51.100.", i+1), "Shopify-Storefront-Private-Token", key); !strings.Contains(got, `"customerUserErrors":[]`) {
			t.Errorf("sign-up %d of a server with a key: %s", i+1, got)
		}
	}
}
