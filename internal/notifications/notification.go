// Package notifications tells shoppers by e-mail what became of their orders, and sends customers the letters that let
// them into their accounts.
//
// It promises one message per event of an order, and per letter: a row per message is taken under a lease before the mail server is
// called and closed after it, so a job that runs twice, also side by side, sends once. When the process dies, or the
// connection breaks, between the server's acceptance and our record, that one message is sent again under the same
// Message-ID, by which mailboxes know it. Which events are told is decided in For; when, by the jobs that call Send.
package notifications

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/failpoint"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/observe"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/settings"
	"github.com/wharfhq/wharf/internal/together"
)

// A try takes at most tryFor, which is less than its job is given; its lease is longer, so that no other try begins
// while the mail server is being called and its answer written down.
const (
	tryFor    = 12 * time.Second
	lease     = 30 * time.Second
	recordFor = 5 * time.Second
)

// ErrTaken says that another try is sending this message right now: look again after its lease.
var ErrTaken = errors.New("another try is sending this message")

// ErrBusy says that too many messages are being sent, so that this one was not: it comes back soon.
var ErrBusy = errors.New("as many messages are being sent as the carrier takes at once")

const (
	// handsAtOnce is how many messages a process sends at the same time: a mail server takes about fifty connections of
	// one sender.
	handsAtOnce = 40
	handWithin  = 2 * time.Second // how long a message waits for one of them
)

// Notifications sends what an order's events ask for.
type Notifications struct {
	pool     *pgxpool.Pool
	orders   *orders.Orders
	accounts *customers.Customers
	settings *settings.Settings
	sender   Sender
	domain   string

	hands  chan struct{} // holds one for each message that is being sent
	steps  *together.Group[*step]
	takes  *together.Group[*take]
	closes *together.Group[*closing]
}

// New makes the domain. mailDomain is the right side of every Message-ID, such as example.com; it must stay the same
// while messages wait, since a repeated message is known by its id. giveWay, if there is one, waits a little while others
// go first.
func New(
	pool *pgxpool.Pool, book *orders.Orders, accounts *customers.Customers, shop *settings.Settings, sender Sender, mailDomain string,
	giveWay func(ctx context.Context, atMost time.Duration),
) *Notifications {
	n := &Notifications{pool: pool, orders: book, accounts: accounts, settings: shop, sender: sender, domain: mailDomain, hands: make(chan struct{}, handsAtOnce)}
	n.steps, n.takes, n.closes = group(n.readSteps, giveWay), group(n.takeAll, nil), group(n.closeAll, nil)
	return n
}

// Send sends the message that one event of an order asks for, if it asks for one and it has not been sent. An error
// means: try again later. A job that has ended without being told so runs again and finds the message closed.
func (n *Notifications) Send(ctx context.Context, order id.OrderID, version int) error {
	told := &step{order: order, version: version}
	if err := n.steps.Do(ctx, told); err != nil {
		return fmt.Errorf("read the event to tell: %w", err)
	}
	if told.found == nil {
		return fmt.Errorf("order %s has no event %d to tell", order, version)
	}
	step := *told.found
	kind, tells := For(step.Type)
	if !tells {
		return nil
	}
	m := message{about: order, version: version, kind: kind, id: fmt.Sprintf("order-%s.%d@%s", uuid.UUID(order), version, n.domain)}
	return n.deliver(ctx, m, func() (Message, string, error) {
		if step.Order.Email == nil { // ordered with a phone number only, or erased since
			return Message{}, "the order has no e-mail address", nil
		}
		mail, err := n.write(ctx, m, step)
		return mail, "", err
	})
}

// sending is the state of a message that is not closed.
const sending = "sending"

// message is the key of one message: what it is about, an order or a letter to a customer, and by which id mailboxes
// know it.
type message struct {
	about   [16]byte
	version int
	kind    Kind
	id      string
}

// deliver sends a message that is not closed. write makes it, or says why there is nobody to send it to.
func (n *Notifications) deliver(ctx context.Context, m message, write func() (mail Message, nobody string, err error)) error {
	try, state, err := n.take(ctx, m)
	switch {
	case err != nil:
		return err
	case state != sending:
		return nil
	case try == 0:
		return ErrTaken
	}
	mail, nobody, err := write()
	if nobody != "" {
		return n.close(ctx, m, "skipped", nobody)
	}
	if err == nil {
		failpoint.Hit(failpoint.NotifyBeforeCall)
		err = n.send(ctx, mail)
		failpoint.Hit(failpoint.NotifyAfterCall)
	}
	switch {
	case err == nil:
		return n.close(ctx, m, "sent", "")
	case errors.Is(err, ErrRefused):
		return n.close(ctx, m, "refused", observe.Mask(err.Error()))
	}
	n.release(ctx, m, try, err)
	return err
}

func (n *Notifications) send(ctx context.Context, mail Message) error {
	ctx, cancel := context.WithTimeout(ctx, tryFor)
	defer cancel()
	enough := time.NewTimer(handWithin)
	defer enough.Stop()
	select {
	case n.hands <- struct{}{}:
		defer func() { <-n.hands }()
	case <-enough.C:
		return ErrBusy
	case <-ctx.Done():
		return ErrBusy
	}
	if err := n.sender.Send(ctx, mail); err != nil {
		return fmt.Errorf("send %s as %s: %w", mail.Kind, mail.ID, err)
	}
	return nil
}

const stateSQL = `
select state
from notification
where order_id = $1
  and event_version = $2
  and kind = $3`

// take gets the message for one try and counts it. A try of 0 says that another one holds the message; a state other
// than sending, that it is closed.
func (n *Notifications) take(ctx context.Context, m message) (try int, state string, err error) {
	own := &take{of: m}
	if err := n.takes.Do(ctx, own); err != nil {
		return 0, "", fmt.Errorf("take the message: %w", err)
	}
	if own.try > 0 {
		return own.try, sending, nil
	}
	if err := n.pool.QueryRow(ctx, stateSQL, m.about, m.version, m.kind).Scan(&state); err != nil {
		return 0, "", fmt.Errorf("read the message's state: %w", err)
	}
	return 0, state, nil
}

// close records the outcome. The mail is out: a caller that has gone away must not keep that from being written down.
func (n *Notifications) close(ctx context.Context, m message, state, problem string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordFor)
	defer cancel()
	failpoint.Hit(failpoint.NotifyBeforeCommit)
	if err := n.closes.Do(ctx, &closing{of: m, state: state, problem: problem}); err != nil {
		return fmt.Errorf("record a message as %s: %w", state, err)
	}
	failpoint.Hit(failpoint.NotifyAfterCommit)
	return nil
}

const releaseSQL = `
update notification
set leased_until = null, problem = $5
where order_id = $1
  and event_version = $2
  and kind = $3
  and state = $6
  and tries = $4`

// release gives the message back after a try that failed, so that the next one need not wait for the lease. Should
// it not come through, the lease runs out by itself.
func (n *Notifications) release(ctx context.Context, m message, try int, cause error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordFor)
	defer cancel()
	_, _ = n.pool.Exec(ctx, releaseSQL, m.about, m.version, m.kind, try, observe.Mask(cause.Error()), sending)
}
