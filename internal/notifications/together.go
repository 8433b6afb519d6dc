package notifications

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/together"
)

// Messages that are sent at the same moment share the statements around their sending: reading what is told, taking the
// messages, and closing them.

const (
	mostTogether = 200                    // how many messages share a statement
	giveWayFor   = 250 * time.Millisecond // how long a message waits at most while shoppers wait for each other
)

// group makes a group of what may be done again without harm.
func group[T comparable](all func(context.Context, []T) ([]T, error), yield func(ctx context.Context, atMost time.Duration)) *together.Group[T] {
	return together.New(together.Work[T]{
		Most: mostTogether, Within: recordFor / 4, All: all, Yield: yield, YieldFor: giveWayFor,
		Alone: func(ctx context.Context, one T) error {
			_, err := all(ctx, []T{one})
			return err
		},
	})
}

// step is an event of an order that is to be told; found is nil when there is no such event.
type step struct {
	order   id.OrderID
	version int
	found   *orders.OrderEvent
}

func (n *Notifications) readSteps(ctx context.Context, batch []*step) ([]*step, error) {
	upTo := make(map[id.OrderID]int, len(batch))
	for _, s := range batch {
		upTo[s.order] = max(upTo[s.order], s.version)
	}
	all, err := n.orders.EventsUpTo(ctx, n.pool, upTo)
	if err != nil {
		return nil, err
	}
	for _, s := range batch {
		if history := all[s.order]; s.version > 0 && s.version <= len(history) {
			s.found = &history[s.version-1]
		}
	}
	return nil, nil
}

// key is what a message is kept under.
type key struct {
	about   [16]byte
	version int
	kind    Kind
}

func (m message) key() key { return key{m.about, m.version, m.kind} }

// take is a message to be taken, and how many tries it has had then; 0 when it can't be taken.
type take struct {
	of  message
	try int
}

const takeSQL = `
insert into notification (order_id, event_version, kind, message_id, leased_until)
select order_id, event_version, kind, message_id, clock_timestamp() + make_interval(secs => $5)
from unnest($1::uuid[], $2::int[], $3::text[], $4::text[]) m(order_id, event_version, kind, message_id)
order by order_id, event_version, kind
on conflict (order_id, event_version, kind) do update
set tries = notification.tries + 1, leased_until = excluded.leased_until
where notification.state = 'sending'
  and (notification.leased_until is null or notification.leased_until < clock_timestamp())
returning order_id, event_version, kind, tries`

// takeAll takes messages, each for one of those who want it: a second one is left out.
func (n *Notifications) takeAll(ctx context.Context, batch []*take) (left []*take, err error) {
	mine := make(map[key]*take, len(batch))
	var columns keyColumns
	var ids []string
	for _, t := range batch {
		t.try = 0 // it may have been told that it is its turn before the statement failed
		if k := t.of.key(); mine[k] == nil {
			mine[k], ids = t, append(ids, t.of.id)
			columns.add(k)
			continue
		}
		left = append(left, t)
	}
	rows, err := n.pool.Query(ctx, takeSQL, columns.about, columns.versions, columns.kinds, ids, lease.Seconds())
	if err != nil {
		return nil, err
	}
	var k key
	var try int
	_, err = pgx.ForEachRow(rows, []any{&k.about, &k.version, &k.kind, &try}, func() error {
		mine[k].try = try
		return nil
	})
	return left, err
}

// closing is a message whose outcome is known.
type closing struct {
	of             message
	state, problem string
}

// The state is an argument, so that the row is found by its key: the small index of unfinished messages would look
// cheaper, but holds all that have just been finished too until they are vacuumed.
const closeSQL = `
update notification
set state = m.state, sent_at = case when m.state = 'sent' then clock_timestamp() end, leased_until = null,
    problem = nullif(m.problem, '')
from unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[]) m(order_id, event_version, kind, state, problem)
where notification.order_id = m.order_id
  and notification.event_version = m.event_version
  and notification.kind = m.kind
  and notification.state = $6`

func (n *Notifications) closeAll(ctx context.Context, batch []*closing) ([]*closing, error) {
	var columns keyColumns
	states, problems := make([]string, len(batch)), make([]string, len(batch))
	for i, c := range batch {
		columns.add(c.of.key())
		states[i], problems[i] = c.state, c.problem
	}
	_, err := n.pool.Exec(ctx, closeSQL, columns.about, columns.versions, columns.kinds, states, problems, sending)
	return nil, err
}

// keyColumns are keys as the columns of a statement.
type keyColumns struct {
	about    [][16]byte
	versions []int
	kinds    []string
}

func (c *keyColumns) add(k key) {
	c.about, c.versions, c.kinds = append(c.about, k.about), append(c.versions, k.version), append(c.kinds, string(k.kind))
}
