package graph

import (
	"sync"
	"time"

	"github.com/jackc/pgerrcode"
)

// lackQuiet is for how long a lack must not have been met to be news again.
const lackQuiet = time.Minute

// lack remembers what the database lacks by SQLSTATE, and when an operation has last met it.
type lack struct {
	mu  sync.Mutex
	met map[string]time.Time
}

// news says whether a lack is to be told: nobody has met it for a while.
func (l *lack) news(state string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	last, known := l.met[state]
	if l.met == nil {
		l.met = map[string]time.Time{}
	}
	l.met[state] = time.Now()
	return !known || time.Since(last) >= lackQuiet
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
