package customers

import (
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
)

// Standing is how accounts stand that are kept as they are until the transaction ends.
type Standing struct {
	accounts map[id.CustomerID]bool
	logins   map[[16]byte]bool
}

// The rows are locked in the order of their ids, so that two transactions that want the same accounts can't deadlock. The
// lock is the weakest that keeps out who takes an account over or erases it; orders of one account and changes of its name
// don't wait for each other.
const keepAccountsSQL = `
select id
from customer
where id = any($1::uuid[])
order by id
for key share`

// The logins are read by a statement of their own: those of an account that was waited for are then what its new owner
// has left of them.
const loginsLeftSQL = `
select id
from customer_access_token
where id = any($1::uuid[])`

// QueueKeeps keeps accounts as they are, as the batch is sent, and looks which of the logins still are some. Where there
// are no accounts the database is asked nothing.
func QueueKeeps(b *pgx.Batch, accounts []id.CustomerID, logins [][16]byte) *Standing {
	s := &Standing{accounts: make(map[id.CustomerID]bool, len(accounts)), logins: make(map[[16]byte]bool, len(logins))}
	if len(accounts) > 0 {
		queueKnown(b, keepAccountsSQL, accounts, s.accounts)
	}
	if len(logins) > 0 {
		queueKnown(b, loginsLeftSQL, logins, s.logins)
	}
	return s
}

// queueKnown notes which of the keys a statement finds.
func queueKnown[K ~[16]byte](b *pgx.Batch, sql string, keys []K, known map[K]bool) {
	b.Queue(sql, keys).Query(func(rows pgx.Rows) error {
		var key K
		_, err := pgx.ForEachRow(rows, []any{&key}, func() error {
			known[key] = true
			return nil
		})
		return err
	})
}

// Stands says whether an account is there.
func (s *Standing) Stands(account id.CustomerID) bool { return s.accounts[account] }

// SignedIn refuses a login that has ended since it was looked up: with it goes every right to the account.
func (s *Standing) SignedIn(login [16]byte) error {
	if !s.logins[login] {
		return errToken
	}
	return nil
}
