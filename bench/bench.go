package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/pg/embedded"
)

// bench is a run under way: a server that answers, and what is known of its shop.
type bench struct {
	plan
	server   *server
	client   *client
	variants []string
	database *embedded.Server
	conn     *pgx.Conn // looks at the shop's tables while nothing is measured
	floors   *floors
	reads    *readFloor
}

func open(ctx context.Context, p plan, s *server) (_ *bench, err error) {
	b := &bench{plan: p, server: s, client: newClient("http://" + s.addr + "/graphql"), reads: newReadFloor()}
	defer func() {
		if err != nil {
			b.close(ctx)
		}
	}()
	if b.variants, err = b.stock.ids(ctx, b.client); err != nil {
		return nil, err
	}
	if b.database, err = embedded.Attach(ctx, s.data()); err != nil {
		return nil, err
	}
	if b.conn, err = pgx.Connect(ctx, b.database.URL(embedded.Login)); err != nil {
		return nil, err
	}
	b.floors, err = newFloors(ctx, b)
	return b, err
}

func (b *bench) close(ctx context.Context) {
	b.reads.close()
	b.client.http.CloseIdleConnections()
	if b.conn != nil {
		_ = b.conn.Close(context.WithoutCancel(ctx))
	}
}

// scenario is one thing that clients do, and the least that it costs anybody.
type scenario struct {
	name    string
	sockets bool // the clients are the sockets of -sockets
	jobs    bool // what it waits for is done by jobs
	open    bool // it comes at a rate of its own, whatever the number of clients
	finds   bool // it needs facets and searches
	run     func(ctx context.Context, clients int) (figures, error)
	floor   func(ctx context.Context, clients int) (figures, error)
	least   func(ctx context.Context, clients int) (figures, error) // for orders: the least SQL that does the work safely
}

// scenarios in the order in which they run: reads first, while nothing happens in the background.
func (b *bench) scenarios() []scenario {
	return []scenario{
		{name: "product by handle", run: kept(b.productByHandle), floor: b.reads.floorOf(b)},
		{name: "product by handle, anew", run: anew(b.productByHandle), floor: b.reads.floorOf(b)},
		{name: "list of 24 products", run: kept(b.productList), floor: b.reads.floorOf(b)},
		{name: "list of 24 products, anew", run: anew(b.productList), floor: b.reads.floorOf(b)},
		{name: "collection with facets", finds: true, run: kept(b.collectionPage), floor: b.reads.floorOf(b)},
		{name: "collection with facets, anew", finds: true, run: anew(b.collectionPage), floor: b.reads.floorOf(b)},
		{name: "search", finds: true, run: kept(b.searchPage), floor: b.reads.floorOf(b)},
		{name: "search, anew", finds: true, run: anew(b.searchPage), floor: b.reads.floorOf(b)},
		{name: "predictive search", finds: true, run: kept(b.predictive), floor: b.reads.floorOf(b)},
		{name: "predictive search, anew", finds: true, run: anew(b.predictive), floor: b.reads.floorOf(b)},
		{name: "cart add", run: b.cartAdd, floor: b.floors.cartAdd},
		{name: "order from lines, spread", run: b.orderSpread, floor: b.floors.sameOrderSpread, least: b.floors.leastOrderSpread},
		{name: "order from lines, one hot product", run: b.orderHot, floor: b.floors.sameOrderHot, least: b.floors.leastOrderHot},
		{name: "order from a cart", run: b.orderFromCart, floor: b.floors.sameOrderSpread},
		{name: "order to confirmed", jobs: true, run: b.journey, floor: b.floors.sameOrderSpread},
		{name: "payment started, 200 orders/s", open: true, jobs: true, run: b.paymentStart, floor: b.noFloor},
		{name: "events of one order, fan-out", sockets: true, jobs: true, run: b.eventsOfOne, floor: b.socketFloor},
		{name: "events of many orders", sockets: true, jobs: true, run: b.eventsOfMany, floor: b.socketFloor},
	}
}

func (b *bench) all(ctx context.Context) (*report, error) {
	r, err := b.newReport(ctx)
	if err != nil {
		return nil, err
	}
	finds, err := b.knows(ctx)
	if err != nil {
		return nil, err
	}
	if err := b.rest(ctx); err != nil { // from the import
		return nil, err
	}
	for _, s := range b.scenarios() {
		if !b.chosen.MatchString(s.name) || s.jobs && b.apart {
			continue
		}
		if s.finds && !finds {
			say("%s: the server's schema has no facets and searches", s.name)
			continue
		}
		clients := b.clients
		if s.sockets {
			clients = []int{b.sockets}
		}
		if s.open {
			clients = []int{startRate}
		}
		for _, n := range clients {
			row, err := b.one(ctx, s, n)
			if err != nil {
				return nil, fmt.Errorf("%s, %d clients: %w", s.name, n, err)
			}
			r.rows = append(r.rows, row)
		}
	}
	return r, nil
}

// one measures a scenario, waits until what it began in the background is done, and measures its floor.
func (b *bench) one(ctx context.Context, s scenario, clients int) (row, error) {
	result := row{scenario: s.name, clients: clients}
	before, err := b.spent(ctx)
	if err != nil {
		return row{}, err
	}
	if result.wharf, err = s.run(ctx, clients); err != nil {
		return row{}, err
	}
	began := time.Now()
	if err := b.rest(ctx); err != nil {
		return row{}, err
	}
	result.rest = time.Since(began)
	after, err := b.spent(ctx)
	if err != nil {
		return row{}, err
	}
	result.cost = after.since(before)
	if result.floor, err = s.floor(ctx, clients); err != nil {
		return row{}, fmt.Errorf("floor: %w", err)
	}
	if s.least != nil {
		if result.least, err = s.least(ctx, clients); err != nil {
			return row{}, fmt.Errorf("the least SQL: %w", err)
		}
	}
	say("%s", result)
	return result, nil
}

// What still has a step before it that could be taken now: orders, jobs, shelves to be told of, rows of
// the listing, and members of collections.
const busyQuery = `
select exists (select from orders where status = 'PENDING_PAYMENT')
	or exists (select from river.river_job where state in ('available', 'running'))
	or exists (select from stock_signal)
	or exists (select from listing_stale)
	or exists (select from collection_change)`

// rest waits until the shop has no work left, so that one scenario does not slow the next.
func (b *bench) rest(ctx context.Context) (err error) {
	if b.apart {
		end, err := b.server.work(ctx)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, end()) }()
	}
	deadline := time.Now().Add(5 * time.Minute)
	for {
		var busy bool
		if err := b.conn.QueryRow(ctx, busyQuery).Scan(&busy); err != nil {
			return err
		}
		if !busy {
			return nil
		}
		if time.Now().After(deadline) {
			return errors.New("the background is not done after 5 minutes")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// busyness is the machine's load as Linux tells it; a figure measured beside other work is worth less.
func busyness() string {
	text, err := os.ReadFile("/proc/loadavg")
	if fields := strings.Fields(string(text)); err == nil && len(fields) > 0 {
		return fields[0]
	}
	return "unknown"
}
