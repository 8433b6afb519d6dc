package pg

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// AppRole is the role every pool works under. Migrations grant it everything
// but update, delete and truncate on ledger and event tables, so that a mistake
// in our own code cannot rewrite history.
const AppRole = "wharf_app"

const (
	defaultStatementTimeout = 15 * time.Second
	defaultLockTimeout      = 5 * time.Second
	defaultIdleInTxTimeout  = 5 * time.Second
	connectTimeout          = 5 * time.Second
)

// Config says which database a pool opens and within which bounds.
type Config struct {
	// URL is a PostgreSQL connection string.
	URL string
	// MaxConns bounds the pool. Zero means four for each core and some for the
	// job queue: a queue in the pool beats many busy backends.
	MaxConns int32
	// AppName shows in pg_stat_activity; empty means "wharf".
	AppName string
	// Role is taken on each connection when it exists and the login is a member
	// of it; empty means AppRole.
	Role string
	// StatementTimeout bounds one statement; zero means 15 s. An import that
	// writes thousands of rows at once may raise it.
	StatementTimeout time.Duration
	// LockTimeout bounds the wait for one lock; zero means 5 s.
	LockTimeout time.Duration
	// IdleInTxTimeout ends a session that holds a transaction open and says
	// nothing; zero means 5 s.
	IdleInTxTimeout time.Duration
	// PlanOnce keeps one plan of each statement, whatever its arguments: for
	// work that finds each row by an index. See docs/decisions/0007.
	PlanOnce bool
	// Tracer sees every statement, if given.
	Tracer pgx.QueryTracer
}

// Open makes a pool and proves with one query that the database answers.
func Open(ctx context.Context, config Config) (*pgxpool.Pool, error) {
	settings, err := poolConfig(config)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, settings)
	if err != nil {
		return nil, fmt.Errorf("open the database pool: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("reach the database: %w", err)
	}
	return pool, nil
}

func poolConfig(config Config) (*pgxpool.Config, error) {
	settings, err := pgxpool.ParseConfig(config.URL)
	if err != nil {
		return nil, fmt.Errorf("read the database URL: %w", err)
	}
	settings.MaxConns = config.MaxConns
	if settings.MaxConns <= 0 {
		settings.MaxConns = DefaultMaxConns()
	}
	settings.MaxConnLifetime = time.Hour
	settings.MaxConnLifetimeJitter = 10 * time.Minute
	settings.MaxConnIdleTime = 10 * time.Minute
	settings.HealthCheckPeriod = 30 * time.Second
	settings.PingTimeout = connectTimeout

	conn := settings.ConnConfig
	conn.ConnectTimeout = connectTimeout
	conn.DialFunc = dialer().DialContext
	conn.Tracer = config.Tracer
	conn.RuntimeParams["application_name"] = orDefault(config.AppName, "wharf")
	conn.RuntimeParams["statement_timeout"] = milliseconds(config.StatementTimeout, defaultStatementTimeout)
	conn.RuntimeParams["lock_timeout"] = milliseconds(config.LockTimeout, defaultLockTimeout)
	conn.RuntimeParams["idle_in_transaction_session_timeout"] = milliseconds(config.IdleInTxTimeout, defaultIdleInTxTimeout)
	conn.RuntimeParams["timezone"] = "UTC"
	// How alike a misspelled word must be: one wrong letter of five leaves less than the extension's own 0.6.
	conn.RuntimeParams["pg_trgm.word_similarity_threshold"] = "0.45"
	// Statements are short and what they read is in memory: compiling one costs more than it saves, and a page out of order
	// costs hardly more than the next one.
	conn.RuntimeParams["jit"] = "off"
	conn.RuntimeParams["random_page_cost"] = "1.1"
	if config.PlanOnce {
		conn.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
	}

	role := orDefault(config.Role, AppRole)
	settings.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		return takeRole(ctx, conn, role)
	}
	return settings, nil
}

// DefaultMaxConns is the size of a pool that was not told one.
func DefaultMaxConns() int32 {
	return max(12, 4*int32(min(runtime.NumCPU(), 64))+4)
}

// A login that may not take the role (it was not allowed to create roles when
// it migrated) works as itself; the ledger's triggers guard alone then. From
// PostgreSQL 16 on, being a member is one thing and taking the role another.
const takeRoleSQL = `
select count(set_config('role', rolname, false))
from pg_roles
where rolname = $1
  and pg_has_role(session_user, oid,
        case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end)`

func takeRole(ctx context.Context, conn *pgx.Conn, role string) error {
	var taken int
	if err := conn.QueryRow(ctx, takeRoleSQL, role).Scan(&taken); err != nil {
		return fmt.Errorf("take the role %s: %w", role, err)
	}
	return nil
}

// A server that vanished without a goodbye is noticed within ten seconds, also
// by a connection that only listens.
func dialer() *net.Dialer {
	return &net.Dialer{
		Timeout: connectTimeout,
		KeepAliveConfig: net.KeepAliveConfig{
			Enable:   true,
			Idle:     4 * time.Second,
			Interval: 2 * time.Second,
			Count:    3,
		},
		Control: boundUnanswered,
	}
}

func milliseconds(given, otherwise time.Duration) string {
	if given <= 0 {
		given = otherwise
	}
	return strconv.FormatInt(given.Milliseconds(), 10)
}

func orDefault(given, otherwise string) string {
	if given == "" {
		return otherwise
	}
	return given
}
