package graph_test

import (
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/partners"
)

const createKey = `mutation($input: ApiKeyCreateInput!) {
  apiKeyCreate(input: $input) { apiKey { id name prefix scopes lastUsedAt } key userErrors { code field message } }
}`

const revokeKey = `mutation($id: ID!) { apiKeyRevoke(input: { id: $id }) { apiKey { id revokedAt } userErrors { code field message } } }`

type keyAnswer struct {
	APIKeyCreate struct {
		APIKey *struct {
			ID, Name, Prefix string
			Scopes           []string
		}
		Key        *string
		UserErrors refusals
	}
}

// staffToken signs a new member of staff in through the API.
func staffToken(t *testing.T, a api, role partners.Role) string {
	t.Helper()
	email := string(role) + "@example.com"
	if _, err := a.Partners.CreateStaff(t.Context(), access.SystemActor, partners.StaffInput{Email: email, Password: "compile me", Role: role}); err != nil {
		t.Fatal(err)
	}
	var login struct {
		StaffAccessTokenCreate struct {
			AccessToken, ExpiresAt *string
			UserErrors             refusals
		}
	}
	document := `mutation($input: StaffAccessTokenCreateInput!) { staffAccessTokenCreate(input: $input) { accessToken expiresAt userErrors { code field message } } }`
	a.want(t, "", document, map[string]any{"input": map[string]any{"email": email, "password": "wrong"}}, &login)
	if e := login.StaffAccessTokenCreate.UserErrors; login.StaffAccessTokenCreate.AccessToken != nil || len(e) != 1 || e[0].Code != "UNIDENTIFIED_STAFF_MEMBER" {
		t.Fatalf("a wrong password: %+v", login.StaffAccessTokenCreate)
	}
	a.want(t, "", document, map[string]any{"input": map[string]any{"email": strings.ToUpper(email), "password": "compile me"}}, &login)
	if login.StaffAccessTokenCreate.AccessToken == nil {
		t.Fatalf("the right password: %+v", login.StaffAccessTokenCreate)
	}
	return *login.StaffAccessTokenCreate.AccessToken
}

func TestAPIKeyLifecycle(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	admin := staffToken(t, a, partners.RoleAdmin)
	var made keyAnswer
	a.want(t, admin, createKey, map[string]any{"input": map[string]any{"name": "Warehouse", "scopes": []string{"orders:read", "keys:read"}}}, &made)
	if k := made.APIKeyCreate.APIKey; k == nil || made.APIKeyCreate.Key == nil || !strings.HasPrefix(*made.APIKeyCreate.Key, k.Prefix) || strings.Join(k.Scopes, " ") != "keys:read orders:read" {
		t.Fatalf("made %+v", made.APIKeyCreate)
	}
	key := *made.APIKeyCreate.Key

	var list struct {
		APIKeys struct {
			Nodes []struct {
				ID         string
				LastUsedAt *string
			}
		}
	}
	a.want(t, key, `{ apiKeys(first: 5) { nodes { id lastUsedAt } } }`, nil, &list)
	if n := list.APIKeys.Nodes; len(n) != 1 || n[0].ID != made.APIKeyCreate.APIKey.ID || n[0].LastUsedAt == nil {
		t.Errorf("the key sees %+v, want itself, just used", n)
	}
	if got := a.ask(t, key, createKey, map[string]any{"input": map[string]any{"name": "x", "scopes": []string{"orders:read"}}}); got.codes() != "FORBIDDEN" {
		t.Errorf("a key without keys:write makes keys: %+v", got)
	}
	var ended struct {
		APIKeyRevoke struct {
			APIKey     *struct{ RevokedAt *string }
			UserErrors refusals
		}
	}
	a.want(t, admin, revokeKey, map[string]any{"id": made.APIKeyCreate.APIKey.ID}, &ended)
	if k := ended.APIKeyRevoke.APIKey; k == nil || k.RevokedAt == nil {
		t.Errorf("revoked %+v", ended.APIKeyRevoke)
	}
	if got := a.ask(t, key, `{ shop { name } }`, nil); got.codes() != "UNAUTHENTICATED" {
		t.Errorf("a revoked key: %+v", got)
	}
	a.want(t, admin, revokeKey, map[string]any{"id": "gid://wharf/ApiKey/01890a5d-ac96-774b-bcce-b302099a8057"}, &ended)
	if e := ended.APIKeyRevoke.UserErrors; len(e) != 1 || e[0].Code != "NOT_FOUND" {
		t.Errorf("a key that is not there: %+v", e)
	}
	if got := a.ask(t, admin, revokeKey, map[string]any{"id": "gid://wharf/Order/01890a5d-ac96-774b-bcce-b302099a8057"}); got.codes() != "BAD_USER_INPUT" {
		t.Errorf("an order's id where a key's is expected: %+v", got)
	}
}

func TestKeysAreNotForEverybody(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	support := staffToken(t, a, partners.RoleSupport)
	key, _, err := a.Partners.CreateKey(t.Context(), access.SystemActor, partners.KeyCreateInput{Name: "k", Scopes: []string{"orders:read"}})
	if err != nil {
		t.Fatal(err)
	}
	for token, want := range map[string]string{"": "UNAUTHENTICATED", support: "FORBIDDEN"} {
		for _, document := range []string{
			`{ apiKeys(first: 5) { nodes { id } } }`,
			`mutation { apiKeyCreate(input: { name: "x", scopes: ["orders:read"] }) { key } }`,
			`mutation { apiKeyRevoke(input: { id: "` + key.ID.String() + `" }) { apiKey { id } } }`,
		} {
			if got := a.ask(t, token, document, nil); got.codes() != want || strings.Contains(string(got.Data), "gid://") {
				t.Errorf("%s\n\tgave %+v, want %s", document, got, want)
			}
		}
		var node struct{ Node *struct{ ID string } }
		a.want(t, token, `query($id: ID!) { node(id: $id) { id } }`, map[string]any{"id": key.ID.String()}, &node)
		if node.Node != nil {
			t.Errorf("a key is found by its id without keys:read")
		}
	}
	still, err := a.Partners.Visible(t.Context(), access.SystemActor, key.ID)
	if err != nil || still.RevokedAt != nil {
		t.Errorf("the key was revoked by somebody without the right: %+v, %v", still, err)
	}
}
