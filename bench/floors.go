package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/pg/embedded"
)

// floors are measured by pgbench in the same PostgreSQL, in a database of their own: the least SQL that does the work
// safely, with nothing that thinks around it.
type floors struct {
	bench   *bench
	pgbench string // empty when the machine has none: then there is no floor
	dir     string
	known   map[string]figures // what was measured already
	filled  bool               // whether Wharf's tables are there
}

// floorTables are what the least that can be done works on: stock that cannot fall below zero, orders with their events
// and a job, and carts.
const floorTables = `
create table least_stock (id integer primary key, available integer not null check (available >= 0)) with (fillfactor = 60);
insert into least_stock select i, 1000000000 from generate_series(1, 1500) i;
create table least_order (id bigserial primary key, stock_id integer not null, total bigint not null);
create table least_event (order_id bigint, version integer, kind text not null, data text not null, primary key (order_id, version));
create table least_job (id bigserial primary key, kind text not null, order_id bigint not null);
create table least_cart (id integer primary key, version integer not null);
insert into least_cart select i, 1 from generate_series(1, 1500) i;
create table least_line (cart_id integer, variant integer, quantity integer not null, primary key (cart_id, variant));`

// orderScript is one order's whole life in one transaction: the stock row is taken only if enough is there, the order
// is written with its six events, and one job is put in line. :last is how many stock rows are in use.
const orderScript = `\set item random(1, :last)
begin;
update least_stock set available = available - 1 where id = :item and available >= 1;
insert into least_order (stock_id, total) values (:item, 1000 + :item) returning id \gset
insert into least_event (order_id, version, kind, data) select :id, v, 'order.placed', repeat('x', 200) from generate_series(1, 6) v;
insert into least_job (kind, order_id) values ('authorize_payment', :id);
commit;
`

// cartScript adds a piece to a cart, whose version rises with it.
const cartScript = `\set cart random(1, 1500)
\set variant random(1, 5)
begin;
update least_cart set version = version + 1 where id = :cart;
insert into least_line (cart_id, variant, quantity) values (:cart, :variant, 1) on conflict (cart_id, variant) do update set quantity = least_line.quantity + 1;
select variant, quantity from least_line where cart_id = :cart;
commit;
`

const floorDatabase = "floor"

func newFloors(ctx context.Context, b *bench) (*floors, error) {
	f := &floors{bench: b, dir: b.server.dir, known: map[string]figures{}}
	found, err := embedded.Find(ctx)
	if err != nil {
		return nil, err
	}
	for _, programs := range found {
		path := filepath.Join(programs.Dir, "pgbench")
		if _, err := os.Stat(path); err == nil {
			f.pgbench = path
			break
		}
	}
	if f.pgbench == "" {
		say("there is no pgbench beside postgres: writes are measured without a floor")
		return f, nil
	}
	if _, err := b.conn.Exec(ctx, "create database "+floorDatabase); err != nil {
		return nil, err
	}
	conn, err := pgx.Connect(ctx, b.database.URL(floorDatabase))
	if err != nil {
		return nil, err
	}
	_, err = conn.Exec(ctx, floorTables)
	return f, errors.Join(err, conn.Close(ctx))
}

func (f *floors) leastOrderSpread(ctx context.Context, clients int) (figures, error) {
	return f.measure(ctx, "spread", orderScript, clients, 1500)
}

func (f *floors) leastOrderHot(ctx context.Context, clients int) (figures, error) {
	return f.measure(ctx, "hot", orderScript, clients, 1)
}

func (f *floors) cartAdd(ctx context.Context, clients int) (figures, error) {
	return f.measure(ctx, "cart", cartScript, clients, 0)
}

// measure runs a script, once in a run for the same number of clients.
func (f *floors) measure(ctx context.Context, name, script string, clients, last int) (figures, error) {
	key := fmt.Sprintf("%s-%d", name, clients)
	if known, ok := f.known[key]; ok || f.pgbench == "" {
		return known, nil
	}
	file, log := filepath.Join(f.dir, name+".sql"), filepath.Join(f.dir, key+".log")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		return figures{}, err
	}
	// The time that pgbench is given includes opening the connections, which is not what is measured.
	seconds := int(math.Ceil(f.bench.duration.Seconds())) + 1 + clients/16
	command := exec.CommandContext(ctx, f.pgbench, "--no-vacuum", "--protocol=prepared", "--file="+file, "--define=last="+strconv.Itoa(last),
		"--client="+strconv.Itoa(clients), "--jobs="+strconv.Itoa(min(clients, 2)), "--time="+strconv.Itoa(seconds),
		"--log", "--log-prefix="+log, f.bench.database.URL(floorDatabase))
	if out, err := command.CombinedOutput(); err != nil {
		return figures{}, fmt.Errorf("pgbench: %w\n%s", err, out)
	}
	result, err := pgbenchLog(log)
	if err != nil {
		return figures{}, fmt.Errorf("read pgbench's log: %w", err)
	}
	f.known[key] = result
	return result, nil
}

// pgbenchLog reads the transactions of a run: client, number, microseconds it took, script, and when it ended in seconds
// and microseconds.
func pgbenchLog(prefix string) (figures, error) {
	files, err := filepath.Glob(prefix + ".*")
	if err != nil {
		return figures{}, err
	}
	var latencies []time.Duration
	var first, last time.Time
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return figures{}, err
		}
		for line := range strings.Lines(string(text)) {
			var who, number, took, script, seconds, micros int64
			if _, err := fmt.Sscan(line, &who, &number, &took, &script, &seconds, &micros); err != nil {
				return figures{}, fmt.Errorf("%w: %s", err, line)
			}
			latency, ended := time.Duration(took)*time.Microsecond, time.Unix(seconds, micros*1000)
			if began := ended.Add(-latency); first.IsZero() || began.Before(first) {
				first = began
			}
			if ended.After(last) {
				last = ended
			}
			latencies = append(latencies, latency)
		}
	}
	if len(latencies) == 0 {
		return figures{}, errors.New("no transaction ended in time")
	}
	return figuresOf(latencies, last.Sub(first)), nil
}
