package checkout_test

import (
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/checkout"
)

// TestSale lets many buyers want 100 units that lie in three stores, through two processes, half of them by mail and
// half to be collected wherever there is one: exactly 100 get one, and everyone else is told that it is sold out.
// WHARF_TEST_BUYERS says how many buyers come; without it 1,000 do.
func TestSale(t *testing.T) {
	t.Parallel()
	const units, clients = 100, 128 // so many buyers are there at every moment
	buyers := 1_000
	if text := os.Getenv("WHARF_TEST_BUYERS"); text != "" {
		var err error
		if buyers, err = strconv.Atoi(text); err != nil || buyers < units {
			t.Fatalf("WHARF_TEST_BUYERS is %q: give a number of at least %d", text, units)
		}
	}
	here := staffed(t)
	there := here.beside()
	console := here.goods("Console", 49900, 0)
	for i, n := range []int{50, 30, 20} {
		store := here.store("Store "+strconv.Itoa(i), "MN", "5542"+strconv.Itoa(i), address.Coordinate{Latitude: 44 + float64(i), Longitude: -93}, ptr(buyers))
		here.exec(`update location set ships_online = true where id = $1`, store)
		here.stock(console, store, n)
	}
	var sold, shipped atomic.Int64
	var told sync.Map
	next := make(chan int)
	var all sync.WaitGroup
	for c := range clients {
		s := []*till{here, there}[c%2]
		all.Go(func() {
			for i := range next {
				in := order("k"+strconv.Itoa(i), line(console, 1))
				if i%2 == 1 {
					in = collect("k"+strconv.Itoa(i), checkout.OrderPickupInput{Near: &minneapolis}, console, 1)
				}
				_, err := s.Checkout.Place(s.Context(), access.Actor{}, in)
				for err != nil && refusals(err)[0] == "BUSY" { // on a slow machine; a client comes again with its key
					_, err = s.Checkout.Place(s.Context(), access.Actor{}, in)
				}
				if err == nil {
					sold.Add(1)
					shipped.Add(int64(1 - i%2))
					continue
				}
				told.Store(strings.Join(refusals(err), ", "), err)
			}
		})
	}
	for i := range buyers {
		next <- i
	}
	close(next)
	all.Wait()
	told.Range(func(what, err any) bool {
		switch what {
		case "OUT_OF_STOCK input.lines.0.quantity", "NO_STORE_AVAILABLE input.delivery.pickup":
		default:
			t.Errorf("somebody is told %s (%v)", what, err)
		}
		return true
	})
	if sold.Load() != units || here.reserved(console) != units {
		t.Errorf("%d were sold and %d are reserved, want %d", sold.Load(), here.reserved(console), units)
	}
	for what, sql := range map[string]string{
		"orders":       `select count(*) from orders`,
		"order.placed": `select count(*) from event where kind = 'order.placed'`,
		"payments":     `select count(*) from payment`,
		"keys":         `select count(*) from idempotency_key where operation = 'orderPlace'`,
		"units held":   `select sum(quantity) from reservation where state = 'HELD'`,
	} {
		if n := here.number(sql); n != units {
			t.Errorf("%d %s, want %d", n, what, units)
		}
	}
	if n := here.number(`select count(*) from pickup_booking`); n != units-int(shipped.Load()) {
		t.Errorf("%d places in stores are booked for %d orders that are collected", n, units-shipped.Load())
	}
	if n := here.number(`select count(*) from stock_level where on_hand > 0 and reserved <> on_hand`); n != 0 {
		t.Errorf("%d stores have something left", n)
	}
	here.sound()
}
