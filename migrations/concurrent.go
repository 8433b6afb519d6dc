package migrations

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// An index of a table that is there already is built while others write to it, which no transaction can do. A file of such
// statements holds nothing else, and each can be repeated: a process that is killed between two of them starts the file anew.
var (
	comments    = regexp.MustCompile(`(?m)^\s*--.*$`)
	createIndex = regexp.MustCompile(`^create (?:unique )?index concurrently if not exists (\w+)\s+on\s`)
	dropIndex   = regexp.MustCompile(`^drop index concurrently if exists (\w+)$`)
)

var errMixed = errors.New("a file that builds an index concurrently holds nothing else, and nothing that can't be repeated")

// change is one statement about an index.
type change struct {
	statement, name string
	creates         bool
}

// concurrent are the changes of a file that are made outside a transaction; nil for a file that is one transaction.
func concurrent(file string) []change {
	text := comments.ReplaceAllString(file, "")
	if !strings.Contains(strings.ToLower(text), "concurrently") {
		return nil
	}
	var changes []change
	for statement := range strings.SplitSeq(text, ";") {
		statement = strings.TrimSpace(statement)
		if statement == "" {
			continue
		}
		c := change{statement: statement}
		if found := createIndex.FindStringSubmatch(statement); found != nil {
			c.name, c.creates = found[1], true
		} else if found := dropIndex.FindStringSubmatch(statement); found != nil {
			c.name = found[1]
		}
		changes = append(changes, c)
	}
	return changes
}

func repeatable(changes []change) error {
	for _, c := range changes {
		if c.name == "" {
			return fmt.Errorf("%w: %s", errMixed, c.statement)
		}
	}
	return nil
}

// To wait for those who write is no harm here: nobody queues behind the one that waits.
const (
	waitForWritersSQL = `set lock_timeout = 0`
	waitAsBeforeSQL   = `reset lock_timeout`
)

func index(ctx context.Context, db *sql.DB, changes []change) error {
	if err := repeatable(changes); err != nil {
		return err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.ExecContext(ctx, waitForWritersSQL); err != nil {
		return err
	}
	defer func() { _, _ = conn.ExecContext(context.WithoutCancel(ctx), waitAsBeforeSQL) }()
	for _, c := range changes {
		if c.creates {
			if err := dropBroken(ctx, conn, c.name); err != nil {
				return fmt.Errorf("look at the index %s: %w", c.name, err)
			}
		}
		if _, err := conn.ExecContext(ctx, c.statement); err != nil {
			return err
		}
	}
	return nil
}

const brokenIndexSQL = `
select exists (
	select
	from pg_index
	where indexrelid = to_regclass($1)
		and not indisvalid
), exists (
	select
	from pg_stat_progress_create_index
	where index_relid = to_regclass($1)
)`

// dropBroken drops an index whose building was cut short. The server may still be building for a process that was killed:
// that is waited for without a snapshot, for which the one that builds would wait in turn.
func dropBroken(ctx context.Context, conn *sql.Conn, name string) error {
	ticker := time.NewTicker(lockEvery)
	defer ticker.Stop()
	for {
		var broken, building bool
		if err := conn.QueryRowContext(ctx, brokenIndexSQL, name).Scan(&broken, &building); err != nil {
			return err
		}
		if !broken {
			return nil
		}
		if !building {
			_, err := conn.ExecContext(ctx, `drop index concurrently `+name)
			return err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
