package files

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/pg"
)

// maxProblems is how many problems of a file are kept; the rest is counted.
const maxProblems = 1000

// findings is what the check of a file found.
type findings struct {
	total    int
	skip     []int
	problems []catalog.Problem
	more     int
	ignored  []string
	broken   bool // no row of it can be read
}

func (f *findings) add(problems []catalog.Problem, more int) {
	room := min(maxProblems-len(f.problems), len(problems))
	f.problems = append(f.problems, problems[:room]...)
	f.more += more + len(problems) - room
}

// check reads the whole file and writes nothing of it. Run again, it finds the same.
func (f *Files) check(ctx context.Context, w *work) error {
	var found findings
	var err error
	if w.kind == Stock {
		found, err = f.checkStock(ctx, w)
	} else {
		found, err = f.checkProducts(ctx, w)
	}
	if bad, ok := catalog.IsInvalidFile(err); ok {
		found = findings{broken: true}
		found.add(bad.Problems, bad.More)
	} else if err != nil {
		return err
	}
	return pg.InTx(ctx, f.db, func(tx pgx.Tx) error {
		if err := w.hold(ctx, tx); err != nil {
			return err
		}
		return w.keepFindings(ctx, tx, found)
	})
}

func (f *Files) checkProducts(ctx context.Context, w *work) (findings, error) {
	var found findings
	file, err := catalog.OpenProductFile(open(ctx, f.db, *w.content, w.size), w.currency, catalog.FilePlace{})
	if err != nil {
		return found, err
	}
	for last := false; !last; {
		batch, err := file.Next()
		if err != nil {
			return found, err
		}
		if err := file.Inspect(ctx, f.db, &batch); err != nil {
			return found, err
		}
		found.total, found.skip, last = found.total+batch.Len(), append(found.skip, batch.Bad...), batch.Last
		found.add(batch.Problems, batch.More)
		if err := f.renew(ctx, w); err != nil {
			return found, err
		}
	}
	for _, column := range file.Ignored() {
		found.ignored = append(found.ignored, strings.ToValidUTF8(strings.ReplaceAll(column, "\x00", ""), "\uFFFD"))
	}
	slices.Sort(found.skip)
	return found, nil
}

func (f *Files) checkStock(ctx context.Context, w *work) (findings, error) {
	file, err := inventory.ReadStock(ctx, f.db, open(ctx, f.db, *w.content, w.size))
	found := findings{total: len(file.Figures) + file.Bad}
	found.add(file.Problems, file.More)
	return found, err
}

const dropProblemsSQL = `
delete from file_problem
where job_id = $1`

const keepProblemsSQL = `
insert into file_problem (job_id, number, row, line, "column", message)
select $1, p.number, p.row, p.line, p.name, p.message
from unnest($2::integer[], $3::integer[], $4::text[], $5::text[]) with ordinality p(row, line, name, message, number)`

const checkedSQL = `
update file_job
set total = $3, skip = $4, problems = $5, ignored = $6, tries = 0, state = $7::text,
    error_code = case when $7 = 'FAILED' then 'INVALID_FILE' end,
    finished_at = case when $7 = 'FAILED' then now() end
where id = $1
  and worker = $2`

// keepFindings writes down what was found and decides whether the work goes on.
func (w *work) keepFindings(ctx context.Context, tx pgx.Tx, found findings) error {
	var rows, lines []int
	var columns, messages []string
	for _, p := range found.problems {
		rows, lines, columns, messages = append(rows, p.Row), append(lines, p.Line), append(columns, p.Column), append(messages, p.Message)
	}
	count := len(found.problems) + found.more
	w.state, w.skip = Running, found.skip
	if found.broken || count > 0 && w.allOrNothing {
		w.state = Failed
	}
	if w.skip == nil {
		w.skip = []int{}
	}
	if found.ignored == nil {
		found.ignored = []string{}
	}
	if _, err := tx.Exec(ctx, dropProblemsSQL, w.job); err != nil {
		return fmt.Errorf("forget a file's problems: %w", err)
	}
	if _, err := tx.Exec(ctx, keepProblemsSQL, w.job, rows, lines, columns, messages); err != nil {
		return fmt.Errorf("keep a file's problems: %w", err)
	}
	_, err := tx.Exec(ctx, checkedSQL, w.job, w.worker, found.total, w.skip, count, found.ignored, w.state)
	if err != nil {
		return fmt.Errorf("keep what a check found: %w", err)
	}
	return nil
}
