package pg

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrNoConnection says that all connections of the pool were busy, or none could be made, for as long as somebody was
// ready to wait: nothing was begun.
var ErrNoConnection = errors.New("no connection to the database was to be had in time")

// Soon begins transactions on db only where that takes no longer than within: for those with whom many others wait. How
// long the transaction then takes is another matter.
func Soon(db Beginner, within time.Duration) Beginner { return soon{db, within} }

type soon struct {
	db     Beginner
	within time.Duration
}

func (s soon) BeginTx(ctx context.Context, options pgx.TxOptions) (pgx.Tx, error) {
	begin, cancel := context.WithTimeout(ctx, s.within)
	defer cancel()
	tx, err := s.db.BeginTx(begin, options)
	if err != nil && begin.Err() != nil && ctx.Err() == nil {
		return nil, fmt.Errorf("%w: %w", ErrNoConnection, err)
	}
	return tx, err
}
