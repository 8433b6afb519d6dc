package access_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
)

func TestActorIsNamedInEvents(t *testing.T) {
	t.Parallel()
	who := uuid.MustParse("01890a5d-ac96-774b-bcce-b302099a8057")
	for kind, want := range map[access.Kind]string{
		access.Anonymous: "shopper",
		access.Guest:     "shopper",
		access.Customer:  "customer:01890a5d-ac96-774b-bcce-b302099a8057",
		access.Staff:     "staff:01890a5d-ac96-774b-bcce-b302099a8057",
		access.Partner:   "partner:01890a5d-ac96-774b-bcce-b302099a8057",
		access.System:    "system",
	} {
		if got := (access.Actor{Kind: kind, ID: who}).By(); got != want {
			t.Errorf("%s is named %q, want %q", kind, got, want)
		}
	}
}

func TestActorOwnsIdempotencyKeys(t *testing.T) {
	t.Parallel()
	partner, key := uuid.New(), uuid.New()
	actor := access.Actor{Kind: access.Partner, ID: partner, KeyID: id.ApiKeyID(key)}
	if got, want := actor.Caller(), "key:"+key.String(); got != want {
		t.Errorf("a partner's keys belong to %q, want %q", got, want)
	}
	for _, kind := range []access.Kind{access.Anonymous, access.Guest} {
		if got := (access.Actor{Kind: kind}).Caller(); got != "" {
			t.Errorf("the keys of a %s shopper belong to %q, want nobody", kind, got)
		}
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	scopes, err := access.ParseScopes([]string{"orders:write", "catalog:read", "orders:write"})
	if err != nil {
		t.Fatal(err)
	}
	if want := (access.Scopes{"catalog:read", "orders:write"}); !slices.Equal(scopes, want) {
		t.Fatalf("parsed %v, want %v", scopes, want)
	}
	for scope, want := range map[access.Scope]bool{
		"orders:write":   true,
		"orders:read":    true, // write includes read
		"catalog:read":   true,
		"catalog:write":  false,
		"payments:read":  false,
		"":               false,
		"orders":         false,
		"orders:":        false,
		"orders:refund":  false,
		"warehouse:read": false,
	} {
		if got := scopes.Has(scope); got != want {
			t.Errorf("Has(%q) is %t, want %t", scope, got, want)
		}
	}
	if !access.AllScopes().Includes(scopes) {
		t.Error("all scopes do not include some of them")
	}
	if scopes.Includes(access.AllScopes()) {
		t.Error("some scopes include all of them")
	}
}

func TestUnknownScopeIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "orders", "orders:delete", "Orders:read", "everything:write", "*"} {
		if _, err := access.ParseScopes([]string{"orders:read", text}); !fault.IsKind(err, fault.Invalid) {
			t.Errorf("scope %q was parsed (%v)", text, err)
		}
	}
}

func TestOnlyStaffPartnersAndTheShopItselfHoldScopes(t *testing.T) {
	t.Parallel()
	for kind, want := range map[access.Kind]bool{
		access.Anonymous: false, access.Guest: false, access.Customer: false,
		access.Staff: true, access.Partner: true, access.System: true,
	} {
		actor := access.Actor{Kind: kind, Scopes: access.AllScopes()}
		if got := actor.Can("orders:read"); got != want {
			t.Errorf("%s can read orders: %t, want %t", kind, got, want)
		}
		if actor.Can("") {
			t.Errorf("%s holds the empty scope", kind)
		}
	}
}

func TestBoundStaffWorkOnlyAtTheirLocations(t *testing.T) {
	t.Parallel()
	here, there := id.NewLocationID(), id.NewLocationID()
	picker := access.Actor{Kind: access.Staff, Scopes: access.Scopes{"fulfillment:write"}, Bound: true, Locations: []id.LocationID{here}}
	if !picker.CanAt("fulfillment:write", here) || picker.CanAt("fulfillment:write", there) || picker.CanAt("orders:write", here) {
		t.Error("a picker is not held to their own location and scope")
	}
	nowhere := access.Actor{Kind: access.Staff, Scopes: access.AllScopes(), Bound: true}
	if nowhere.CanAt("fulfillment:write", here) {
		t.Error("bound to no location works everywhere")
	}
	manager := access.Actor{Kind: access.Staff, Scopes: access.Scopes{"fulfillment:write"}}
	if !manager.CanAt("fulfillment:write", there) {
		t.Error("a manager is held to a location")
	}
}

func TestTokenEndsAtItsMoment(t *testing.T) {
	t.Parallel()
	end := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	actor := access.Actor{Kind: access.Customer, ExpiresAt: end}
	if actor.Expired(end.Add(-time.Nanosecond)) || !actor.Expired(end) {
		t.Error("the token does not end exactly at its moment")
	}
	if (access.Actor{Kind: access.Partner}).Expired(end) {
		t.Error("a token without an end has ended")
	}
}

func TestNoActorInTheContextIsAnonymous(t *testing.T) {
	t.Parallel()
	if got := access.From(t.Context()); got.Kind != access.Anonymous {
		t.Errorf("nobody is %s", got.Kind)
	}
	staff := access.Actor{Kind: access.Staff, ID: uuid.New()}
	if got := access.From(access.With(t.Context(), staff)); got.ID != staff.ID || got.Kind != access.Staff {
		t.Errorf("the context carries %v, want %v", got, staff)
	}
}

func TestTokenIsStoredAsHash(t *testing.T) {
	t.Parallel()
	token, hash := access.NewToken("wharfc_")
	if !access.TokenMatches(token, hash) {
		t.Error("a token does not match its own hash")
	}
	if other, _ := access.NewToken("wharfc_"); access.TokenMatches(other, hash) {
		t.Error("another token matches")
	}
	if access.TokenMatches("", nil) {
		t.Error("nothing matches nothing")
	}
	if want := len("wharfc_") + 43; len(token) != want {
		t.Errorf("the token has %d characters, want %d", len(token), want)
	}
}
