package faults_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wharfhq/wharf/chaos/harness"
)

// atOnce sends one request to each of several processes at the same moment.
func atOnce(r *row, n int, send func(i int) (harness.Answer, error)) []harness.Answer {
	r.Helper()
	answers, errs := make([]harness.Answer, n), make([]error, n)
	start := make(chan struct{})
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			<-start
			answers[i], errs[i] = send(i)
		})
	}
	close(start)
	group.Wait()
	for _, err := range errs {
		r.must(err)
	}
	return answers
}

// won counts who got an order, and fails on a refusal for another reason than these.
func won(r *row, what string, answers []harness.Answer, codes string) int {
	r.Helper()
	n := 0
	for _, a := range answers {
		switch {
		case a.Order != nil:
			n++
		case !strings.Contains(codes, a.Code()) || a.Code() == "":
			r.Errorf("%s: refused with %v, want one of %s", what, a.UserErrors, codes)
		}
	}
	return n
}

func TestFault21_TwoServersRace(t *testing.T) {
	r := begin(t, 21, "the same thing asked of two servers at the same moment")
	rounds := r.of(40, 1000)
	s := r.open(harness.Options{Servers: 2})
	for i, units := range []int{34, 33, 33} { // the hot thing is sold out, until one unit comes in
		r.must(s.Adjust(t.Context(), s.Servers[0], fmt.Sprint("empty-", i), s.HotID, s.Stores[i], -units))
	}
	s.HotMore = -harness.Hot
	oneMore := func(key string) {
		r.must(s.Adjust(t.Context(), s.Servers[0], key, s.HotID, s.Stores[0], 1))
		s.HotMore++
	}
	began := time.Now()
	ctx := t.Context()
	for i := range rounds {
		// One cart, two keys: it becomes one order.
		cart, _ := r.cart(s, line(s.Variants[i%harness.Things], 1))
		answers := atOnce(r, 2, func(n int) (harness.Answer, error) {
			return s.Servers[n].Mutate(ctx, "", "orderPlace", "OrderPlaceInput", fromCart(fmt.Sprintf("cart-%d-%d", i, n), cart, "decline"))
		})
		if n := won(r, "cart", answers, "CART_ALREADY_PLACED"); n != 1 {
			t.Fatalf("round %d: the cart became %d orders", i, n)
		}
		// One key: it is one order, and both are told the same.
		answers = atOnce(r, 2, func(n int) (harness.Answer, error) {
			return s.Servers[n].Mutate(ctx, "", "orderPlace", "OrderPlaceInput", s.Wish(fmt.Sprint("key-", i), "decline"))
		})
		if won(r, "key", answers, "") != 2 || answers[0].Order.ID != answers[1].Order.ID || answers[0].AccessToken != answers[1].AccessToken {
			t.Fatalf("round %d: one key was answered with %+v", i, answers)
		}
		// One order, cancelled under two keys: it ends once.
		order := answers[0]
		answers = atOnce(r, 2, func(n int) (harness.Answer, error) {
			return s.Servers[n].Mutate(ctx, "", "orderCancel", "OrderCancelInput", map[string]any{
				"idempotencyKey": fmt.Sprintf("cancel-%d-%d", i, n), "orderId": order.Order.ID, "accessToken": order.AccessToken,
			})
		})
		if n := won(r, "order", answers, "NOT_ALLOWED"); n != 1 {
			t.Fatalf("round %d: the order was cancelled %d times: %+v", i, n, answers)
		}
		// The last unit, over two servers, and in two aliases of one document.
		oneMore(fmt.Sprint("more-a-", i))
		answers = atOnce(r, 2, func(n int) (harness.Answer, error) {
			return s.Servers[n].Mutate(ctx, "", "orderPlace", "OrderPlaceInput", harness.Wish(fmt.Sprintf("last-%d-%d", i, n), "test", []string{"approve"}, s.HotID))
		})
		if n := won(r, "last unit", answers, "OUT_OF_STOCK"); n != 1 {
			t.Fatalf("round %d: the last unit was sold %d times", i, n)
		}
		oneMore(fmt.Sprint("more-b-", i))
		if n := r.aliases(s, i); n != 1 {
			t.Fatalf("round %d: the last unit was sold %d times in one document", i, n)
		}
		// A coupon that may be used once.
		coupon := r.coupon(s, fmt.Sprint("ONCE", i), 1)
		answers = atOnce(r, 2, func(n int) (harness.Answer, error) {
			input := s.Wish(fmt.Sprintf("coupon-%d-%d", i, n), "decline")
			input["discountCodes"] = []string{coupon}
			return s.Servers[n].Mutate(ctx, "", "orderPlace", "OrderPlaceInput", input)
		})
		if n := won(r, "coupon", answers, "CODE_USED_UP"); n != 1 {
			t.Fatalf("round %d: a coupon for one order served %d", i, n)
		}
	}
	r.found("%d rounds each of one cart, one key, one order, one coupon, the last unit over two servers and in two aliases of one document, in %s; one winner each",
		rounds, time.Since(began).Round(time.Second))
	r.prove(s)
}

// line is a line of a cart or an order.
func line(variant string, quantity int) map[string]any {
	return map[string]any{"merchandiseId": variant, "quantity": quantity}
}

// cart makes a cart of lines, and gives its id and theirs.
func (r *row) cart(s *harness.Shop, lines ...map[string]any) (id string, ids []string) {
	r.Helper()
	var out struct {
		CartCreate struct {
			Cart *struct {
				ID    string
				Lines struct{ Nodes []struct{ ID string } }
			}
			UserErrors []harness.UserError
		}
	}
	const query = `mutation ($input: CartInput) {
  cartCreate(input: $input) { cart { id lines(first: 10) { nodes { id } } } userErrors { code message } }
}`
	r.must(s.Servers[0].Ask(r.Context(), "", query, map[string]any{"input": map[string]any{"lines": lines}}, &out))
	if out.CartCreate.Cart == nil {
		r.Fatal(out.CartCreate.UserErrors)
	}
	for _, l := range out.CartCreate.Cart.Lines.Nodes {
		ids = append(ids, l.ID)
	}
	return out.CartCreate.Cart.ID, ids
}

// coupon makes a promotion that so many orders may use.
func (r *row) coupon(s *harness.Shop, code string, uses int) string {
	r.Helper()
	var out struct {
		PromotionSet struct {
			Promotion  *struct{ ID string }
			UserErrors []harness.UserError
		}
	}
	const query = `mutation ($input: PromotionSetInput!) { promotionSet(input: $input) { promotion { id } userErrors { code message } } }`
	r.must(s.Servers[0].Ask(r.Context(), s.Template.Staff, query, map[string]any{"input": map[string]any{
		"title": code, "kind": "PERCENTAGE", "percentage": "10", "codes": []string{code}, "usageLimit": uses,
	}}, &out))
	if out.PromotionSet.Promotion == nil {
		r.Fatal(out.PromotionSet.UserErrors)
	}
	return code
}

// aliases places two orders of the last unit in one document, and says how many were placed.
func (r *row) aliases(s *harness.Shop, i int) int {
	r.Helper()
	const query = `mutation ($a: OrderPlaceInput!, $b: OrderPlaceInput!) {
  a: orderPlace(input: $a) { order { id } userErrors { code message } }
  b: orderPlace(input: $b) { order { id } userErrors { code message } }
}`
	var out struct{ A, B harness.Answer }
	r.must(s.Servers[i%2].Ask(r.Context(), "", query, map[string]any{
		"a": harness.Wish(fmt.Sprint("alias-a-", i), "test", []string{"approve"}, s.HotID),
		"b": harness.Wish(fmt.Sprint("alias-b-", i), "test", []string{"approve"}, s.HotID),
	}, &out))
	return won(r, "aliases", []harness.Answer{out.A, out.B}, "OUT_OF_STOCK")
}
