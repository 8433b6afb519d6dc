package simulator

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/wharfhq/wharf/internal/money"
)

// Kind says what an entry of the books records. It is stored and never changes.
type Kind string

// The kinds of entries.
const (
	KindAuthorize Kind = "authorize" // reserved at once
	KindDecline   Kind = "decline"   // refused at once
	KindChallenge Kind = "challenge" // the shopper must act
	KindPending   Kind = "pending"   // decided later
	KindSettle    Kind = "settle"    // a pending charge or a challenge has ended well: the amount is reserved
	KindFail      Kind = "fail"      // it has ended badly
	KindCapture   Kind = "capture"
	KindRefund    Kind = "refund"
	KindVoid      Kind = "void" // the rest is released, and the key is closed
	KindExpire    Kind = "expire"
	KindDispute   Kind = "dispute"
	KindForget    Kind = "forget" // a saved method has become useless
)

// Entry is one line of the books. It is written once and never changed.
type Entry struct {
	Number   int64          `json:"number"`
	At       time.Time      `json:"at"`
	Kind     Kind           `json:"kind"`
	Key      string         `json:"key,omitempty"` // of the operation
	Charge   string         `json:"charge"`        // the key of the charge, or the reference of the method that is forgotten
	Amount   int64          `json:"amount"`        // what has moved
	Wanted   int64          `json:"wanted,omitempty"`
	Currency money.Currency `json:"currency,omitempty"`
	Face     string         `json:"face,omitempty"`  // of a charge that nobody had heard of
	Asked    *Authorization `json:"asked,omitempty"` // with the first entry of a charge that was asked for
	Refusal  *Refusal       `json:"refusal,omitempty"`
}

// ledger is the file of the books: one entry on each line, on disk before anybody hears of it.
type ledger struct {
	file   *os.File
	end    int64 // behind the last whole line
	broken error // why nothing can be written any more
}

// openLedger reads every entry and stands ready to write behind the last. A last line that was torn when the process
// was killed was never answered, and is cut off.
func openLedger(path string, read func(Entry)) (_ *ledger, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("make the folder of the books: %w", err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the books: %w", err)
	}
	defer func() {
		if err != nil {
			_ = file.Close()
		}
	}()
	l := &ledger{file: file}
	for lines := bufio.NewReader(file); ; {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break // what is left of the line was torn
		}
		if err != nil {
			return nil, fmt.Errorf("read the books: %w", err)
		}
		var e Entry
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("the books are damaged at byte %d: %w", l.end, err)
		}
		read(e)
		l.end += int64(len(line))
	}
	if err := file.Truncate(l.end); err != nil {
		return nil, fmt.Errorf("cut a torn line off the books: %w", err)
	}
	return l, syncFolder(path)
}

// syncFolder makes sure that a new file is still there after a crash.
func syncFolder(path string) error {
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("open the folder of the books: %w", err)
	}
	defer func() { _ = folder.Close() }()
	if err := folder.Sync(); err != nil {
		return fmt.Errorf("keep the folder of the books: %w", err)
	}
	return nil
}

// write puts one entry on disk. After a failure it is not known what the disk holds, so nothing is written any more
// until the books are opened again.
func (l *ledger) write(e Entry) error {
	if l.broken != nil {
		return l.broken
	}
	var line bytes.Buffer
	if err := json.NewEncoder(&line).Encode(e); err != nil {
		return fmt.Errorf("word an entry of the books: %w", err)
	}
	if _, err := l.file.WriteAt(line.Bytes(), l.end); err != nil {
		l.broken = fmt.Errorf("write the books: %w", err)
		return l.broken
	}
	if err := l.file.Sync(); err != nil {
		l.broken = fmt.Errorf("keep the books: %w", err)
		return l.broken
	}
	l.end += int64(line.Len())
	return nil
}

func (l *ledger) close() error { return l.file.Close() }
