package graph

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
)

// readiness remembers for a moment whether the server can work, so that asking often costs the database nothing.
type readiness struct {
	ask func(context.Context) error

	mu   sync.Mutex
	at   time.Time
	last error
}

const (
	readyFor     = time.Second
	readyTimeout = 2 * time.Second
)

func (r *readiness) err(ctx context.Context) error {
	if r.ask == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.at) < readyFor {
		return r.last
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyTimeout)
	defer cancel()
	r.last, r.at = r.ask(ctx), time.Now()
	return r.last
}

// serveLive says that the process runs. Whether it can work is readiness: a process is not to be killed because its
// database is away.
func (s *Server) serveLive(w http.ResponseWriter, _ *http.Request) {
	writeStatus(w, http.StatusOK, "ok")
}

// serveReady says whether requests should be sent here. A server that goes down says so without asking anything.
func (s *Server) serveReady(w http.ResponseWriter, r *http.Request) {
	if s.sessions.isDraining() {
		writeStatus(w, http.StatusServiceUnavailable, "draining")
		return
	}
	if err := s.ready.err(r.Context()); err != nil {
		s.options.Log.WarnContext(r.Context(), "not ready", "error", err)
		writeStatus(w, http.StatusServiceUnavailable, "unavailable")
		return
	}
	writeStatus(w, http.StatusOK, "ready")
}

func writeStatus(w http.ResponseWriter, status int, word string) {
	w.Header().Set("Content-Type", mediaJSON)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"status": word})
}

// SDL is the whole schema as one text, with its descriptions and permissions.
func SDL() string { return sdl(NewExecutableSchema(Config{}).Schema()) }

func sdl(schema *ast.Schema) string {
	var text strings.Builder
	formatter.NewFormatter(&text, formatter.WithIndent("  ")).FormatSchema(schema)
	return text.String()
}

// serveSchema answers the merged schema. It tells no more than introspection, and is closed with it.
func (s *Server) serveSchema(w http.ResponseWriter, _ *http.Request) {
	if s.options.NoIntrospection {
		writeMalformed(w, mediaJSON, &malformed{status: http.StatusNotFound, message: "The schema is not shown on this server."})
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(s.schemaText))
}
