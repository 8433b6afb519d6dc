package files

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// pieceSize is the size of all pieces of a file that was sent, but the last.
const pieceSize = 256 << 10

// The largest files that are taken in.
const (
	maxProducts  = 64 << 20
	maxStock     = 8 << 20
	maxLocations = 8 << 20
)

// limits are the largest files of each kind.
var limits = map[Kind]int64{Products: maxProducts, Stock: maxStock, Locations: maxLocations}

const addContentSQL = `
insert into file_content (id)
values ($1)`

const addPieceSQL = `
insert into file_chunk (content_id, number, data)
values ($1, $2, $3)`

const dropContentSQL = `
delete from file_content
where id = $1`

const completeContentSQL = `
update file_content
set size = $2
where id = $1`

const attachSQL = `
update file_job
set content_id = $2, state = 'WAITING', source_url = null, tries = 0
where id = $1
  and direction = 'IMPORT'
  and state = $3`

// Receive takes the file of an import in, piece by piece, and lets the work begin. A file that breaks off leaves nothing
// behind, and may be sent again; a job takes one file.
func (f *Files) Receive(ctx context.Context, actor access.Actor, job id.ImportJobID, file io.Reader) (ImportJob, error) {
	j, err := f.Import(ctx, job)
	if err != nil {
		return j, err
	}
	if err := mayImport(actor, j.Kind); err != nil {
		return j, err
	}
	if j.State != AwaitingFile {
		return j, errHasFile
	}
	content, size, err := f.store(ctx, file, limits[j.Kind])
	if err == nil {
		err = f.attach(ctx, job, AwaitingFile, content, size)
		err = f.drop(ctx, content, err)
	}
	if err != nil {
		return j, err
	}
	return f.Import(ctx, job)
}

// store keeps a file that nobody has yet.
func (f *Files) store(ctx context.Context, file io.Reader, most int64) (id.FileContentID, int64, error) {
	content := id.NewFileContentID()
	if _, err := f.db.Exec(ctx, addContentSQL, content); err != nil {
		return content, 0, fmt.Errorf("take a file in: %w", err)
	}
	size, err := f.keep(ctx, content, file, most)
	return content, size, f.drop(ctx, content, err)
}

// drop forgets a file that came to nothing, and gives the reason.
func (f *Files) drop(ctx context.Context, content id.FileContentID, reason error) error {
	if reason == nil {
		return nil
	}
	_, err := f.db.Exec(context.WithoutCancel(ctx), dropContentSQL, content)
	return errors.Join(reason, err)
}

var (
	errHasFile  = fault.New(fault.Conflict, "HAS_FILE", "The job has its file already. Make another one for another file.")
	errEmpty    = fault.New(fault.Invalid, "BLANK", "The file is empty.")
	errBreaksUp = fault.New(fault.Invalid, "INVALID", "The file broke off. Send it again.")
)

// attach gives a job that is in a state its file, once.
func (f *Files) attach(ctx context.Context, job id.ImportJobID, state State, content id.FileContentID, size int64) error {
	return pg.InTx(ctx, f.db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, completeContentSQL, content, size); err != nil {
			return fmt.Errorf("take a file in: %w", err)
		}
		tag, err := tx.Exec(ctx, attachSQL, job, content, state)
		if err != nil {
			return fmt.Errorf("take a file in: %w", err)
		}
		if tag.RowsAffected() == 0 { // another one was faster
			return errHasFile
		}
		return f.post(ctx, tx, Task{Job: uuid.UUID(job)})
	})
}

// keep writes each piece in a transaction of its own: a slow sender holds none open.
func (f *Files) keep(ctx context.Context, content id.FileContentID, file io.Reader, most int64) (size int64, err error) {
	piece := make([]byte, pieceSize)
	for number, last := 0, false; !last; number++ {
		var n int
		if n, last, err = fill(piece, file); err != nil {
			return size, errBreaksUp.Because(err)
		}
		if size += int64(n); size > most {
			return size, fault.Newf(fault.Invalid, "TOO_LARGE", "The file is larger than %d MB.", most>>20)
		}
		if n == 0 {
			continue
		}
		if _, err := f.db.Exec(ctx, addPieceSQL, content, number, piece[:n]); err != nil {
			return size, fmt.Errorf("keep a piece of a file: %w", err)
		}
	}
	if size == 0 {
		return size, errEmpty
	}
	return size, nil
}

// fill reads until the piece is full or the file ends. Only io.EOF is the end: a connection that is cut says
// io.ErrUnexpectedEOF, and half a file must not be taken for the whole.
func fill(piece []byte, file io.Reader) (n int, last bool, err error) {
	for n < len(piece) {
		read, err := file.Read(piece[n:])
		n += read
		if err == io.EOF {
			return n, true, nil
		}
		if err != nil {
			return n, false, err
		}
	}
	return n, false, nil
}

const pieceSQL = `
select data
from file_chunk
where content_id = $1
  and number = $2`

// stored is a file that was sent, to be read from any place of it.
type stored struct {
	ctx     context.Context //nolint:containedctx // a reader has no argument for it, and lives no longer than one call
	db      pg.DB
	content id.FileContentID
	size    int64
	at      int64
	number  int64
	piece   []byte
}

func open(ctx context.Context, db pg.DB, content id.FileContentID, size int64) *stored {
	return &stored{ctx: ctx, db: db, content: content, size: size, number: -1}
}

// Read reads on.
func (s *stored) Read(p []byte) (int, error) {
	if s.at >= s.size {
		return 0, io.EOF
	}
	if number := s.at / pieceSize; number != s.number {
		if err := s.db.QueryRow(s.ctx, pieceSQL, s.content, number).Scan(&s.piece); err != nil {
			return 0, fmt.Errorf("read a piece of a file: %w", err)
		}
		s.number = number
	}
	n := copy(p, s.piece[s.at%pieceSize:])
	s.at += int64(n)
	return n, nil
}

// Seek goes to a place.
func (s *stored) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += s.at
	case io.SeekEnd:
		offset += s.size
	}
	if offset < 0 {
		return s.at, errors.New("seek before the beginning of a file")
	}
	s.at = offset
	return s.at, nil
}
