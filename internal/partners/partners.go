// Package partners keeps who works with the shop from behind the counter: partners' programs with their API keys,
// and the members of staff with their roles and logins.
//
// Keys and tokens are random and kept only as hashes. What is revoked is dead at once in the process that revoked it
// and within a second in every other; whoever holds an open socket is asked again by the server.
// Each privileged change is appended to the event log, with who made it.
package partners

import (
	"regexp"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/clock"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// Database is what partners need of the pool: reads and transactions.
type Database interface {
	pg.DB
	pg.Beginner
}

// Config is what partners are built from.
type Config struct {
	DB          Database
	Log         *event.Log
	Passwords   *access.Passwords
	Attempts    *access.Attempts
	Clock       clock.Clock
	Environment string // stands in each key, so that a key of the test shop is told from one of the real shop
}

// Partners reads and changes keys and staff.
type Partners struct {
	Config

	known *lru.Cache[[32]byte, knownKey] // keys seen lately, by the hash of their text

	mu      sync.Mutex
	uses    map[id.ApiKeyID]int64 // counted since the last flush
	flushed time.Time
}

// knownKeys is how many keys a process remembers for a second each.
const knownKeys = 10_000

var environmentPattern = regexp.MustCompile(`^[a-z0-9]{1,16}$`)

// New makes the partners of the shop whose database it is. Without an environment it is "live".
func New(cfg Config) *Partners {
	if !environmentPattern.MatchString(cfg.Environment) {
		cfg.Environment = "live"
	}
	known, err := lru.New[[32]byte, knownKey](knownKeys)
	if err != nil {
		panic(err) // the size is a constant above zero
	}
	return &Partners{Config: cfg, known: known, uses: map[id.ApiKeyID]int64{}}
}
