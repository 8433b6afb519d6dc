package shoptest_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/fulfillment/flatrate"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/testprovider"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
	"github.com/wharfhq/wharf/internal/shop"
	"github.com/wharfhq/wharf/internal/shoptest"
)

// growing are the tables that grow with the shop.
var growing = []string{
	"cart", "cart_line", "collection_product", "customer", "customer_access_token", "event", "event_feed", "giftcard", "giftcard_movement",
	"idempotency_key", "listing", "listing_variant", "metafield", "notification", "orders", "payment", "payment_attempt", "payment_callback",
	"order_key", "payment_operation", "payment_reconciliation_break", "payment_refund", "payment_refund_line", "product", "product_image",
	"product_media", "product_option", "product_option_value", "product_variant", "promotion_use", "reservation", "stock_item", "river_job",
	"stock_adjustment", "stock_level", "stock_movement", "test_provider_entry",
}

// TestTheLifeOfAnOrderReadsNoWholeTable: with plans that read a whole table only where no index would do, none of the
// tables that grow with the shop is read whole, by no statement, trigger or constraint, while orders are placed, paid,
// given back by line, by gift card and whole, cancelled, expire, and are compared with the provider's books, while a
// product is written anew and ended logins are removed. A statement that needs one would be as fast today, and slow in a
// year. An index that is gone through from its beginning to its end is the same: the database tells its plans for tables of
// a million rows, and they are looked through for that. It is kept from joins that begin with all of a table, which so few
// values make look cheap.
func TestTheLifeOfAnOrderReadsNoWholeTable(t *testing.T) {
	t.Parallel()
	url := pgtest.NewURL(t)
	owner, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = owner.Close(t.Context()) }()
	execute := func(sql string, args ...any) {
		t.Helper()
		if _, err := owner.Exec(t.Context(), sql, args...); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	for _, setting := range []string{
		`enable_seqscan = off`, `enable_hashjoin = off`, `enable_mergejoin = off`, `session_preload_libraries = 'auto_explain'`, `auto_explain.log_min_duration = 0`,
		`auto_explain.log_nested_statements = on`, `auto_explain.log_format = 'json'`, `auto_explain.log_level = 'notice'`,
	} {
		execute(fmt.Sprintf(`alter database %s set `, pgx.Identifier{owner.Config().Database}.Sanitize()) + setting)
	}
	own, err := pg.Open(t.Context(), pg.Config{URL: url, MaxConns: 8})
	if err != nil {
		t.Fatal(err)
	}
	config := own.Config()
	own.Close()
	told := &plans{}
	config.ConnConfig.OnNotice = told.note
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	s := shoptest.New(t, func(c *shop.Config) {
		c.Pool, c.Rates = pool, flatrate.New(pool)
		c.Providers = []payment.Provider{testprovider.New(pool, testprovider.Options{})}
	})
	execute(`select pg_stat_reset()`)
	live(t, s, "once")
	// A table without rows is read at no cost, whichever way: only now can it be believed to be large, with values as
	// rare as they are now.
	execute(`analyze`)
	execute(`update pg_class set reltuples = 1000000, relpages = 1 where relkind = 'r' and relname = any($1)`, growing)
	told.forget()
	live(t, s, "again")
	pool.Close()
	patience := time.Now().Add(20 * time.Second)
	for alone := false; !alone; time.Sleep(10 * time.Millisecond) { // its connections tell at their end what they have counted
		if time.Now().After(patience) {
			t.Fatal("connections are left over")
		}
		const aloneSQL = `select not exists (select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid())`
		if err := owner.QueryRow(t.Context(), aloneSQL).Scan(&alone); err != nil {
			t.Fatal(err)
		}
	}

	const readWholeSQL = `
select relname::text
from pg_stat_user_tables
where relname = any($1)
  and seq_scan > 0
order by relname`
	rows, err := owner.Query(t.Context(), readWholeSQL, growing)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	if len(whole) > 0 {
		t.Errorf("read whole are: %s", strings.Join(whole, ", "))
	}
	indexes := indexesOf(t, owner)
	found, seen := told.whole(t, indexes)
	if seen < 200 {
		t.Errorf("only %d plans were told", seen)
	}
	for _, one := range found {
		t.Error(one)
	}
	t.Run("and would be found", func(t *testing.T) { wouldBeFound(t, owner, indexes) })
}

// live lets orders go through all that can become of them.
func live(t *testing.T, s *shoptest.Shop, round string) {
	t.Helper()
	for _, state := range []shoptest.State{
		shoptest.Placed, shoptest.ActionRequired, shoptest.Confirmed, shoptest.Cancelled, shoptest.Expired,
	} {
		shoptest.Order(t, s, state)
	}
	paid := shoptest.Order(t, s, shoptest.Paid).Order
	card, one := payment.RefundToGiftCard, []payment.PaymentRefundLineInput{{LineItemID: paid.Lines[0].ID.String(), Quantity: 1}}
	for _, refund := range []payment.PaymentRefundInput{
		{IdempotencyKey: "a line, to a card, " + round, OrderID: paid.ID.String(), Lines: one, To: &card},
		{IdempotencyKey: "the rest, " + round, OrderID: paid.ID.String()},
	} {
		if _, err := s.Payments.Refund(t.Context(), access.SystemActor, refund); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Payments.Operate(t.Context(), paid.ID, "test", payment.Done{}); err != nil {
		t.Fatal(err)
	}
	if _, err := payment.PaymentsByOrder(t.Context(), s.Pool, []id.OrderID{paid.ID}); err != nil {
		t.Fatal(err)
	}
	if err := s.Payments.Reconcile(t.Context(), "test"); err != nil {
		t.Fatal(err)
	}
	file := "Handle,Title,Variant SKU,Variant Price,Collection\norder-1,Another title " + round + ",ORDER-1,30.00,Orders\n"
	if _, err := catalog.Import(t.Context(), s.Pool, strings.NewReader(file), catalog.ImportOptions{Currency: "USD"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Customers.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Listed(t)
}

// plans gathers what the database tells of how it has run each statement, those of triggers and constraints too.
type plans struct {
	mu    sync.Mutex
	texts []string
}

func (p *plans) note(_ *pgconn.PgConn, n *pgconn.Notice) {
	if _, text, ok := strings.Cut(n.Message, "plan:\n"); ok {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.texts = append(p.texts, text)
	}
}

func (p *plans) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.texts = nil
}

// plan is one step of how a statement is run, in PostgreSQL's words.
type plan struct {
	Type     string `json:"Node Type"`
	Relation string `json:"Relation Name"`
	Index    string `json:"Index Name"`
	Cond     string `json:"Index Cond"`
	Filter   string `json:"Filter"`
	Plans    []plan `json:"Plans"`
}

// index is what an index is of.
type index struct {
	Name, Table, First string // First is its first column; empty for an expression and for what is no tree
	Partial            bool
}

func indexesOf(t *testing.T, conn *pgx.Conn) map[string]index {
	t.Helper()
	rows, err := conn.Query(t.Context(), `
select i.indexrelid::regclass::text, i.indrelid::regclass::text, case when m.amname = 'btree' then coalesce(a.attname::text, '') else '' end,
       i.indpred is not null
from pg_index i
join pg_class c on c.oid = i.indexrelid
join pg_am m on m.oid = c.relam
left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0] and i.indkey[0] > 0`)
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[index])
	if err != nil {
		t.Fatal(err)
	}
	by := make(map[string]index, len(list))
	for _, i := range list {
		_, name, qualified := strings.Cut(i.Name, ".")
		if !qualified {
			name = i.Name
		}
		if _, table, qualified := strings.Cut(i.Table, "."); qualified {
			i.Table = table
		}
		by[name] = i
	}
	return by
}

// whole says which plans go through an index of a growing table from end to end, and how many plans there are.
func (p *plans) whole(t *testing.T, indexes map[string]index) (found []string, seen int) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, text := range p.texts {
		var statement struct {
			Text string `json:"Query Text"`
			Plan plan   `json:"Plan"`
		}
		if err := json.Unmarshal([]byte(text), &statement); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		for _, step := range statement.Plan.endless(indexes, false) {
			line := fmt.Sprintf("%s of %s is gone through whole (condition %q, filter %q) by %.300s",
				step.Index, indexes[step.Index].Table, step.Cond, step.Filter, strings.Join(strings.Fields(statement.Text), " "))
			if !slices.Contains(found, line) {
				found = append(found, line)
			}
		}
	}
	slices.Sort(found)
	return found, len(p.texts)
}

// all is the one table of which a statement really wants everything: what the test provider has in its books is here one page.
const all = "test_provider_entry"

// endless lists the steps that read an index whole. One without a condition on the index's first column does, unless it is an
// index of a few rows, or it ends once there are enough: below a limit, with nothing that passes rows over.
func (p plan) endless(indexes map[string]index, enough bool) (steps []plan) {
	i, known := indexes[p.Index]
	if known && !i.Partial && i.Table != all && slices.Contains(growing, i.Table) && i.First != "" && !(enough && p.Filter == "") &&
		!regexp.MustCompile(`\b`+i.First+`\b[^=<>]*(=|<|>)`).MatchString(p.Cond) && !strings.Contains(p.Cond, "ROW("+i.First) {
		steps = append(steps, p)
	}
	passes := p.Type == "Limit" || enough && (p.Type == "Nested Loop" || p.Type == "LockRows" || p.Type == "Result" || p.Type == "Subquery Scan" || p.Type == "Unique")
	for n, child := range p.Plans {
		steps = append(steps, child.endless(indexes, passes && n == 0)...)
	}
	return steps
}

// wouldBeFound shows the test what it is there to find.
func wouldBeFound(t *testing.T, owner *pgx.Conn, indexes map[string]index) {
	if _, err := owner.Exec(t.Context(), `set enable_seqscan = off; set enable_bitmapscan = off; set enable_hashjoin = off; set enable_mergejoin = off`); err != nil {
		t.Fatal(err)
	}
	const some = `'01890a5d-ac96-774b-bcce-b302099a8057'`
	for sql, want := range map[string]int{
		`select stream from event where version = 7`:                                     1, // the index's second column
		`select stream from event where stream = ` + some:                                0,
		`select count(*) from orders`:                                                    1,
		`select id from orders order by id limit 5`:                                      0,
		`select id from orders where currency = 'USD' order by id limit 5`:               1, // it may be the last of all
		`select id from orders where currency = 'USD' and id > ` + some:                  0,
		`select max(order_number) from orders`:                                           0,
		`select stream from event where cause = 'x' order by stream, version`:            1,
		`delete from customer_access_token where expires_at < now()`:                     0,
		`select o.id from orders o join event e on e.stream = o.id where o.id = ` + some: 0,
		`select o.id from orders o join event e on e.stream = o.id order by o.id`:        1, // all of one, and of the other its own
	} {
		var text []byte
		if err := owner.QueryRow(t.Context(), `explain (format json) `+sql).Scan(&text); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		var explained []struct{ Plan plan }
		if err := json.Unmarshal(text, &explained); err != nil {
			t.Fatal(err)
		}
		if got := len(explained[0].Plan.endless(indexes, false)); got != want {
			t.Errorf("%s: found %d, want %d: %s", sql, got, want, text)
		}
	}
}
