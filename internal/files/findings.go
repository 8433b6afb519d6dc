package files

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/catalog"
)

// findings is what the check of some rows found.
type findings struct {
	rows     int   // products, or counts
	bad      []int // the first rows of what has problems
	problems []catalog.Problem
	more     int // how many were found beyond those listed
	ignored  []string
	last     bool // nothing is left to be read
	broken   bool // the file, or what follows of it, can't be read
}

const keepProblemsSQL = `
insert into file_problem (job_id, number, row, line, "column", message)
select $1, $2 + p.number, p.row, p.line, p.name, p.message
from unnest($3::integer[], $4::integer[], $5::text[], $6::text[]) with ordinality p(row, line, name, message, number)`

const keepBadRowsSQL = `
insert into file_bad_row (job_id, row)
select $1, unnest($2::integer[])
on conflict do nothing`

const checkedSQL = `
update file_job
set file_offset = $3, file_row = $4, file_line = $5, total = total + $6, problems = problems + $7, ignored = $8,
    state = $9::text, tries = 0,
    error_code = case when $9 = 'FAILED' then 'INVALID_FILE' end,
    finished_at = case when $9 = 'FAILED' then now() end
where id = $1
  and worker = $2`

// checked writes down what was found and where the check goes on. After the last row it decides whether the file is
// written, from its beginning.
func (w *work) checked(ctx context.Context, tx pgx.Tx, found findings, next catalog.FilePlace) error {
	count := len(found.problems) + found.more
	if err := w.keepProblems(ctx, tx, found.problems); err != nil {
		return err
	}
	if len(found.bad) > 0 {
		if _, err := tx.Exec(ctx, keepBadRowsSQL, w.job, found.bad); err != nil {
			return fmt.Errorf("keep which rows of a file are bad: %w", err)
		}
	}
	if found.last {
		next, w.state = catalog.FilePlace{}, Running
		if found.broken || w.problems+count > 0 && w.allOrNothing {
			w.state = Failed
		}
	}
	w.place, w.problems = next, w.problems+count
	ignored := make([]string, len(found.ignored))
	for i, column := range found.ignored {
		ignored[i] = strings.ToValidUTF8(strings.ReplaceAll(column, "\x00", ""), "\uFFFD")
	}
	_, err := tx.Exec(ctx, checkedSQL, w.job, w.worker, next.Offset, next.Row, next.Line, found.rows, count, ignored, w.state)
	if err != nil {
		return fmt.Errorf("keep what a check found: %w", err)
	}
	return nil
}

// keepProblems writes problems down as long as there is room for them.
func (w *work) keepProblems(ctx context.Context, tx pgx.Tx, problems []catalog.Problem) error {
	problems = problems[:min(max(maxProblems-w.problems, 0), len(problems))]
	if len(problems) == 0 {
		return nil
	}
	var rows, lines []int
	var columns, messages []string
	for _, p := range problems {
		rows, lines, columns, messages = append(rows, p.Row), append(lines, p.Line), append(columns, p.Column), append(messages, p.Message)
	}
	if _, err := tx.Exec(ctx, keepProblemsSQL, w.job, w.problems, rows, lines, columns, messages); err != nil {
		return fmt.Errorf("keep a file's problems: %w", err)
	}
	return nil
}

const refusedSQL = `
update file_job
set problems = problems + $3
where id = $1
  and worker = $2`

// refused writes down what has become wrong after the check.
func (w *work) refused(ctx context.Context, tx pgx.Tx, bad catalog.InvalidFile) error {
	count := len(bad.Problems) + bad.More
	if count == 0 {
		return nil
	}
	if err := w.keepProblems(ctx, tx, bad.Problems); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, refusedSQL, w.job, w.worker, count); err != nil {
		return fmt.Errorf("keep what became wrong with a file: %w", err)
	}
	return nil
}

const badRowsSQL = `
select row
from file_bad_row
where job_id = $1
  and row = any($2::integer[])
order by row`

// skip finds which of the rows are to be left out.
func (w *work) skip(ctx context.Context, tx pgx.Tx, rows []int) ([]int, error) {
	if w.problems == 0 {
		return nil, nil
	}
	found, err := tx.Query(ctx, badRowsSQL, w.job, rows)
	if err != nil {
		return nil, fmt.Errorf("read which rows of a file are bad: %w", err)
	}
	bad, err := pgx.CollectRows(found, pgx.RowTo[int])
	if err != nil {
		return nil, fmt.Errorf("read which rows of a file are bad: %w", err)
	}
	return bad, nil
}
