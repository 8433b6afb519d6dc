// Package files brings things into the shop from CSV files and writes files of what the shop has, in the background.
//
// It promises that a file is worked through once, whatever dies meanwhile: each batch is one transaction, which also moves
// the row of the job on, and of two workers who hold the same job one finds that it is no longer theirs. What a file says
// is checked as a whole before anything of it is written. A file that is no such file is answered with what is wrong, and
// costs no more memory than one row of it. What the rows mean is the business of the domains that they are about.
package files

import (
	"time"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/pg"
)

// Files works on files.
type Files struct {
	db    Database
	keys  *access.Keys
	lease time.Duration
}

// Database is what files need of the pool: reads and transactions.
type Database interface {
	pg.DB
	pg.Beginner
}

// lease is how long a job is left to a worker of whom nothing is heard.
const lease = time.Minute

// New makes the files of the shop whose database it is.
func New(db Database, keys *access.Keys) *Files { return &Files{db: db, keys: keys, lease: lease} }

// ErrAbsent says that there is no such job.
var ErrAbsent = fault.New(fault.NotFound, "NOT_FOUND", "There is no such job.")

var errBusy = fault.New(fault.Busy, "BUSY", "The job is in the middle of a batch. Try again in a moment.")
