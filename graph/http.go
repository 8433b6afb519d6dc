package graph

import (
	"net/http"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/klauspost/compress/gzhttp"
	"github.com/rs/cors"
	"go.opentelemetry.io/otel/trace"

	"github.com/wharfhq/wharf/internal/observe"
)

// routed builds all that the server answers. From the outside in: an id for the request, the net under a panic, the
// log, figures and traces, headers; then the routes, of which the API alone asks who calls.
func (s *Server) routed() (http.Handler, error) {
	compress, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.SuffixETag("-gzip"), gzhttp.ContentTypeFilter(func(media string) bool {
		// An event must not wait in a compressor for the next one.
		return !strings.HasPrefix(media, mediaStream) && gzhttp.DefaultContentTypeFilter(media)
	}))
	if err != nil {
		return nil, err
	}
	api := s.crossOrigin(s.authenticate(http.HandlerFunc(s.operate)))
	zipped := compress(api)
	endpoint := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if websocket.IsWebSocketUpgrade(r) { // it needs the bare connection
			api.ServeHTTP(w, r)
			return
		}
		zipped.ServeHTTP(w, r)
	})

	mux := http.NewServeMux()
	mux.Handle("/graphql", endpoint)
	mux.Handle("/api/{version}/graphql.json", endpoint)
	mux.Handle("/schema.graphql", s.crossOrigin(compress(read(s.serveSchema))))
	mux.Handle("/livez", read(s.serveLive))
	mux.Handle("/healthz", read(s.serveLive))
	mux.Handle("/readyz", read(s.serveReady))
	mux.Handle("/{$}", read(s.explorer.servePage))
	mux.Handle("/explorer/{file}", read(s.explorer.serveFile))
	if s.options.Metrics != nil {
		mux.Handle("/metrics", s.options.Metrics.Handler())
	}
	for pattern, handler := range s.options.Mounts {
		mux.Handle(pattern, handler)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		writeMalformed(w, mediaJSON, &malformed{status: http.StatusNotFound, message: "There is nothing here. The API is at /graphql."})
	})

	all := hardened(mux)
	all = observe.TraceHTTP(traced(all))
	if s.options.Metrics != nil {
		all = s.options.Metrics.HTTP(all)
	}
	return identified(s.logged(s.recovering(all))), nil
}

// answerTimeout is how long any answer may take to be made and read.
const answerTimeout = time.Minute

// requestID is the form of an id that a caller may choose for a request.
var requestID = regexp.MustCompile(`^[A-Za-z0-9._=+/-]{1,128}$`)

// identified gives each request an id, the caller's own where it is well-formed, and tells it in the answer. It also
// bounds the time to write the answer; event streams and sockets move the bound on as they go.
func identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(answerTimeout))
		id := r.Header.Get("X-Request-Id")
		if !requestID.MatchString(id) {
			id = uuid.NewString()
		}
		w.Header().Set("X-Request-Id", id)
		next.ServeHTTP(w, r.WithContext(observe.WithRequest(r.Context(), id)))
	})
}

// traced tells the trace in which a request is seen.
func traced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if span := trace.SpanContextFromContext(r.Context()); span.IsValid() {
			w.Header().Set("X-Trace-Id", span.TraceID().String())
		}
		next.ServeHTTP(w, r)
	})
}

// recovering answers for a panic outside of resolvers. net/http would close the connection without a word.
func (s *Server) recovering(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler { //nolint:errorlint // a sentinel that is panicked with as it is
				panic(cause)
			}
			s.options.Log.ErrorContext(r.Context(), "request failed", "panic", cause, "stack", string(debug.Stack()))
			writeMalformed(w, mediaJSON, &malformed{status: http.StatusInternalServerError, message: "Something went wrong on our side. It has been logged."})
		}()
		next.ServeHTTP(w, r)
	})
}

// hardened sets the headers that keep browsers from guessing and framing.
func hardened(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

// crossOrigin lets pages of any origin call the API, or of those that the operator names. Credentials of the browser
// are never taken along: a token is sent on purpose or not at all.
func (s *Server) crossOrigin(next http.Handler) http.Handler {
	origins := s.options.Origins
	if len(origins) == 0 || slices.Contains(origins, "*") {
		origins = []string{"*"}
	}
	return cors.New(cors.Options{
		AllowedOrigins:       origins,
		AllowedMethods:       []string{http.MethodGet, http.MethodPost},
		AllowedHeaders:       []string{"*"},
		ExposedHeaders:       []string{"X-Request-Id", "X-Trace-Id", "Retry-After", "ETag", "Cache-Status", costHeader},
		MaxAge:               7200,
		OptionsSuccessStatus: http.StatusNoContent,
	}).Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodOptions { // not a preflight: somebody asks what there is
			w.Header().Set("Allow", "GET, POST, OPTIONS")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	}))
}

// read admits GET and HEAD only.
func read(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			writeMalformed(w, mediaJSON, &malformed{http.StatusMethodNotAllowed, "This can only be read.", "GET, HEAD"})
			return
		}
		next(w, r)
	})
}

// isWatch tells the calls of watchers, which come every few seconds, from those of people.
func isWatch(path string) bool {
	return slices.Contains([]string{"/livez", "/healthz", "/readyz", "/metrics"}, path) || strings.HasPrefix(path, "/explorer/")
}
