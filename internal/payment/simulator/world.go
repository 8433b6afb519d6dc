package simulator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Face speaks one protocol. It reads calls, asks the Books through World.Serve, and words what they say; it decides
// nothing by itself.
type Face interface {
	// Name is where it is mounted: /stripe/ is stripe.
	Name() string
	// Handler answers the protocol's calls, without the leading /{name}. Everything that a shop may call goes through
	// w.Serve, so that it misbehaves like everything else.
	Handler(w *World) http.Handler
	// Refusal words an error that the world answers by itself, such as 429.
	Refusal(status int, message string) Reply
	// Messages words and signs what a shop is told, in as many callbacks as the protocol has for it; none is allowed.
	// It is called for every try.
	Messages(n News) []Message
}

// Options say what the world is like; the zero value, but for Ledger, is a world that behaves.
type Options struct {
	Ledger string // the file of the books
	BooksOptions
	Seed   uint64
	Settle time.Duration // after which a pending charge settles by itself; only when it is told to when 0
	Slow   time.Duration // how long the token slow takes; 2 s when 0
	Faces  []Face
	Log    *slog.Logger
}

// World is the provider as shops meet it.
type World struct {
	Books     *Books
	Modes     *Modes
	Callbacks *Callbacks

	options Options
	ears    ears
	faces   map[string]Face
	mux     *http.ServeMux
	ending  context.Context //nolint:containedctx // it ends what hangs when the world ends
	end     context.CancelFunc
	all     sync.WaitGroup

	mu     sync.Mutex
	url    string
	server *http.Server
}

// New opens a world. Charges that are pending in its books go on from where they were.
func New(o Options) (*World, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	books, err := OpenBooks(o.Ledger, o.BooksOptions)
	if err != nil {
		return nil, err
	}
	w := &World{Books: books, Modes: NewModes(o.Seed), options: o, faces: map[string]Face{}, mux: http.NewServeMux()}
	w.Callbacks = newCallbacks(w.Modes, o.Log)
	w.ending, w.end = context.WithCancel(context.Background())
	for _, face := range o.Faces {
		at := "/" + face.Name()
		w.faces[face.Name()] = face
		w.mux.Handle(at+"/", http.StripPrefix(at, face.Handler(w)))
	}
	w.control()
	all, err := books.Changed(time.Time{}, 0, 1<<31-1)
	if err != nil {
		return nil, errors.Join(err, books.Close())
	}
	for _, c := range all {
		w.settleLater(c)
	}
	return w, nil
}

// Handler answers everything.
func (w *World) Handler() http.Handler { return w.mux }

// Listen answers at an address and says under which URL; port 0 takes a free one.
func (w *World) Listen(ctx context.Context, addr string) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return "", fmt.Errorf("listen: %w", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.url = "http://" + listener.Addr().String()
	w.server = &http.Server{Handler: w.mux, ReadHeaderTimeout: 10 * time.Second}
	w.all.Go(func() {
		if err := w.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			w.options.Log.Error("the simulator has stopped to answer", "error", err)
		}
	})
	return w.url, nil
}

// Close ends the world at once. What it has answered stays in the books.
func (w *World) Close() error {
	w.end()
	w.mu.Lock()
	server := w.server
	w.mu.Unlock()
	var err error
	if server != nil {
		err = server.Close()
	}
	w.Callbacks.close()
	w.all.Wait()
	return errors.Join(err, w.Books.Close())
}

// ChallengeURL is the page on which a shopper proves who they are.
func (w *World) ChallengeURL(key string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.url + "/challenge/" + key
}

// told sends what an operation has written into the books to the shop that the charge belongs to. What was heard before
// is no news.
func (w *World) told(a Answer, err error) (Answer, error) {
	face := w.faces[a.Charge.Asked.Face]
	if err != nil || a.Again || face == nil {
		return a, err
	}
	w.Callbacks.tell(face, News{
		ID:    uuid.NewSHA1(uuid.NameSpaceOID, fmt.Appendf(nil, "%s %d", a.First.Key(), a.Entry.Number)).String(),
		Entry: a.Entry, Charge: a.First, Account: a.First.Asked.Account,
	}, w.somebodyElse)
	return a, nil
}

// somebodyElse gives news the reference of another order: one that the books know, if there is any.
func (w *World) somebodyElse(n News) News {
	n.Charge.Asked.Reference = uuid.NewString()
	if all, err := w.Books.Changed(time.Time{}, 0, 1000); err == nil {
		for _, c := range all {
			if c.Asked.Reference != "" && c.Key() != n.Charge.Key() && c.Asked.Face == n.Charge.Asked.Face {
				n.Charge.Asked.Reference = c.Asked.Reference
			}
		}
	}
	return n
}
