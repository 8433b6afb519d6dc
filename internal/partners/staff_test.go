package partners_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/partners"
)

func contextThatEnded(t *testing.T) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx, cancel
}

var desk = access.Actor{Address: netip.MustParseAddr("192.0.2.7")}

func (f fixture) staff(t *testing.T, role partners.Role, locations ...id.LocationID) partners.StaffMember {
	t.Helper()
	member, err := f.CreateStaff(t.Context(), access.SystemActor, partners.StaffInput{
		Email: " Grace@Example.com ", Password: "compile me", Role: role, Locations: locations,
	})
	if err != nil {
		t.Fatal(err)
	}
	return member
}

func (f fixture) signIn(t *testing.T) partners.StaffToken {
	t.Helper()
	token, err := f.SignIn(t.Context(), desk, partners.StaffAccessTokenCreateInput{Email: "grace@EXAMPLE.com", Password: "compile me"})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestRolesBecomeScopes(t *testing.T) {
	t.Parallel()
	for role, can := range map[partners.Role]map[access.Scope]bool{
		partners.RoleAdmin:   {"keys:write": true, "operations:write": true, "orders:write": true},
		partners.RoleManager: {"keys:write": false, "keys:read": true, "orders:write": true, "payments:write": true, "operations:write": false},
		partners.RoleSupport: {"orders:write": true, "payments:write": false, "payments:read": true, "catalog:write": false, "keys:read": false},
		partners.RolePicker:  {"fulfillment:write": true, "orders:read": false, "customers:read": false, "inventory:write": false},
		"owner":              {"orders:read": false, "catalog:read": false},
	} {
		for scope, want := range can {
			if got := role.Scopes().Has(scope); got != want {
				t.Errorf("a %s holds %s: %t, want %t", role, scope, got, want)
			}
		}
		for _, scope := range role.Scopes() {
			if !access.AllScopes().Has(scope) {
				t.Errorf("a %s holds %s, which is no scope", role, scope)
			}
		}
	}
}

func TestCreateStaff(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	member := f.staff(t, partners.RoleAdmin)
	if member.Email != "grace@example.com" || member.Name != "grace@example.com" || member.Role != partners.RoleAdmin || len(member.Locations) != 0 {
		t.Errorf("the member is %+v", member)
	}
	if got, want := f.history(t, member.ID), []string{"staff_member.created system"}; !slices.Equal(got, want) {
		t.Errorf("the log says %v, want %v", got, want)
	}
	manager := access.Actor{Kind: access.Staff, ID: uuid.New(), Scopes: partners.RoleManager.Scopes()}
	for name, c := range map[string]struct {
		actor access.Actor
		input partners.StaffInput
		want  []string
	}{
		"nothing":           {access.SystemActor, partners.StaffInput{}, []string{"email=INVALID", "password=INVALID", "role=INVALID"}},
		"taken":             {access.SystemActor, partners.StaffInput{Email: "GRACE@example.com", Password: "compile me", Role: partners.RoleAdmin}, []string{"email=TAKEN"}},
		"picker of no shop": {access.SystemActor, partners.StaffInput{Email: "p@example.com", Password: "compile me", Role: partners.RolePicker}, []string{"locations=INVALID"}},
		"more than oneself": {manager, partners.StaffInput{Email: "p@example.com", Password: "compile me", Role: partners.RoleAdmin}, []string{"role=SCOPE_NOT_HELD"}},
		"long password":     {access.SystemActor, partners.StaffInput{Email: "p@example.com", Password: strings.Repeat("x", 73), Role: partners.RoleAdmin}, []string{"password=INVALID"}},
	} {
		if _, err := f.CreateStaff(t.Context(), c.actor, c.input); !slices.Equal(codes(err), c.want) {
			t.Errorf("%s: %v, want %v", name, codes(err), c.want)
		}
	}
	var members, events int
	if err := f.pool.QueryRow(t.Context(), `select (select count(*) from staff_member), (select count(*) from event)`).Scan(&members, &events); err != nil || members != 1 || events != 1 {
		t.Errorf("%d members and %d events, %v; want one of each", members, events, err)
	}
}

func TestStaffSignIn(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	store := id.NewLocationID()
	member := f.staff(t, partners.RolePicker, store)
	token := f.signIn(t)
	if left := time.Until(token.ExpiresAt); left < 11*time.Hour || left > 13*time.Hour {
		t.Errorf("the token ends in %s, want 12 hours", left)
	}
	actor, err := f.AuthenticateStaff(t.Context(), token.AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	if actor.Kind != access.Staff || id.StaffMemberID(actor.ID) != member.ID || !actor.Bound ||
		!actor.CanAt("fulfillment:write", store) || actor.CanAt("fulfillment:write", id.NewLocationID()) {
		t.Errorf("the token is of %+v", actor)
	}
	if err := f.Recheck(t.Context(), actor); err != nil {
		t.Errorf("a fresh login is refused: %v", err)
	}
}

// Whether somebody works here shows neither in the words nor in the work done.
func TestWrongPasswordAndUnknownStaffLookTheSame(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.staff(t, partners.RoleAdmin)
	if _, err := f.CreateStaff(t.Context(), access.SystemActor, partners.StaffInput{Email: "left@example.com", Password: "compile me", Role: partners.RoleAdmin}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.pool.Exec(t.Context(), `update staff_member set disabled_at = now() where email = 'left@example.com'`); err != nil {
		t.Fatal(err)
	}
	var answers []string
	for _, input := range []partners.StaffAccessTokenCreateInput{
		{Email: "grace@example.com", Password: "wrong"},
		{Email: "eve@example.com", Password: "wrong"},
		{Email: "no mail", Password: "wrong"},
		{Email: "left@example.com", Password: "compile me"},
	} {
		before := f.passwords.Computed()
		_, err := f.SignIn(t.Context(), desk, input)
		if got := f.passwords.Computed() - before; got != 1 {
			t.Errorf("%s: %d hashes were computed, want 1", input.Email, got)
		}
		answers = append(answers, fmt.Sprint(codes(err), err))
	}
	for _, answer := range answers {
		if answer != "[input=UNIDENTIFIED_STAFF_MEMBER] E-mail and password do not fit together." {
			t.Errorf("the answers are %q, want all alike", answers)
			break
		}
	}
	for range access.MaxAttempts - 1 { // the first is above
		_, _ = f.SignIn(t.Context(), desk, partners.StaffAccessTokenCreateInput{Email: "grace@example.com", Password: "wrong"})
	}
	if _, err := f.SignIn(t.Context(), desk, partners.StaffAccessTokenCreateInput{Email: "grace@example.com", Password: "compile me"}); !fault.IsKind(err, fault.Throttled) {
		t.Errorf("after ten wrong tries: %v, want THROTTLED", err)
	}
}

func TestStaffRightsAreTakenBack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change string
		kind   fault.Kind
		again  bool // whether the token still works for a new request
	}{
		"dismissed":      {`update staff_member set disabled_at = now()`, fault.Forbidden, false},
		"other role":     {`update staff_member set role = 'support'`, fault.Forbidden, true},
		"other location": {`update staff_member set location_ids = array[gen_random_uuid()]`, fault.Forbidden, true},
		"signed out":     {`delete from staff_access_token`, fault.Forbidden, false},
		"ended":          {`update staff_access_token set expires_at = now()`, fault.Unauthenticated, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.staff(t, partners.RoleManager)
			token := f.signIn(t)
			actor, err := f.AuthenticateStaff(t.Context(), token.AccessToken)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.pool.Exec(t.Context(), c.change); err != nil {
				t.Fatal(err)
			}
			if err := f.Recheck(t.Context(), actor); !fault.IsKind(err, c.kind) {
				t.Errorf("an open socket gets %v, want %s", err, c.kind)
			}
			if _, err := f.AuthenticateStaff(t.Context(), token.AccessToken); (err == nil) != c.again {
				t.Errorf("a new request gets %v", err)
			}
		})
	}
}
