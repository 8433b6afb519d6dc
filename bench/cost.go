package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

// tick is the unit in which Linux counts a process's time on the processors, whatever the machine.
const tick = 10 * time.Millisecond

// cost is what orders have cost from their request until nothing was left to do for them: it hardly depends on what else
// the machine does, as rates and latencies do.
type cost struct {
	orders           int
	server, database time.Duration // of all processors
	statements       int           // 0 where PostgreSQL does not count them
}

const ordersQuery = `
select count(*)
from event
where kind = 'order.placed'
	and version = 1`

// PostgreSQL counts statements when it was started with the library for it.
const (
	countsQuery = `
select exists (select from pg_settings where name = 'pg_stat_statements.track')`
	countStatement  = `create extension if not exists pg_stat_statements`
	statementsQuery = `
select coalesce(sum(calls), 0)::bigint
from pg_stat_statements`
)

// spent is what was spent since the start of the server.
func (b *bench) spent(ctx context.Context) (cost, error) {
	c := cost{server: processorTime(b.server.cmd.Process.Pid)}
	if err := b.conn.QueryRow(ctx, ordersQuery).Scan(&c.orders); err != nil {
		return c, err
	}
	pid := postmaster(b.conn)
	c.database = processorTime(pid)
	for _, backend := range children(pid) {
		c.database += processorTime(backend)
	}
	var err error
	c.statements, err = countStatements(ctx, b.conn)
	return c, err
}

func countStatements(ctx context.Context, conn *pgx.Conn) (n int, err error) {
	var counts bool
	if err := conn.QueryRow(ctx, countsQuery).Scan(&counts); err != nil || !counts {
		return 0, err
	}
	if _, err := conn.Exec(ctx, countStatement); err != nil {
		return 0, err
	}
	return n, conn.QueryRow(ctx, statementsQuery).Scan(&n)
}

// since is what was spent between two looks.
func (c cost) since(before cost) cost {
	return cost{
		c.orders - before.orders, c.server - before.server, c.database - before.database, c.statements - before.statements,
	}
}

// costs tells what an order has cost, where there were enough of them to say.
func (r *report) costs(to io.Writer) {
	for _, row := range r.rows {
		c := row.cost
		if c.orders < 100 || c.server == 0 {
			continue
		}
		each := func(d time.Duration) string { return millis(d / time.Duration(c.orders)) }
		_, _ = fmt.Fprintf(to, "\n%s, %d clients: an order's whole life took %s ms of the processors in the server and %s ms in the database",
			row.scenario, row.clients, each(c.server), each(c.database))
		if c.statements > 0 {
			_, _ = fmt.Fprintf(to, ", and %.1f statements", float64(c.statements)/float64(c.orders))
		}
		_, _ = fmt.Fprintln(to, ".")
	}
}

// postmaster is the process whose child serves a connection; 0 where that can't be seen.
func postmaster(conn *pgx.Conn) int {
	fields := status(strconv.Itoa(int(conn.PgConn().PID())))
	if len(fields) < 2 {
		return 0
	}
	pid, _ := strconv.Atoi(string(fields[1]))
	return pid
}

// processorTime is what a process has used, with its children that have ended. Where it can't be read it is 0.
func processorTime(pid int) time.Duration {
	fields := status(strconv.Itoa(pid))
	if len(fields) < 15 {
		return 0
	}
	var ticks int64
	for _, field := range fields[11:15] { // its own in programs and in the kernel, and its children's
		n, _ := strconv.ParseInt(string(field), 10, 64)
		ticks += n
	}
	return time.Duration(ticks) * tick
}

// children are the processes that a process has started and that still run.
func children(pid int) (pids []int) {
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range all {
		name := filepath.Base(dir)
		if fields := status(name); len(fields) > 1 && string(fields[1]) == strconv.Itoa(pid) {
			if child, err := strconv.Atoi(name); err == nil {
				pids = append(pids, child)
			}
		}
	}
	return pids
}

// status are the fields of a process's status behind its name, which may hold anything: the state, the parent, …
func status(pid string) [][]byte {
	text, err := os.ReadFile(filepath.Join("/proc", pid, "stat"))
	if err != nil {
		return nil
	}
	_, fields, _ := bytes.Cut(text[max(0, bytes.LastIndexByte(text, ')')):], []byte(" "))
	return bytes.Fields(fields)
}
