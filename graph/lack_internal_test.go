package graph

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/clock"
)

// TestALackIsToldOnce for as long as operations go on to meet it, and each kind by itself.
func TestALackIsToldOnce(t *testing.T) {
	t.Parallel()
	now := clock.NewFake(time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC))
	l := newLack(now)
	tell := func(state string, want bool) {
		t.Helper()
		if l.meet(state) != want {
			t.Errorf("%s is news: %t", state, !want)
		}
	}
	tell(pgerrcode.DiskFull, true)
	for range 5 {
		now.Advance(lackQuiet - time.Second)
		tell(pgerrcode.DiskFull, false)
	}
	tell(pgerrcode.TooManyConnections, true)
	now.Advance(lackQuiet)
	tell(pgerrcode.DiskFull, true)
}

// failing is a gate that can't say who calls.
type failing struct {
	bearers
	err error
}

func (f failing) Socket(*http.Request, string) (access.Actor, error) { return access.Actor{}, f.err }

// TestALackIsToldOnceForAllRoads: on a socket it asks the client to come back, a file to be sent again, and the log says once
// what to do.
func TestALackIsToldOnceForAllRoads(t *testing.T) {
	t.Parallel()
	lacks := fmt.Errorf("read the token: %w", &pgconn.PgError{Code: pgerrcode.DiskFull, Message: "No space left on device"})
	e := newEdge(t, func(o *Options) { o.Gate = failing{people, lacks} })
	for range 2 {
		c := e.dial(t, nil)
		c.send(`{"type":"connection_init","payload":{"authorization":"Bearer reader"}}`)
		if code, reason := c.closed(); code != closeRestart || strings.Contains(reason, "device") {
			t.Errorf("the socket is closed with %d %q", code, reason)
		}
	}
	file := func(errs errorPresenter) {
		t.Helper()
		w := httptest.NewRecorder()
		refuseFile(w, httptest.NewRequest(http.MethodPost, "/files/x", nil), errs, lacks)
		if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), `"code":"BUSY"`) {
			t.Errorf("the file is answered %d %s", w.Code, w.Body)
		}
	}
	file(e.server.errors)
	said := e.log.String()
	if strings.Count(said, "level=ERROR") != 1 || strings.Count(said, "what_to_do=") != 1 || strings.Count(said, "No space left") != 3 {
		t.Errorf("the log says\n%s", said)
	}
	var first logText
	file(newErrorPresenter(slog.New(slog.NewTextHandler(&first, nil)), clock.System))
	if said := first.String(); strings.Count(said, "level=ERROR") != 1 || strings.Count(said, "what_to_do=") != 1 {
		t.Errorf("where a file meets it first, the log says\n%s", said)
	}
}

// TestAnUnknownFailureEndsASocketAsInternal and is logged under its id.
func TestAnUnknownFailureEndsASocketAsInternal(t *testing.T) {
	t.Parallel()
	e := newEdge(t, func(o *Options) { o.Gate = failing{people, errors.New("secret")} })
	c := e.dial(t, nil)
	c.send(`{"type":"connection_init"}`)
	if code, reason := c.closed(); code != closeInternal || reason != "Internal server error" {
		t.Errorf("the socket is closed with %d %q", code, reason)
	}
	if said := e.log.String(); !strings.Contains(said, "error_id=") || !strings.Contains(said, "secret") {
		t.Errorf("the log says\n%s", said)
	}
}
