package files

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// Part is what of a job can be fetched.
type Part string

// The parts of jobs.
const (
	ExportedFile Part = "export"   // the file that an export has written
	ProblemsFile Part = "problems" // the problems of an import, as CSV
)

// LinkFor is how long a link opens its file.
const LinkFor = 15 * time.Minute

// UploadPath is where the file of an import is posted.
func UploadPath(job id.ImportJobID) string { return "/files/" + uuid.UUID(job).String() }

// Link is a path at which whoever holds it may fetch a part of a job for a while. The file is fetched by people with a
// browser, which sends no token.
func (f *Files) Link(now time.Time, job [16]byte, part Part) string {
	until := strconv.FormatInt(now.Add(LinkFor).Unix(), 10)
	return "/files/" + uuid.UUID(job).String() + "/" + string(part) + "?until=" + until + "&signature=" + hex.EncodeToString(f.sign(job, part, until))
}

func (f *Files) sign(job [16]byte, part Part, until string) []byte {
	return f.keys.Sign(access.FileLinks, []byte(string(part)+":"+uuid.UUID(job).String()+":"+until))
}

// ErrLink says that a link is none of ours, or that its time is over.
var ErrLink = fault.New(fault.NotFound, "NOT_FOUND", "There is nothing here, or the link has expired.")

// Fetch writes what a link opens.
func (f *Files) Fetch(ctx context.Context, now time.Time, job, part, until, signature string, to io.Writer) error {
	name, err := uuid.Parse(job)
	given, bad := hex.DecodeString(signature)
	last, wrong := strconv.ParseInt(until, 10, 64)
	if err != nil || bad != nil || wrong != nil || now.Unix() > last {
		return ErrLink
	}
	if !f.keys.Verify(access.FileLinks, []byte(part+":"+name.String()+":"+until), given) {
		return ErrLink
	}
	if Part(part) == ProblemsFile {
		return f.writeProblems(ctx, name, to)
	}
	return f.writeFile(ctx, name, to)
}

const finishedContentSQL = `
select content_id
from file_job
where direction = 'EXPORT'
  and id = $1
  and state = 'DONE'
  and content_id is not null`

// writeFile sends piece after piece, and holds none but the one that it sends.
func (f *Files) writeFile(ctx context.Context, job uuid.UUID, to io.Writer) error {
	var content id.FileContentID
	switch err := f.db.QueryRow(ctx, finishedContentSQL, pgtype.UUID{Bytes: job, Valid: true}).Scan(&content); {
	case pg.IsNoRows(err):
		return ErrLink
	case err != nil:
		return fmt.Errorf("find a file: %w", err)
	}
	for number := 0; ; number++ {
		var piece []byte
		switch err := f.db.QueryRow(ctx, pieceSQL, content, number).Scan(&piece); {
		case pg.IsNoRows(err):
			return nil
		case err != nil:
			return fmt.Errorf("read a piece of a file: %w", err)
		}
		if _, err := to.Write(piece); err != nil {
			return fmt.Errorf("send a file: %w", err)
		}
	}
}

// Problem is one thing wrong with a file, and where.
type Problem struct {
	Row     *int // as a spreadsheet counts: the header is row 1; nil when it is the file as a whole
	Line    *int // as an editor counts
	Column  *string
	Message string
}

const problemsSQL = `
select job_id, nullif(row, 0), nullif(line, 0), nullif("column", ''), message
from file_problem
where job_id = any($1::uuid[])
  and number <= $2
order by job_id, number`

// ProblemsByImport reads the first problems of imports.
func (f *Files) ProblemsByImport(ctx context.Context, jobs []id.ImportJobID, most int) (map[id.ImportJobID][]Problem, error) {
	rows, err := f.db.Query(ctx, problemsSQL, jobs, most)
	if err != nil {
		return nil, fmt.Errorf("read problems: %w", err)
	}
	by := map[id.ImportJobID][]Problem{}
	var job id.ImportJobID
	var p Problem
	_, err = pgx.ForEachRow(rows, []any{&job, &p.Row, &p.Line, &p.Column, &p.Message}, func() error {
		by[job] = append(by[job], p)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read problems: %w", err)
	}
	return by, nil
}

func (f *Files) writeProblems(ctx context.Context, job uuid.UUID, to io.Writer) error {
	if _, err := f.Import(ctx, id.ImportJobID(job)); err != nil {
		return ErrLink.Because(err)
	}
	by, err := f.ProblemsByImport(ctx, []id.ImportJobID{id.ImportJobID(job)}, maxProblems)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write([]string{"Row", "Line", "Column", "Message"})
	number := func(n *int) string {
		if n == nil {
			return ""
		}
		return strconv.Itoa(*n)
	}
	for _, p := range by[id.ImportJobID(job)] {
		column := ""
		if p.Column != nil {
			column = *p.Column
		}
		_ = w.Write([]string{number(p.Row), number(p.Line), column, p.Message})
	}
	w.Flush()
	_, err = to.Write(b.Bytes())
	return err
}
