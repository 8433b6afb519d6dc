package graph

import (
	"sync"
	"time"

	"github.com/jackc/pgerrcode"

	"github.com/wharfhq/wharf/internal/clock"
)

// lackQuiet is for how long a lack must not have been met to be news again.
const lackQuiet = time.Minute

// lack remembers what the database lacks by SQLSTATE, and when this process has last met it.
type lack struct {
	clock clock.Clock
	mu    sync.Mutex
	met   map[string]time.Time
}

func newLack(c clock.Clock) *lack { return &lack{clock: c, met: map[string]time.Time{}} }

// meet notes that a lack was met, and says whether that is news: nobody has met it for a while.
func (l *lack) meet(state string) (news bool) {
	now := l.clock.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	last, known := l.met[state]
	l.met[state] = now
	return !known || now.Sub(last) >= lackQuiet
}

// remedy says what whoever runs the database must do.
func remedy(state string) string {
	switch state {
	case pgerrcode.DiskFull:
		return "Make room on the database's disk. Reads are served; what can't be written is answered BUSY until then, and nothing needs a restart."
	case pgerrcode.TooManyConnections:
		return "Raise max_connections of PostgreSQL or the connection limit of the role, or run fewer processes or with smaller pools."
	}
	return "Look at what PostgreSQL's own log says it lacks."
}
