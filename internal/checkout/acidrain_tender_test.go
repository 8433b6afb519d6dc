package checkout_test

import (
	"strconv"
	"sync"
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/checkout"
	"github.com/wharfhq/wharf/internal/fulfillment/flatrate"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/testprovider"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/shop"
	"github.com/wharfhq/wharf/internal/shoptest"
	"github.com/wharfhq/wharf/jobs"
)

// twoShops are one shop on one database twice: each with its own connections, its own writer and its own jobs, as two servers
// behind a load balancer have them.
func twoShops(t *testing.T) (*till, []*checkout.Checkout) {
	t.Helper()
	first := staffed(t)
	pool, err := pg.Open(t.Context(), pg.Config{URL: first.Pool.Config().ConnString(), MaxConns: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	second := shoptest.New(t, func(cfg *shop.Config) {
		cfg.Pool, cfg.Rates = pool, flatrate.New(pool)
		cfg.Providers = []payment.Provider{testprovider.New(pool, testprovider.Options{Secret: []byte("a secret of the tests")})}
	})
	second.Run(t, jobs.Config{})
	return first, []*checkout.Checkout{first.Checkout, second.Checkout}
}

// attack places n orders at the same moment, in turn at either.
func (s *till) attack(at []*checkout.Checkout, n int, in func(i int) checkout.OrderPlaceInput) []answer {
	answers, start := make([]answer, n), make(chan struct{})
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			<-start
			answers[i].Placement, answers[i].err = at[i%len(at)].Place(s.Context(), access.Actor{}, in(i))
		})
	}
	close(start)
	group.Wait()
	return answers
}

// TestACIDRainOnTender replays the attacks of the paper of that name which sold gift cards and vouchers more than once, over
// two of them: limits and balances hold to the unit, and everybody else is told why not.
func TestACIDRainOnTender(t *testing.T) {
	t.Parallel()
	t.Run("voucher", func(t *testing.T) {
		t.Parallel()
		const buyers, uses = 500, 100
		s, both := twoShops(t)
		lamp := s.goods("Lamp", 10000, buyers)
		made := s.promotion(codes("HUNDRED"), limit(uses))
		reduced := 0
		for _, a := range s.attack(both, buyers, func(i int) checkout.OrderPlaceInput {
			return withCodes(order("k"+strconv.Itoa(i), line(lamp, 1)), "HUNDRED")
		}) {
			if a.err != nil {
				s.refused(a.err, "CODE_USED_UP input.discountCodes.0")
				continue
			}
			if a.Order.SubtotalPrice != usd(9000) {
				t.Errorf("an order costs %s", a.Order.SubtotalPrice)
			}
			reduced++
		}
		if reduced != uses || s.uses(made) != uses || s.reserved(lamp) != uses {
			t.Errorf("%d orders are reduced, %d uses, %d units; want %d of each", reduced, s.uses(made), s.reserved(lamp), uses)
		}
		s.sound()
	})
	t.Run("gift_card", func(t *testing.T) {
		t.Parallel()
		const redemptions, each = 100, 10725
		s, both := twoShops(t)
		lamp := s.goods("Lamp", 10000, redemptions)
		card := s.giftCard(7*each + 25) // for seven orders, and a quarter
		paid := 0
		for _, a := range s.attack(both, redemptions, func(i int) checkout.OrderPlaceInput {
			in := withCards(order("k"+strconv.Itoa(i), line(lamp, 1)), card)
			in.Payment = nil
			return in
		}) {
			if a.err == nil {
				paid++
				if a.Order.Status != orders.StatusConfirmed || a.Order.FinancialStatus != orders.FinancialPaid {
					t.Errorf("an order that its card has paid is %s and %s", a.Order.Status, a.Order.FinancialStatus)
				}
				continue
			}
			s.refused(a.err, "PAYMENT_METHOD_REQUIRED input.payment")
		}
		if paid != 7 || s.balance(card) != 25 || s.reserved(lamp) != 7 {
			t.Errorf("%d orders are paid, %d is left on the card, %d units", paid, s.balance(card), s.reserved(lamp))
		}
		if sum := s.number(`select sum(amount) from giftcard_movement`); sum != 25 {
			t.Errorf("the ledger adds up to %d", sum)
		}
		s.sound()
	})
	// With another way to pay behind it, the card gives what is left of it, and the rest is owed: no unit twice.
	t.Run("gift_card and method", func(t *testing.T) {
		t.Parallel()
		const redemptions, each = 60, 10725
		s, both := twoShops(t)
		lamp := s.goods("Lamp", 10000, redemptions)
		card := s.giftCard(2*each + 25)
		redeemed, owed := int64(0), int64(0)
		for _, a := range s.attack(both, redemptions, func(i int) checkout.OrderPlaceInput {
			return withCards(order("k"+strconv.Itoa(i), line(lamp, 1)), card)
		}) {
			if a.err != nil {
				s.refused(a.err, "CODE_NOT_APPLICABLE input.giftCardCodes.0")
				continue
			}
			redeemed += a.Order.TotalPrice.Minor - a.Order.Owed().Minor
			owed += a.Order.Owed().Minor
		}
		if redeemed != 2*each+25 || s.balance(card) != 0 || s.number(`select sum(amount) from payment`) != int(owed) {
			t.Errorf("%d redeemed, %d left, %d owed", redeemed, s.balance(card), owed)
		}
		s.sound()
	})
}
