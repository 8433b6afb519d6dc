package graph_test

import (
	"fmt"
	"strings"
	"testing"
)

const issueCard = `mutation($input: GiftCardCreateInput!) {
  giftCardCreate(input: $input) {
    code giftCard { id lastCharacters balance { amount currencyCode } initialValue { amount } enabled createdBy movements(first: 5) { nodes { kind amount { amount } } } }
    userErrors { code field message }
  }
}`

type issueAnswer struct {
	GiftCardCreate struct {
		Code     *string
		GiftCard *struct {
			ID, LastCharacters, CreatedBy string
			Balance                       struct{ Amount, CurrencyCode string }
			Enabled                       bool
			Movements                     struct {
				Nodes []struct {
					Kind   string
					Amount struct{ Amount string }
				}
			}
		}
		UserErrors refusals
	}
}

// told is what a payload refused, in short.
func told(list refusals) string {
	var all []string
	for _, r := range list {
		all = append(all, r.Code+" "+strings.Join(r.Field, "."))
	}
	return strings.Join(all, ", ")
}

// issue issues a card over the API and gives its code and id.
func (a api) issue(t *testing.T, key, idempotency, amount string) issueAnswer {
	t.Helper()
	var got issueAnswer
	a.want(t, key, issueCard, map[string]any{"input": map[string]any{
		"idempotencyKey": idempotency, "initialValue": map[string]any{"amount": amount, "currencyCode": "USD"},
	}}, &got)
	return got
}

// A gift card and a code on their whole way over the API: made, put into a cart, paid with, shown, given back.
func TestGiftCardAndCodeOverTheAPI(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	lamp := a.goods(t, "Lamp", 10000, 10)
	key := a.key(t, "payments:write", "catalog:write", "orders:read")
	made := a.issue(t, key, "k", "30.00").GiftCardCreate
	if made.Code == nil || !strings.HasSuffix(*made.Code, made.GiftCard.LastCharacters) || made.GiftCard.Balance.Amount != "30.00" || !made.GiftCard.Enabled ||
		len(made.GiftCard.Movements.Nodes) != 1 || made.GiftCard.Movements.Nodes[0].Kind != "ISSUED" {
		t.Fatalf("issued %+v", made)
	}
	if again := a.issue(t, key, "k", "30.00").GiftCardCreate; *again.Code != *made.Code || again.GiftCard.ID != made.GiftCard.ID {
		t.Errorf("the same key gave %+v", again)
	}
	if other := a.issue(t, key, "k", "31.00").GiftCardCreate; told(other.UserErrors) != "IDEMPOTENCY_KEY_REUSED input.idempotencyKey" {
		t.Errorf("another input under the key: %+v", other)
	}

	var set struct {
		PromotionSet struct {
			Promotion  *struct{ ID, Percentage string }
			UserErrors refusals
		}
	}
	a.want(t, key, `mutation { promotionSet(input: { title: "Ten off", kind: PERCENTAGE, percentage: "10", codes: ["ten"], usageLimit: 1 }) {
  promotion { id percentage } userErrors { code field message } } }`, nil, &set)
	if set.PromotionSet.Promotion == nil || set.PromotionSet.Promotion.Percentage != "10.00" {
		t.Fatalf("set %+v", set)
	}

	var cart struct {
		CartCreate struct {
			Cart struct {
				ID               string
				AppliedGiftCards []struct {
					ID         string
					AmountUsed struct{ Amount string }
				}
				DiscountCodes []struct {
					Code       string
					Applicable bool
				}
				Lines struct {
					Nodes []struct {
						DiscountAllocations []map[string]any
					}
				}
			}
		}
	}
	a.want(t, "", `mutation($variant: ID!, $card: String!) { cartCreate(input: { lines: [{ merchandiseId: $variant }], discountCodes: ["ten"], giftCardCodes: [$card] }) {
  cart { id appliedGiftCards { id amountUsed { amount } presentmentAmountUsed { amount } balance { amount } lastCharacters } discountCodes { code applicable }
    discountAllocations { discountedAmount { amount } }
    lines(first: 5) { nodes { discountAllocations { __typename targetType discountedAmount { amount } ... on CartCodeDiscountAllocation { code } ... on CartAutomaticDiscountAllocation { title } } } } }
  userErrors { code } warnings { code } } }`, map[string]any{"variant": lamp.String(), "card": *made.Code}, &cart)
	c := cart.CartCreate.Cart
	if len(c.AppliedGiftCards) != 1 || c.AppliedGiftCards[0].AmountUsed.Amount != "30.00" || !c.DiscountCodes[0].Applicable || c.DiscountCodes[0].Code != "TEN" {
		t.Fatalf("the cart %+v", c)
	}
	if d := c.Lines.Nodes[0].DiscountAllocations; len(d) != 1 || d[0]["__typename"] != "CartCodeDiscountAllocation" || d[0]["code"] != "TEN" || d[0]["targetType"] != "LINE_ITEM" {
		t.Errorf("allocated %+v", d)
	}

	var placed struct {
		OrderPlace struct {
			Order      map[string]any
			UserErrors refusals
		}
	}
	a.want(t, "", `mutation($cart: ID!) { orderPlace(input: { idempotencyKey: "o", cartId: $cart, buyer: { email: "ada@example.com" },
  delivery: { shipping: { address: { firstName: "Ada", lastName: "Lovelace", address1: "1 Main St", city: "Albany", province: "NY", zip: "12207", country: "US" } } },
  payment: [{ provider: "test", token: "approve" }] }) { order { id financialStatus giftCards { lastCharacters amount { amount } returned { amount } }
    discountApplications(first: 5) { edges { cursor } nodes { __typename targetType ... on DiscountCodeApplication { code title amount { amount } } } }
    lineItems(first: 1) { nodes { discountAllocations { allocatedAmount { amount } discountApplication { targetType } } discountedTotalPrice { amount } } }
    shippingDiscountAllocations { allocatedAmount { amount } } payments { amount { amount } } events(first: 5) { nodes { type message } } } userErrors { code field message } } }`,
		map[string]any{"cart": c.ID}, &placed)
	text := fmt.Sprint(placed.OrderPlace.Order)
	for _, want := range []string{
		"financialStatus:PARTIALLY_PAID", "amount:map[amount:30.00] lastCharacters:" + made.GiftCard.LastCharacters,
		"__typename:DiscountCodeApplication amount:map[amount:10.00] code:TEN targetType:LINE_ITEM title:Ten off",
		"allocatedAmount:map[amount:10.00]", "discountedTotalPrice:map[amount:90.00]", "type:giftcard.redeemed",
		"Your gift card ending in " + made.GiftCard.LastCharacters + " has paid 30.00 USD.", "shippingDiscountAllocations:[]",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the order does not show %q:\n%s\n%+v", want, text, placed.OrderPlace.UserErrors)
		}
	}

	// Five orders in one document, on one code that is used up: none gets it, and each is told.
	var aliases strings.Builder
	for i := range 5 {
		fmt.Fprintf(&aliases, `o%d: orderPlace(input: { idempotencyKey: "a%d", lines: [{ merchandiseId: $variant }], discountCodes: ["TEN"], buyer: { email: "ada@example.com" },
  delivery: { shipping: { address: { firstName: "Ada", lastName: "Lovelace", address1: "1 Main St", city: "Albany", province: "NY", zip: "12207", country: "US" } } },
  payment: [{ provider: "test", token: "approve" }] }) { order { id } userErrors { code field message } }
`, i, i)
	}
	var many map[string]struct {
		Order      *struct{ ID string }
		UserErrors refusals
	}
	a.want(t, "", `mutation($variant: ID!) { `+aliases.String()+` }`, map[string]any{"variant": lamp.String()}, &many)
	for alias, got := range many {
		if got.Order != nil || told(got.UserErrors) != "CODE_USED_UP input.discountCodes.0" {
			t.Errorf("%s: %+v", alias, got)
		}
	}
	if len(many) != 5 {
		t.Errorf("%d answers", len(many))
	}
}
