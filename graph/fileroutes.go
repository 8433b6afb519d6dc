package graph

import (
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/shop"
)

// pieceWithin is how long the other side may take for the next piece of a file. A file of any size may take its time, a
// connection on which nothing moves may not.
const pieceWithin = 30 * time.Second

// patient moves the time limits of a connection on with each piece.
type patient struct {
	io.Reader
	io.Writer
	connection *http.ResponseController
}

func (p patient) wait() {
	_ = p.connection.SetReadDeadline(time.Now().Add(pieceWithin))
	_ = p.connection.SetWriteDeadline(time.Now().Add(pieceWithin))
}

func (p patient) Read(b []byte) (int, error) {
	p.wait()
	return p.Reader.Read(b)
}

func (p patient) Write(b []byte) (int, error) {
	p.wait()
	return p.Writer.Write(b)
}

// uploads takes the file of an import in: the body of the request, as it is, from somebody who may import it.
func uploads(s *shop.Shop, gate Gate, errs errorPresenter) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		actor, err := gate.Request(r)
		if err == nil && actor.Kind != access.Staff && actor.Kind != access.Partner {
			err = fault.New(fault.Unauthenticated, "UNAUTHENTICATED", "Send the token of a member of staff or an API key.")
		}
		name, bad := uuid.Parse(r.PathValue("job"))
		if err == nil && bad != nil {
			err = fault.New(fault.NotFound, "NOT_FOUND", "There is no such job.")
		}
		if err != nil {
			refuseFile(w, r, errs, err)
			return
		}
		body := patient{Reader: r.Body, connection: http.NewResponseController(w)}
		job, err := s.Files.Receive(r.Context(), actor, id.ImportJobID(name), body)
		if err != nil {
			refuseFile(w, r, errs, err)
			return
		}
		writeFileAnswer(w, http.StatusAccepted, map[string]any{"id": job.ID.String(), "state": job.State, "bytes": job.Bytes})
	})
}

// downloads gives a file to whoever holds a link that has not expired.
func downloads(s *shop.Shop, errs errorPresenter) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, query := w.Header(), r.URL.Query()
		body := &begun{patient: patient{Writer: w, connection: http.NewResponseController(w)}, begin: func() {
			h.Set("Content-Type", "text/csv; charset=utf-8")
			h.Set("Content-Disposition", `attachment; filename="`+r.PathValue("part")+`.csv"`)
			h.Set("Cache-Control", "private, no-store")
		}}
		err := s.Files.Fetch(r.Context(), s.Clock.Now(), r.PathValue("job"), r.PathValue("part"), query.Get("until"), query.Get("signature"), body)
		switch {
		case err == nil:
		case body.begin != nil:
			refuseFile(w, r, errs, err)
		default: // what was sent can't be taken back: the connection breaks, so that nobody takes it for the whole
			errs.warn(r.Context(), "sending a file failed", err)
			panic(http.ErrAbortHandler)
		}
	})
}

// begun sets the headers of a file when its first piece is there.
type begun struct {
	patient
	begin func()
}

func (b *begun) Write(piece []byte) (int, error) {
	if b.begin != nil {
		b.begin()
		b.begin = nil
	}
	return b.patient.Write(piece)
}

// fileStatuses are the statuses of refusals.
var fileStatuses = map[fault.Kind]int{
	fault.Unauthenticated: http.StatusUnauthorized, fault.Forbidden: http.StatusForbidden, fault.NotFound: http.StatusNotFound,
	fault.Invalid: http.StatusBadRequest, fault.Conflict: http.StatusConflict, fault.Throttled: http.StatusTooManyRequests,
}

func refuseFile(w http.ResponseWriter, r *http.Request, errs errorPresenter, err error) {
	f, ok := visible(err)
	status := 0
	if ok {
		status = fileStatuses[f.Kind]
	}
	if status == 0 {
		errs.warn(r.Context(), "taking or sending a file failed", err)
		f, status = fault.New(fault.Busy, "BUSY", "Please try again."), http.StatusServiceUnavailable
	}
	if f.Code == "TOO_LARGE" {
		status = http.StatusRequestEntityTooLarge
	}
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	writeFileAnswer(w, status, map[string]any{"error": map[string]string{"code": f.Code, "message": f.Message}})
}

func writeFileAnswer(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", mediaJSON)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer)
}
