package access

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/pg"
)

// How many wrong passwords there may be within AttemptWindow. The first that is reached locks for as long again.
const (
	MaxAttempts   = 10  // for one account from one address
	MaxOfAccount  = 50  // for one account from everywhere
	MaxOfAddress  = 300 // from one address, for accounts of one kind: it may be a whole office, or a storefront's server
	MaxTaken      = 60  // from one address, to make an account with an e-mail that has one: that tells who is a customer
	AttemptWindow = 30 * time.Minute
)

// Attempts counts wrong passwords, per account and per address, in the database and so for all processes together.
// A lock stops new logins only: whoever is signed in stays signed in.
type Attempts struct {
	db   pg.DB
	keys *Keys
	off  bool
}

// NewAttempts makes the counter. Off counts nothing and locks nobody: for load tests.
func NewAttempts(db pg.DB, keys *Keys, off bool) *Attempts {
	return &Attempts{db: db, keys: keys, off: off}
}

// Attempt is one try to sign in, counted as wrong until it is said to be right.
type Attempt struct {
	counter *Attempts
	pair    []byte // the account from this address
	address []byte
	account []byte
}

// Begin counts a try. kind and account name what is tried (an e-mail address, whether it belongs to anyone or not);
// they are stored only as a keyed hash. When a count is used up the answer is THROTTLED, the same for accounts that
// exist and for those that don't.
//
// What is refused counts no further: who is locked out of one account does not use up an address that others share, and
// an address that is locked counts against no account, so that nobody locks out a whole list of people from one place.
func (c *Attempts) Begin(ctx context.Context, kind, account string, address netip.Addr) (Attempt, error) {
	if c.off {
		return Attempt{}, nil
	}
	network, mostOfAddress := Network(address).String(), MaxOfAddress
	if kind == "register" {
		mostOfAddress = MaxTaken
	}
	try := Attempt{
		counter: c, pair: c.subject(kind+" from "+network, account),
		address: c.subject(kind+" address", network), account: c.subject(kind, account),
	}
	for _, counted := range []struct {
		subject []byte
		most    int
	}{{try.pair, MaxAttempts}, {try.address, mostOfAddress}, {try.account, MaxOfAccount}} {
		wait, err := count(ctx, c.db, counted.subject, counted.most)
		if err != nil {
			return Attempt{}, err
		}
		if wait > 0 {
			return Attempt{}, throttled(tooMany(kind), wait)
		}
	}
	return try, nil
}

// tooMany is what is said to whoever tried too often; only where there was a password to get wrong does it say so.
func tooMany(kind string) string {
	if kind == "customer" || kind == "staff" {
		return "Too many wrong passwords. Try again later."
	}
	return "Too many tries. Try again later."
}

// Spend counts one of something of which there may be so many in half an hour, such as the payment methods that are
// tried for one order, and answers THROTTLED when they are used up. In a transaction, only what is committed counts.
// Without a counter everything is allowed.
func (c *Attempts) Spend(ctx context.Context, db pg.DB, kind, subject string, most int) error {
	if c == nil || c.off {
		return nil
	}
	wait, err := count(ctx, db, c.subject(kind, subject), most)
	if err == nil && wait > 0 {
		err = throttled("Too many tries. Try again later.", wait)
	}
	return err
}

const spentSQL = `
select extract(epoch from ends_at - now())::float8
from login_attempt
where subject = $1
  and tries >= $2
  and ends_at > now()`

// Spent answers THROTTLED when Spend would, and counts nothing. It is for what is only counted once it turns out to be
// wrong: whoever has used up the wrong tries is not told what is right either.
func (c *Attempts) Spent(ctx context.Context, db pg.DB, kind, subject string, most int) error {
	if c == nil || c.off {
		return nil
	}
	var left float64
	err := db.QueryRow(ctx, spentSQL, c.subject(kind, subject), most).Scan(&left)
	switch {
	case pg.IsNoRows(err):
		return nil
	case err != nil:
		return fmt.Errorf("look at the number of tries: %w", err)
	}
	return throttled("Too many tries. Try again later.", max(time.Second, time.Duration(left*float64(time.Second)).Round(time.Second)))
}

func throttled(message string, wait time.Duration) error {
	locked := fault.New(fault.Throttled, "THROTTLED", message)
	locked.RetryAfter = wait
	return locked
}

// A try is counted before anything is looked at, so a hundred at once are a hundred. The window begins with the first
// and, when the last allowed one is taken, begins again as the lock.
const countAttemptSQL = `
insert into login_attempt as a (subject, tries, ends_at)
values ($1, 1, now() + make_interval(secs => $2))
on conflict (subject) do update
set tries = case when a.ends_at <= now() then 1 else least(a.tries, $3) + 1 end,
    ends_at = case when a.ends_at <= now() or a.tries = $3 - 1 then excluded.ends_at else a.ends_at end
returning tries > $3, extract(epoch from ends_at - now())::float8`

// count counts one and says how long the subject is locked; zero means not at all.
func count(ctx context.Context, db pg.DB, subject []byte, most int) (time.Duration, error) {
	var locked bool
	var left float64
	if err := db.QueryRow(ctx, countAttemptSQL, subject, AttemptWindow.Seconds(), most).Scan(&locked, &left); err != nil {
		return 0, fmt.Errorf("count a try: %w", err)
	}
	if !locked {
		return 0, nil
	}
	return max(time.Second, time.Duration(left*float64(time.Second)).Round(time.Second)), nil
}

const clearAttemptsSQL = `
delete from login_attempt
where subject in ($1, $2)`

const giveBackAttemptSQL = `
update login_attempt
set tries = tries - 1
where subject = $1 and tries > 0`

// Right says that the password was right: the account starts anew, and the address gets this one try back. It does
// not get back the others, or an attacker with one account of their own could try for ever.
func (t Attempt) Right(ctx context.Context) error {
	if t.counter == nil {
		return nil
	}
	if _, err := t.counter.db.Exec(ctx, clearAttemptsSQL, t.pair, t.account); err != nil {
		return fmt.Errorf("clear wrong logins: %w", err)
	}
	if _, err := t.counter.db.Exec(ctx, giveBackAttemptSQL, t.address); err != nil {
		return fmt.Errorf("give a login back: %w", err)
	}
	return nil
}

const purgeAttemptsSQL = `
delete from login_attempt
where ends_at < now()`

// Purge forgets counts whose window has ended.
func (c *Attempts) Purge(ctx context.Context) error {
	if _, err := c.db.Exec(ctx, purgeAttemptsSQL); err != nil {
		return fmt.Errorf("forget old logins: %w", err)
	}
	return nil
}

func (c *Attempts) subject(kind, name string) []byte {
	return c.keys.Sign(LoginAttempts, []byte(kind+"\x00"+name))
}

// Network is an address the way limits count it: one subscriber usually holds a whole /64 of IPv6 addresses. What is
// no address counts as one that all of those share.
func Network(address netip.Addr) netip.Addr {
	address = address.Unmap().WithZone("")
	switch {
	case !address.IsValid():
		return netip.IPv6Unspecified()
	case address.Is4():
		return address
	}
	return netip.PrefixFrom(address, 64).Masked().Addr()
}
