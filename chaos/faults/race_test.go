package faults_test

import (
	"context"
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

// untilAnswered sends a request that can be repeated until it is answered, and fails the row on any other answer than yes.
func (r *row) untilAnswered(send func(context.Context) error) {
	r.Helper()
	r.must(harness.UntilAnswered(r.Context(), send))
}

// mutate sends a mutation with a key at one process until it is answered.
func (r *row) mutate(p *harness.Process, mutation, inputType string, input map[string]any) (a harness.Answer, err error) {
	err = harness.UntilAnswered(r.Context(), func(ctx context.Context) error {
		a, err = p.Mutate(ctx, "", mutation, inputType, input)
		return err
	})
	return a, err
}

// adjust counts a shelf of the hot thing up or down.
func (r *row) adjust(s *harness.Shop, p *harness.Process, key, store string, delta int) {
	r.Helper()
	r.untilAnswered(func(ctx context.Context) error { return s.Adjust(ctx, p, key, s.HotID, store, delta) })
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
		r.adjust(s, s.Servers[0], fmt.Sprint("empty-", i), s.Stores[i], -units)
	}
	s.HotMore = -harness.Hot
	oneMore := func(key string) {
		r.adjust(s, s.Servers[0], key, s.Stores[0], 1)
		s.HotMore++
	}
	began := time.Now()
	for i := range rounds {
		// One cart, two keys: it becomes one order.
		cart, _ := r.cart(s, line(s.Variants[i%harness.Things], 1))
		answers := atOnce(r, 2, func(n int) (harness.Answer, error) {
			return r.place(s.Servers[n], fromCart(fmt.Sprintf("cart-%d-%d", i, n), cart, "decline"))
		})
		if n := won(r, "cart", answers, "CART_ALREADY_PLACED"); n != 1 {
			t.Fatalf("round %d: the cart became %d orders", i, n)
		}
		// One key: it is one order, and both are told the same.
		answers = atOnce(r, 2, func(n int) (harness.Answer, error) {
			return r.place(s.Servers[n], s.Wish(fmt.Sprint("key-", i), "decline"))
		})
		if won(r, "key", answers, "") != 2 || answers[0].Order.ID != answers[1].Order.ID || answers[0].AccessToken != answers[1].AccessToken {
			t.Fatalf("round %d: one key was answered with %+v", i, answers)
		}
		// One order, cancelled under two keys: it ends once.
		order := answers[0]
		answers = atOnce(r, 2, func(n int) (harness.Answer, error) {
			return r.mutate(s.Servers[n], "orderCancel", "OrderCancelInput", map[string]any{
				"idempotencyKey": fmt.Sprintf("cancel-%d-%d", i, n), "orderId": order.Order.ID, "accessToken": order.AccessToken,
			})
		})
		if n := won(r, "order", answers, "NOT_ALLOWED"); n != 1 {
			t.Fatalf("round %d: the order was cancelled %d times: %+v", i, n, answers)
		}
		// The last unit, over two servers, and in two aliases of one document.
		oneMore(fmt.Sprint("more-a-", i))
		answers = atOnce(r, 2, func(n int) (harness.Answer, error) {
			return r.place(s.Servers[n], harness.Wish(fmt.Sprintf("last-%d-%d", i, n), "test", []string{"approve"}, s.HotID))
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
			return r.place(s.Servers[n], input)
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
	r.untilAnswered(func(ctx context.Context) error { // a cart that is made twice is one that nobody uses
		return s.Servers[0].Ask(ctx, "", query, map[string]any{"input": map[string]any{"lines": lines}}, &out)
	})
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
	input := map[string]any{
		"externalId": code, "title": code, "kind": "PERCENTAGE", "percentage": "10", "codes": []string{code}, "usageLimit": uses,
	}
	r.untilAnswered(func(ctx context.Context) error {
		return s.Servers[0].Ask(ctx, s.Template.Staff, query, map[string]any{"input": input}, &out)
	})
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
	inputs := map[string]any{
		"a": harness.Wish(fmt.Sprint("alias-a-", i), "test", []string{"approve"}, s.HotID),
		"b": harness.Wish(fmt.Sprint("alias-b-", i), "test", []string{"approve"}, s.HotID),
	}
	r.untilAnswered(func(ctx context.Context) error { return s.Servers[i%2].Ask(ctx, "", query, inputs, &out) })
	return won(r, "aliases", []harness.Answer{out.A, out.B}, "OUT_OF_STOCK")
}
