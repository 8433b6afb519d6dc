// Package files brings things into the shop from files and writes files of what the shop has, in the background.
//
// It promises that a file is worked through once, whatever dies meanwhile: each batch is one transaction, which also moves
// the row of the job on, and of two workers who hold the same job one finds that it is no longer theirs. What a file says
// is checked as a whole before anything of it is written. A file that is no such file is answered with what is wrong, and
// costs no more memory than one batch of it. What the rows mean is the business of the domains that they are about.
//
// Who works is not its business: whoever connects is told, in the transaction that makes work, which job there is, and
// lets it be worked on turn by turn.
package files

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/remote"
)

// Files works on files.
type Files struct {
	db    Database
	keys  *access.Keys
	web   *remote.Client
	post  func(ctx context.Context, tx pgx.Tx, task Task) error
	turn  time.Duration
	lease time.Duration
}

// Database is what files need of the pool: reads and transactions.
type Database interface {
	pg.DB
	pg.Beginner
}

// A turn is how long a worker goes on with a job before others have theirs; it ends with the batch that it is at. The
// lease is how long a job is left to a worker of whom nothing is heard: a turn is over long before it.
const (
	turn  = 5 * time.Second
	lease = 20 * time.Second
)

// New makes the files of the shop whose database it is. web is who fetches what lies elsewhere.
func New(db Database, keys *access.Keys, web *remote.Client) *Files {
	nobody := func(context.Context, pgx.Tx, Task) error { return nil }
	return &Files{db: db, keys: keys, web: web, post: nobody, turn: turn, lease: lease}
}

// Task is what is to be done next about a job.
type Task struct {
	Job   uuid.UUID
	Fetch bool // its file is to be fetched; else it is to be worked on
}

// Connect says who does what is to be done: post is called in the transaction that makes it so.
func (f *Files) Connect(post func(ctx context.Context, tx pgx.Tx, task Task) error) { f.post = post }

// ErrAbsent says that there is no such job.
var ErrAbsent = fault.New(fault.NotFound, "NOT_FOUND", "There is no such job.")

var errBusy = fault.New(fault.Busy, "BUSY", "The job is in the middle of a batch. Try again in a moment.")
