package faults_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/wharfhq/wharf/chaos/harness"
)

// TestACIDRain replays the attacks on shops of the paper of that name against two processes that share nothing but the
// database: on stock, on vouchers and gift cards, and on a cart that is changed while it is placed.
func TestACIDRain(t *testing.T) {
	r := beginAs(t, "ACIDRain", acidRainSeed, "the attacks of ACIDRain, over two servers: stock, voucher and gift card, cart changed during checkout")
	s := r.open(harness.Options{Servers: 2, Setup: patientSQL}) // all pay: what is sold stays sold, however slow the machine is
	began := time.Now()
	r.part("stock", func(r *row) { r.attackStock(s) })
	r.part("voucher and gift card", func(r *row) { r.attackTender(s) })
	r.part("cart changed during checkout", func(r *row) { r.attackCart(s) })
	if t.Failed() {
		return
	}
	r.found("all in %s", time.Since(began).Round(time.Second))
	r.prove(s)
}

// acidRainSeed tells its random numbers from those of a row.
const acidRainSeed = 2017

// part is a part of a row under a name of its own.
func (r *row) part(name string, attack func(*row)) {
	r.Helper()
	r.Run(name, func(t *testing.T) {
		part := *r
		part.T = t
		attack(&part)
		r.checks = part.checks
	})
}

// place places an order at one process.
func (r *row) place(p *harness.Process, input map[string]any) (harness.Answer, error) {
	return r.mutate(p, "orderPlace", "OrderPlaceInput", input)
}

// placeAtOnce places n orders at the same moment, in turn at each process.
func (r *row) placeAtOnce(s *harness.Shop, n int, input func(i int) map[string]any) []harness.Answer {
	r.Helper()
	inputs := make([]map[string]any, n)
	for i := range inputs {
		inputs[i] = input(i)
	}
	return atOnce(r, n, func(i int) (harness.Answer, error) { return r.place(s.Servers[i%len(s.Servers)], inputs[i]) })
}

// fromCart is the input of an order of a cart.
func fromCart(key, cart string, tokens ...string) map[string]any {
	input := harness.Wish(key, "test", tokens)
	delete(input, "lines")
	input["cartId"] = cart
	return input
}

// attackStock lets many more come at once than there are units: for one, for two as two lines of one order, and with carts.
func (r *row) attackStock(s *harness.Shop) {
	for i, units := range []int{34, 33, 33} { // it is sold out, until some come in
		r.adjust(s, s.Servers[0], fmt.Sprint("empty-", i), s.Stores[i], -units)
	}
	s.HotMore = -harness.Hot
	const units, buyers = 11, 48
	const reservedSQL = `select sum(reserved) from stock_level where variant_id = (select id from product_variant where sku = 'HOT')`
	rounds := r.of(3, 100)
	for round := range rounds {
		for store, n := range []int{5, 3, 3} {
			r.adjust(s, s.Servers[round%2], fmt.Sprintf("more-%d-%d", round, store), s.Stores[store], n)
		}
		s.HotMore += units
		wants := func(i int) []string {
			if i%3 == 2 {
				return []string{s.HotID, s.HotID}
			}
			return []string{s.HotID}
		}
		answers := r.placeAtOnce(s, buyers, func(i int) map[string]any {
			key := fmt.Sprintf("stock-%d-%d", round, i)
			if i%4 == 0 {
				cart, _ := r.cart(s, line(s.HotID, len(wants(i))))
				return fromCart(key, cart, "approve")
			}
			return harness.Wish(key, "test", []string{"approve"}, wants(i)...)
		})
		won(r, "stock", answers, "OUT_OF_STOCK")
		sold := 0
		for i, a := range answers {
			if a.Order != nil {
				sold += len(wants(i))
			}
		}
		reserved, err := s.Cluster.Number(r.Context(), reservedSQL)
		r.must(err)
		if sold != units || reserved != (round+1)*units {
			r.Fatalf("round %d: %d of %d units were sold, and %d are reserved in all", round, sold, units, reserved)
		}
	}
	r.found("stock: %d times %d buyers of %d units, which were sold once", rounds, buyers, units)
}

// attackTender lets many more come at once than a voucher or a gift card has for them.
func (r *row) attackTender(s *harness.Shop) {
	var first harness.Tale
	r.untilAnswered(func(ctx context.Context) (err error) {
		first, err = s.Place(ctx, s.Wish("price", "approve"))
		return err
	})
	price, err := s.Cluster.Number(r.Context(), `select total from orders where id = $1::uuid`, first.ID[strings.LastIndex(first.ID, "/")+1:])
	r.must(err)
	const uses, buyers, cards, change = 7, 32, 3, 25
	rounds := r.of(2, 100)
	for round := range rounds {
		voucher := r.coupon(s, fmt.Sprint("RAIN", round), uses)
		answers := r.placeAtOnce(s, buyers, func(i int) map[string]any {
			input := s.Wish(fmt.Sprintf("voucher-%d-%d", round, i), "approve")
			input["discountCodes"] = []string{voucher}
			return input
		})
		if n := won(r, "voucher", answers, "CODE_USED_UP"); n != uses {
			r.Fatalf("round %d: a voucher for %d orders served %d", round, uses, n)
		}

		// What is on the card pays for so many orders, and a bit of one more.
		code, card := r.giftCard(s, fmt.Sprint("alone-", round), cards*price+change)
		answers = r.placeAtOnce(s, buyers, func(i int) map[string]any {
			input := s.Wish(fmt.Sprintf("card-%d-%d", round, i))
			input["giftCardCodes"], input["payment"] = []string{code}, []any{}
			return input
		})
		if n, left := won(r, "gift card", answers, "PAYMENT_METHOD_REQUIRED"), r.balance(s, card); n != cards || left != change {
			r.Fatalf("round %d: a card of %d has paid %d orders of %d, and %d are left", round, cards*price+change, n, price, left)
		}

		// With another way to pay behind it the card gives all of it, and not a cent twice: the last one owes the rest.
		code, card = r.giftCard(s, fmt.Sprint("with-", round), cards*price+change)
		answers = r.placeAtOnce(s, buyers, func(i int) map[string]any {
			input := s.Wish(fmt.Sprintf("rest-%d-%d", round, i), "approve")
			input["giftCardCodes"] = []string{code}
			return input
		})
		if n, left := won(r, "gift card and method", answers, "CODE_NOT_APPLICABLE"), r.balance(s, card); n != cards+1 || left != 0 {
			r.Fatalf("round %d: a card of %d was taken by %d orders of %d, and %d are left", round, cards*price+change, n, price, left)
		}
	}
	r.found("tender: %d times %d buyers with a voucher for %d, and with a gift card: once alone, for %d, and once with a method behind it, where a fourth owes the rest", rounds, buyers, uses, cards)
}

// Orders of carts, of which each holds what its cart does. That an order costs what its lines do, and that its charge is as
// much, is held by what ends every row.
const (
	ofCartsSQL   = `select count(*) from orders where cart_id is not null`
	likeCartsSQL = `
select count(*)
from (
	select c.order_id, string_agg(v.sku || ' ' || l.quantity, ', ' order by v.sku) as lines
	from cart c
	join cart_line l on l.cart_id = c.id
	join product_variant v on v.id = l.variant_id
	group by c.order_id
) lying
join (
	select o.id as order_id, string_agg(l.sku || ' ' || l.quantity, ', ' order by l.sku) as lines
	from orders o
	join audit.order_line l on l.order_id = o.id
	where o.cart_id is not null
	group by o.id
) ordered using (order_id, lines)`
)

// attackCart adds, changes and removes lines through two processes while both are asked to place the cart: what is paid for
// is what is in it.
func (r *row) attackCart(s *harness.Shop) {
	cheap, dear, side := s.Variants[0], s.Variants[harness.Things-1], s.Variants[1]
	rounds := r.of(12, 400)
	changes := 0
	for round := range rounds {
		cart, lines := r.cart(s, line(cheap, 1), line(side, 5))
		const placers, changers, each = 4, 3, 4
		taken := make([]int, changers)
		answers := atOnce(r, placers+changers, func(i int) (harness.Answer, error) {
			p := s.Servers[i%2]
			if i < placers {
				return r.place(p, fromCart(fmt.Sprintf("cart-%d-%d", round, i), cart, "approve"))
			}
			for n := range each {
				open, err := changeCart(r, p, cart, i-placers, dear, lines[1], n)
				if harness.Busy(err) {
					continue
				}
				if err != nil || !open {
					return harness.Answer{}, err
				}
				taken[i-placers]++
			}
			return harness.Answer{}, nil
		})
		if n := won(r, "cart", answers[:placers], "CART_ALREADY_PLACED"); n != 1 {
			r.Fatalf("round %d: the cart became %d orders", round, n)
		}
		for _, n := range taken {
			changes += n
		}
		for i, p := range s.Servers {
			if open, err := changeCart(r, p, cart, 0, dear, "", i); err != nil && !harness.Busy(err) || open {
				r.Fatalf("round %d: a placed cart was changed (%v)", round, err)
			}
		}
	}
	all, err := s.Cluster.Number(r.Context(), ofCartsSQL)
	r.must(err)
	alike, err := s.Cluster.Number(r.Context(), likeCartsSQL)
	r.must(err)
	if alike != all || all < rounds {
		r.Errorf("%d of %d orders of carts, of which %d were changed, hold what their carts do", alike, all, rounds)
	}
	if changes == 0 {
		r.Error("no cart was changed before it was placed")
	}
	r.found("cart: %d carts were changed %d times while they were placed, and each became one order of what was in it", rounds, changes)
}

// changeCart does one of three things to a cart, and says whether it was done. A placed cart is not changed any more.
func changeCart(r *row, p *harness.Process, cart string, what int, variant, lineID string, n int) (bool, error) {
	mutation, inputType, input := "cartLinesAdd", "[CartLineInput!]!", any([]map[string]any{line(variant, 1)})
	field := "lines"
	switch what {
	case 1:
		mutation, inputType, input = "cartLinesUpdate", "[CartLineUpdateInput!]!", []map[string]any{{"id": lineID, "quantity": 1 + n}}
	case 2:
		mutation, inputType, input, field = "cartLinesRemove", "[ID!]!", []string{lineID}, "lineIds"
	}
	query := fmt.Sprintf("mutation ($cart: ID!, $input: %s) { answer: %s(cartId: $cart, %s: $input) { cart { id } userErrors { code } } }", inputType, mutation, field)
	var out struct {
		Answer struct {
			Cart       *struct{ ID string }
			UserErrors []harness.UserError
		}
	}
	ctx, cancel := context.WithTimeout(r.Context(), 90*time.Second)
	defer cancel()
	err := p.Ask(ctx, "", query, map[string]any{"cart": cart, "input": input}, &out)
	return out.Answer.Cart != nil && len(out.Answer.UserErrors) == 0, err
}

// giftCard issues a card, and gives its code and its id.
func (r *row) giftCard(s *harness.Shop, key string, cents int) (code, id string) {
	r.Helper()
	var out struct {
		GiftCardCreate struct {
			Code       string
			GiftCard   *struct{ ID string }
			UserErrors []harness.UserError
		}
	}
	const query = `mutation ($input: GiftCardCreateInput!) { giftCardCreate(input: $input) { code giftCard { id } userErrors { code message } } }`
	input := map[string]any{
		"idempotencyKey": key, "initialValue": map[string]any{"amount": fmt.Sprintf("%d.%02d", cents/100, cents%100), "currencyCode": "USD"},
	}
	r.untilAnswered(func(ctx context.Context) error {
		return s.Servers[0].Ask(ctx, s.Template.Staff, query, map[string]any{"input": input}, &out)
	})
	if out.GiftCardCreate.GiftCard == nil {
		r.Fatal(out.GiftCardCreate.UserErrors)
	}
	return out.GiftCardCreate.Code, out.GiftCardCreate.GiftCard.ID
}

// balance is what is left on a card: what it says, and what its ledger adds up to.
func (r *row) balance(s *harness.Shop, card string) int {
	r.Helper()
	id := card[strings.LastIndex(card, "/")+1:]
	says, err := s.Cluster.Number(r.Context(), `select balance from giftcard where id = $1::uuid`, id)
	r.must(err)
	sum, err := s.Cluster.Number(r.Context(), `select sum(amount) from giftcard_movement where gift_card_id = $1::uuid`, id)
	r.must(err)
	if says != sum {
		r.Errorf("a card says %d, and its ledger %d", says, sum)
	}
	return says
}
