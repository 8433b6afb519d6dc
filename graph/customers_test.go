package graph_test

import (
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/shop"
)

const createCustomer = `mutation($input: CustomerCreateInput!) {
  customerCreate(input: $input) { customer { id email displayName numberOfOrders orders(first: 5) { nodes { id } } } customerUserErrors { code field message } }
}`

const signIn = `mutation($input: CustomerAccessTokenCreateInput!) {
  customerAccessTokenCreate(input: $input) { customerAccessToken { accessToken expiresAt } customerUserErrors { code field message } }
}`

const whoAmI = `query($token: String!) { customer(customerAccessToken: $token) { id email numberOfOrders orders(first: 5) { nodes { id } } } }`

type customerAnswer struct {
	Customer *struct {
		ID, Email, NumberOfOrders string
		Orders                    struct{ Nodes []struct{ ID string } }
	}
}

type refusals []struct {
	Code, Message string
	Field         []string
}

func TestCustomerAccount(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	var made struct {
		CustomerCreate struct {
			Customer           *struct{ ID, Email, DisplayName, NumberOfOrders string }
			CustomerUserErrors refusals
		}
	}
	input := map[string]any{"input": map[string]any{"email": "Ada@Example.com", "password": "difference", "firstName": "Ada"}}
	a.want(t, "", createCustomer, input, &made)
	if c := made.CustomerCreate.Customer; c == nil || c.Email != "ada@example.com" || c.DisplayName != "Ada" || c.NumberOfOrders != "0" {
		t.Fatalf("made %+v", made.CustomerCreate)
	}
	made.CustomerCreate.Customer = nil
	a.want(t, "", createCustomer, input, &made)
	if e := made.CustomerCreate.CustomerUserErrors; made.CustomerCreate.Customer != nil || len(e) != 1 || e[0].Code != "TAKEN" || strings.Join(e[0].Field, ".") != "input.email" {
		t.Errorf("the same e-mail again: %+v", made.CustomerCreate)
	}

	var login struct {
		CustomerAccessTokenCreate struct {
			CustomerAccessToken *struct{ AccessToken, ExpiresAt string }
			CustomerUserErrors  refusals
		}
	}
	a.want(t, "", signIn, map[string]any{"input": map[string]any{"email": "ada@example.com", "password": "wrong"}}, &login)
	if e := login.CustomerAccessTokenCreate.CustomerUserErrors; login.CustomerAccessTokenCreate.CustomerAccessToken != nil || len(e) != 1 || e[0].Code != "UNIDENTIFIED_CUSTOMER" {
		t.Errorf("a wrong password: %+v", login.CustomerAccessTokenCreate)
	}
	a.want(t, "", signIn, map[string]any{"input": map[string]any{"email": "ada@example.com", "password": "difference"}}, &login)
	token := login.CustomerAccessTokenCreate.CustomerAccessToken.AccessToken

	var who customerAnswer
	a.want(t, "", whoAmI, map[string]any{"token": token}, &who)
	if who.Customer == nil || who.Customer.Email != "ada@example.com" {
		t.Fatalf("the token is of %+v", who.Customer)
	}
	var node struct{ Node *struct{ Email string } }
	byID := `query($id: ID!) { node(id: $id) { ... on Customer { email } } }`
	a.want(t, token, byID, map[string]any{"id": who.Customer.ID}, &node)
	if node.Node == nil || node.Node.Email != "ada@example.com" {
		t.Errorf("a customer does not find herself by id: %+v", node.Node)
	}
	a.want(t, "", byID, map[string]any{"id": who.Customer.ID}, &node)
	if node.Node != nil {
		t.Errorf("anybody finds a customer by id: %+v", node.Node)
	}

	var renewed struct {
		CustomerAccessTokenRenew struct {
			CustomerAccessToken struct{ AccessToken string }
			UserErrors          []struct{ Message string }
		}
	}
	a.want(t, "", `mutation($t: String!) { customerAccessTokenRenew(customerAccessToken: $t) { customerAccessToken { accessToken } userErrors { message field } } }`,
		map[string]any{"t": token}, &renewed)
	fresh := renewed.CustomerAccessTokenRenew.CustomerAccessToken.AccessToken
	a.want(t, "", whoAmI, map[string]any{"token": token}, &who)
	if who.Customer != nil {
		t.Error("the old token still opens the account")
	}
	if got := a.ask(t, token, `{ shop { name } }`, nil); got.codes() != "UNAUTHENTICATED" {
		t.Errorf("the old token as bearer: %+v", got)
	}
	var ended struct {
		CustomerAccessTokenDelete struct {
			DeletedAccessToken, DeletedCustomerAccessTokenID *string
			UserErrors                                       []struct{ Message string }
		}
	}
	signOut := `mutation($t: String!) { customerAccessTokenDelete(customerAccessToken: $t) { deletedAccessToken deletedCustomerAccessTokenId userErrors { message field } } }`
	a.want(t, "", signOut, map[string]any{"t": fresh}, &ended)
	if d := ended.CustomerAccessTokenDelete; d.DeletedAccessToken == nil || *d.DeletedAccessToken != fresh || len(d.UserErrors) != 0 {
		t.Errorf("signed out: %+v", d)
	}
	a.want(t, "", signOut, map[string]any{"t": fresh}, &ended)
	if d := ended.CustomerAccessTokenDelete; d.DeletedAccessToken != nil || len(d.UserErrors) != 1 {
		t.Errorf("signed out twice: %+v", d)
	}
}

// A hundred tries in one document are a hundred tries.
func TestEachAliasIsATryToSignIn(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	var made struct {
		CustomerCreate struct{ Customer *struct{ ID string } }
	}
	a.want(t, "", createCustomer, map[string]any{"input": map[string]any{"email": "ada@example.com", "password": "difference"}}, &made)
	guesses := `mutation {
  a: customerAccessTokenCreate(input: { email: "ada@example.com", password: "1" }) { customerUserErrors { code } }
  b: customerAccessTokenCreate(input: { email: "ada@example.com", password: "2" }) { customerUserErrors { code } }
  c: customerAccessTokenCreate(input: { email: "ada@example.com", password: "3" }) { customerUserErrors { code } }
  d: customerAccessTokenCreate(input: { email: "ada@example.com", password: "4" }) { customerUserErrors { code } }
  e: customerAccessTokenCreate(input: { email: "ada@example.com", password: "5" }) { customerUserErrors { code } }
}`
	for range 2 {
		if got := a.ask(t, "", guesses, nil); len(got.Errors) != 0 {
			t.Fatalf("within ten tries: %+v", got.Errors)
		}
	}
	got := a.ask(t, "", guesses, nil)
	if got.codes() != "THROTTLED THROTTLED THROTTLED THROTTLED THROTTLED" {
		t.Fatalf("the eleventh to fifteenth try: %+v", got)
	}
	if after, ok := got.Errors[0].Extensions["retryAfter"].(float64); !ok || after < 29*60 || after > 30*60 {
		t.Errorf("told to come back after %v s, want half an hour", got.Errors[0].Extensions["retryAfter"])
	}
	got = a.ask(t, "", signIn, map[string]any{"input": map[string]any{"email": "ada@example.com", "password": "difference"}})
	if got.codes() != "THROTTLED" {
		t.Errorf("the right password of a locked account: %+v", got)
	}
}

func TestLimitsOnLoginsSwitchedOff(t *testing.T) {
	t.Parallel()
	a := newAPI(t, func(cfg *shop.Config) { cfg.NoLimits = true })
	for range 15 {
		got := a.ask(t, "", signIn, map[string]any{"input": map[string]any{"email": "ada@example.com", "password": "guess"}})
		if len(got.Errors) != 0 {
			t.Fatalf("limits that are off hold: %+v", got.Errors)
		}
	}
}
