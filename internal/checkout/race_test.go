package checkout_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/checkout"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/fulfillment/flatrate"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/shop"
	"github.com/wharfhq/wharf/internal/shoptest"
	"github.com/wharfhq/wharf/internal/tax"
)

// answer is what one of many callers got.
type answer struct {
	checkout.Placement
	err error
}

// together places n orders at the same moment.
func (s *till) together(n int, in func(i int) checkout.OrderPlaceInput) []answer {
	answers, start := make([]answer, n), make(chan struct{})
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			<-start
			answers[i].Placement, answers[i].err = s.Checkout.Place(s.Context(), access.Actor{}, in(i))
		})
	}
	close(start)
	group.Wait()
	return answers
}

func TestLastUnitsAreSoldOnce(t *testing.T) {
	t.Parallel()
	const buyers, units = 100, 10
	s := staffed(t)
	lamp := s.goods("Lamp", 1999, 6)
	second := id.NewLocationID()
	s.exec(`insert into location (id, kind, name, country_code, ships_online) values ($1, 'WAREHOUSE', 'Second', 'US', true)`, second)
	s.stock(lamp, second, 4)
	sold := 0
	for _, a := range s.together(buyers, func(i int) checkout.OrderPlaceInput { return order("k"+strconv.Itoa(i), line(lamp, 1)) }) {
		if a.err == nil {
			sold++
			continue
		}
		s.refused(a.err, "OUT_OF_STOCK input.lines.0.quantity")
		if got := data(a.err, "quantityAvailable"); got != 0 {
			t.Errorf("sold out, and %v are said to be available", got)
		}
	}
	if sold != units || s.reserved(lamp) != units {
		t.Errorf("%d orders and %d units reserved, want %d of each", sold, s.reserved(lamp), units)
	}
	for table, want := range map[string]int{"orders": units, "event": units, "payment": units, "idempotency_key": units} {
		if n := s.number("select count(*) from " + table); n != want {
			t.Errorf("%s has %d rows, want %d", table, n, want)
		}
	}
	s.sound()
}

func TestSameKeyAtTheSameTimeIsOneOrder(t *testing.T) {
	t.Parallel()
	const twins = 20
	s := staffed(t)
	last, lamp := s.goods("Last", 1999, 1), s.goods("Lamp", 1999, 100)
	made := s.cart(line(lamp, 1))
	for what, in := range map[string]checkout.OrderPlaceInput{
		"of the last unit": order("a", line(last, 1)),
		"from a cart":      fromCart("b", made.ID),
		"of many units":    order("c", line(lamp, 1)),
	} {
		answers := s.together(twins, func(int) checkout.OrderPlaceInput { return in })
		for _, a := range answers {
			if a.err != nil {
				t.Fatalf("%s: %v", what, a.err)
			}
			same(t, a.Placement, answers[0].Placement)
		}
	}
	if n := s.number(`select count(*) from orders`); n != 3 || s.reserved(last) != 1 || s.reserved(lamp) != 2 {
		t.Errorf("%d orders, %d and %d units; want 3, 1 and 2", n, s.reserved(last), s.reserved(lamp))
	}
	s.sound()
}

func TestOneCartIsPlacedOnce(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	made := s.cart(line(s.goods("Lamp", 1999, 100), 1))
	placed := 0
	for _, a := range s.together(20, func(i int) checkout.OrderPlaceInput { return fromCart("k"+strconv.Itoa(i), made.ID) }) {
		if a.err == nil {
			placed++
			continue
		}
		s.refused(a.err, "CART_ALREADY_PLACED input.cartId")
	}
	if n := s.number(`select count(*) from orders`); placed != 1 || n != 1 {
		t.Errorf("%d answers, %d orders; want one", placed, n)
	}
	s.sound()
}

func TestSameVariantsInOppositeOrderDoNotDeadlock(t *testing.T) {
	t.Parallel()
	const rounds = 60
	s := staffed(t)
	var lines []cart.CartLineInput
	for i := range 6 {
		lines = append(lines, line(s.goods("Thing "+strconv.Itoa(i), 100, rounds), 1))
	}
	turned := slices.Clone(lines)
	slices.Reverse(turned)
	for _, a := range s.together(rounds, func(i int) checkout.OrderPlaceInput {
		if i%2 == 0 {
			return order("k"+strconv.Itoa(i), lines...)
		}
		return order("k"+strconv.Itoa(i), turned...)
	}) {
		if a.err != nil {
			t.Errorf("%v", a.err)
		}
	}
	if n := s.number(`select sum(reserved) from stock_level`); n != 6*rounds {
		t.Errorf("%d units reserved, want %d", n, 6*rounds)
	}
	s.sound()
}

// The attack of the ACIDRain paper: the cart grows while it is being paid for, and what came late is had for nothing.
func TestCartThatGrowsWhileItIsPlacedIsPaidInFull(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	lamp, gold := s.goods("Lamp", 100, 10_000), s.goods("Gold", 1_000_000, 10_000)
	for round := range 10 {
		made := s.cart(line(lamp, 1))
		var added atomic.Int64
		var group sync.WaitGroup
		start := make(chan struct{})
		for range 4 {
			group.Go(func() {
				<-start
				for range 5 {
					p, err := s.Carts.AddLines(t.Context(), made.ID.String(), []cart.CartLineInput{line(gold, 1)})
					if err != nil {
						t.Error(err)
						return
					}
					if p.Cart == nil {
						return // it was placed
					}
					added.Add(1)
				}
			})
		}
		var placed checkout.Placement
		var err error
		group.Go(func() {
			<-start
			placed, err = s.Checkout.Place(t.Context(), access.Actor{}, fromCart(fmt.Sprint("k", round), made.ID))
		})
		close(start)
		group.Wait()
		if err != nil {
			t.Fatal(err)
		}
		got := int64(0)
		for _, l := range placed.Order.Lines {
			if l.VariantID == gold {
				got = int64(l.Quantity)
			}
		}
		if got != added.Load() || placed.Order.SubtotalPrice != usd(100+got*1_000_000) {
			t.Errorf("round %d: %d added to the cart, %d in the order, paid %s", round, added.Load(), got, placed.Order.SubtotalPrice)
		}
	}
	s.sound()
}

// meddler is a tax table that lets something happen once, between working an order out and committing it.
type meddler struct {
	tax.Provider
	meddle func()
}

func (m *meddler) Calculate(ctx context.Context, sale tax.Sale) (tax.Result, error) {
	if meddle := m.meddle; meddle != nil {
		m.meddle = nil
		meddle()
	}
	return m.Provider.Calculate(ctx, sale)
}

func TestWhatChangesWhileItIsPlacedIsWorkedOutAnew(t *testing.T) {
	t.Parallel()
	m := &meddler{}
	s := open(t, func(cfg *shop.Config) { m.Provider, cfg.Tax = tax.NewTable(cfg.Pool), m })
	lamp := s.goods("Lamp", 10_000, 100)
	setPrice := func(cents int64) func() {
		return func() { s.exec(`update product_variant set price = $2 where id = $1`, lamp, cents) }
	}

	m.meddle = setPrice(20_000)
	if o := s.place(order("a", line(lamp, 1))).Order; o.TotalPrice != usd(21450) {
		t.Errorf("the price rose and the shopper pays %s, want 214.50", o.TotalPrice)
	}
	m.meddle = setPrice(30_000)
	in := order("b", line(lamp, 1))
	in.ExpectedTotal = expect("214.50", "USD")
	_, err := s.Checkout.Place(t.Context(), access.Actor{}, in)
	s.refused(err, "TOTAL_CHANGED input.expectedTotal")

	made := s.cart(line(lamp, 1))
	m.meddle = func() {
		p, err := s.Carts.AddLines(t.Context(), made.ID.String(), []cart.CartLineInput{line(lamp, 2)})
		if err != nil || p.Cart == nil {
			t.Error(p, err)
		}
	}
	expected := fromCart("c", made.ID)
	expected.ExpectedVersion = &made.Version
	_, err = s.Checkout.Place(t.Context(), access.Actor{}, expected)
	s.refused(err, "VERSION_CONFLICT input.expectedVersion")
	if got := data(err, "currentVersion"); got != made.Version+1 {
		t.Errorf("the version is said to be %v, want %d", got, made.Version+1)
	}
	m.meddle = func() {
		s.exec(`update product set status = 'DRAFT' where title = 'Lamp'`)
	}
	_, err = s.Checkout.Place(t.Context(), access.Actor{}, fromCart("d", made.ID))
	s.refused(err, "VARIANT_NOT_FOUND input.cartId")
	s.exec(`update product set status = 'ACTIVE' where title = 'Lamp'`)

	// The last units go to somebody else.
	m.meddle = func() {
		shoptest.Shelve(t, s.Pool, `update stock_level set on_hand = reserved + 1 where variant_id = $1`, lamp)
	}
	_, err = s.Checkout.Place(t.Context(), access.Actor{}, fromCart("e", made.ID))
	s.refused(err, "OUT_OF_STOCK input.cartId")
	if n := s.number(`select count(*) from orders`); n != 1 || s.reserved(lamp) != 1 {
		t.Errorf("%d orders and %d units, want 1 of each", n, s.reserved(lamp))
	}
}

// TestABundleWhosePartIsWithdrawnWhileItIsPlaced is not sold: neither of bare lines nor of a cart, neither shipped nor
// collected, and with the part back it is.
func TestABundleWhosePartIsWithdrawnWhileItIsPlaced(t *testing.T) {
	t.Parallel()
	m := &meddler{}
	s := open(t, func(cfg *shop.Config) { m.Provider, cfg.Tax = tax.NewTable(cfg.Pool), m })
	lamp, shade := s.goods("Lamp", 10_000, 100), s.goods("Shade", 1_000, 100)
	set := s.bundle("Set", 10_500, map[id.ProductVariantID]int{lamp: 1, shade: 2})
	store := s.store("Soho", "NY", "10012", address.Coordinate{Latitude: 40.72, Longitude: -74}, nil)
	for _, part := range []id.ProductVariantID{lamp, shade} {
		s.stock(part, store, 10)
	}
	made := s.cart(line(set, 1), line(lamp, 1))
	there := store.String()
	collected := order("c", line(set, 1))
	collected.Delivery = pickup(checkout.OrderPickupInput{LocationID: &there})
	for name, withdrawn := range map[string][2]string{
		"a draft":     {`update product set status = 'DRAFT' where title = 'Shade'`, `update product set status = 'ACTIVE' where title = 'Shade'`},
		"unpublished": {`update product set published_at = null where title = 'Shade'`, `update product set published_at = now() where title = 'Shade'`},
		"not yet":     {`update product set published_at = now() + interval '1 hour' where title = 'Shade'`, `update product set published_at = now() where title = 'Shade'`},
		"taken away":  {`update product_variant set removed_at = now() where id = '` + uuid.UUID(shade).String() + `'`, `update product_variant set removed_at = null`},
	} {
		for _, in := range []struct {
			how  string
			in   checkout.OrderPlaceInput
			want string
		}{
			{"lines", order("a", line(lamp, 1), line(set, 1)), "OUT_OF_STOCK input.lines.1.quantity"},
			{"a cart", fromCart("b", made.ID), "OUT_OF_STOCK input.cartId"},
			{"a store", collected, "OUT_OF_STOCK input.lines.0.quantity"},
		} {
			m.meddle = func() { s.exec(withdrawn[0]) }
			_, err := s.Checkout.Place(t.Context(), access.Actor{}, in.in)
			if got := strings.Join(refusals(err), ", "); got != in.want {
				t.Errorf("%s, from %s: %q (%v), want %s", name, in.how, got, err, in.want)
			}
			if got := data(err, "quantityAvailable"); got != 0 {
				t.Errorf("%s, from %s: %v can be had", name, in.how, got)
			}
			s.exec(withdrawn[1])
		}
	}
	if n := s.number(`select (select count(*) from orders) + (select count(*) from reservation)`); n != 0 {
		t.Errorf("refusals have left %d rows", n)
	}
	if placed := s.place(fromCart("b", made.ID)); len(placed.Order.Lines) != 2 || s.reserved(shade) != 2 {
		t.Errorf("with all its parts: %+v", placed.Order.Lines)
	}
}

func TestStoreThatFillsUpWhileItIsChosenIsReplaced(t *testing.T) {
	t.Parallel()
	m := &meddler{}
	s := open(t, func(cfg *shop.Config) { m.Provider, cfg.Tax = tax.NewTable(cfg.Pool), m })
	lamp := s.goods("Lamp", 100, 0)
	near := s.store("Bloomington", "MN", "55425", bloomington, ptr(1))
	far := s.store("Manhattan", "NY", "10036", manhattan, nil)
	s.stock(lamp, near, 5)
	s.stock(lamp, far, 5)
	in := collect("a", checkout.OrderPickupInput{Near: &minneapolis}, lamp, 1)
	m.meddle = func() { s.place(collect("b", checkout.OrderPickupInput{Near: &minneapolis}, lamp, 1)) }
	if got := *s.place(in).Order.Delivery.LocationID; got != far {
		t.Error("a store that is full was chosen")
	}
	m.meddle = func() {
		shoptest.Shelve(t, s.Pool, `update stock_level set on_hand = reserved where location_id = $1`, far)
	}
	_, err := s.Checkout.Place(t.Context(), access.Actor{}, collect("c", checkout.OrderPickupInput{Near: &minneapolis}, lamp, 1))
	s.refused(err, "NO_STORE_AVAILABLE input.delivery.pickup")
}

func TestCrashBeforeTheCommitLeavesNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	crash := errors.New("the process dies here")
	var dying atomic.Bool
	s.Events.Connect(func(context.Context, pgx.Tx, *pgx.Batch, []event.Event) error {
		if dying.Load() {
			return crash
		}
		return nil
	})
	made := s.cart(line(s.goods("Lamp", 1999, 1), 1))
	in := fromCart("k", made.ID)
	dying.Store(true)
	if _, err := s.Checkout.Place(t.Context(), access.Actor{}, in); !errors.Is(err, crash) {
		t.Fatalf("%v, want the crash", err)
	}
	s.nothingHappened()
	dying.Store(false)
	placed := s.place(in)
	same(t, s.place(in), placed)
}

// lossy is a connection that breaks at a commit when it is told to: before the server hears of it, or before the
// client hears the answer.
type lossy struct {
	net.Conn
	breaks *atomic.Int32
}

const (
	breakBefore = 1
	breakAfter  = 2
)

func (c lossy) Write(b []byte) (int, error) {
	if !bytes.Contains(b, []byte("commit\x00")) {
		return c.Conn.Write(b)
	}
	switch c.breaks.Swap(0) {
	case breakBefore:
		_ = c.Close()
		return 0, net.ErrClosed
	case breakAfter:
		n, err := c.Conn.Write(b)
		_ = c.Close()
		return n, err
	}
	return c.Conn.Write(b)
}

func TestCommitWhoseAnswerIsLostIsLookedUp(t *testing.T) {
	t.Parallel()
	var breaks atomic.Int32
	s := open(t, func(cfg *shop.Config) {
		settings := cfg.Pool.Config()
		dial := settings.ConnConfig.DialFunc
		settings.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			return lossy{conn, &breaks}, err
		}
		pool, err := pgxpool.NewWithConfig(t.Context(), settings)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(pool.Close)
		cfg.Pool = pool
	})
	lamp := s.goods("Lamp", 1999, 10)
	for i, how := range []int32{breakBefore, breakAfter} {
		made := s.cart(line(lamp, 1))
		in := fromCart("k"+strconv.Itoa(i), made.ID)
		breaks.Store(how)
		placed := s.place(in)
		if breaks.Load() != 0 {
			t.Fatal("no connection broke")
		}
		same(t, s.place(in), placed)
		if n := s.number(`select count(*) from orders where cart_id = $1`, made.ID.UUID); n != 1 {
			t.Errorf("break %d: %d orders of the cart, want 1", how, n)
		}
		breaks.Store(how)
		cancel := checkout.OrderCancelInput{IdempotencyKey: "c", OrderID: placed.Order.ID.String(), AccessToken: &placed.AccessToken}
		cancelled, err := s.Checkout.Cancel(t.Context(), access.Actor{}, cancel)
		if err != nil || breaks.Load() != 0 {
			t.Fatalf("break %d: %v", how, err)
		}
		if got, want := s.kinds(placed.Order.ID), []string{"order.placed", "order.cancelled"}; !slices.Equal(got, want) || cancelled.Version != 2 {
			t.Errorf("break %d: events %v, want %v", how, got, want)
		}
	}
	if s.reserved(lamp) != 0 {
		t.Errorf("%d units are still reserved", s.reserved(lamp))
	}
}

// Whoever holds a connection and wants a second one can wait for ever when all are taken: here there is only one.
func TestNobodyHoldsAConnectionAndWantsAnother(t *testing.T) {
	t.Parallel()
	s := open(t, func(cfg *shop.Config) {
		settings := cfg.Pool.Config()
		settings.MaxConns = 1
		pool, err := pgxpool.NewWithConfig(t.Context(), settings)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(pool.Close)
		cfg.Pool, cfg.Rates = pool, flatrate.New(pool)
	})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	lamp := s.goods("Lamp", 100, 100)
	store := s.store("Bloomington", "MN", "55425", bloomington, ptr(50))
	s.stock(lamp, store, 100)
	ada := s.customer("ada@example.com")
	var group sync.WaitGroup
	for i := range 10 {
		group.Go(func() {
			de := address.CountryCode("DE")
			made, err := s.Carts.Create(ctx, access.Actor{}, cart.CartInput{
				Lines:         []cart.CartLineInput{line(lamp, 1)},
				BuyerIdentity: &cart.CartBuyerIdentityInput{CountryCode: &de, CustomerAccessToken: ptr("nobody's")},
			})
			if err != nil || made.Cart != nil {
				t.Errorf("cart: %+v, %v", made, err)
			}
			made, err = s.Carts.Create(ctx, access.Actor{}, cart.CartInput{Lines: []cart.CartLineInput{line(lamp, 1)}, BuyerIdentity: &cart.CartBuyerIdentityInput{CountryCode: &de}})
			if err != nil || made.Cart == nil {
				t.Errorf("cart: %+v, %v", made, err)
				return
			}
			for _, in := range []checkout.OrderPlaceInput{
				fromCart("a"+strconv.Itoa(i), made.Cart.ID),
				collect("b"+strconv.Itoa(i), checkout.OrderPickupInput{Near: &minneapolis}, lamp, 1),
			} {
				placed, err := s.Checkout.Place(ctx, ada, in)
				if err != nil {
					t.Errorf("place: %v", err)
					return
				}
				if err := s.Checkout.Expire(ctx, placed.Order.ID, "test", done); err != nil {
					t.Errorf("expire: %v", err)
				}
				if _, err := s.Checkout.Cancel(ctx, ada, cancelOf("c"+in.IdempotencyKey, placed)); err != nil {
					t.Errorf("cancel: %v", err)
				}
			}
		})
	}
	group.Wait()
	if s.reserved(lamp) != 0 {
		t.Errorf("%d units are still reserved", s.reserved(lamp))
	}
}
