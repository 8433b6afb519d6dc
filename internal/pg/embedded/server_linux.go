package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"
)

// How long each way of ending the server gets before the next, harsher one.
const (
	startWithin  = 2 * time.Minute
	fastWithin   = 15 * time.Second
	harshWithin  = 5 * time.Second
	askEvery     = 50 * time.Millisecond
	watchEvery   = 250 * time.Millisecond
	maxRestarts  = 10
	restartPause = 200 * time.Millisecond
)

// Server is the private PostgreSQL server of one data folder.
type Server struct {
	// Owned is false when another process runs the server; Stop leaves it alone
	// then, and it ends with that process.
	Owned bool

	home   home
	socket string
	log    *slog.Logger

	binaries Binaries
	account  account
	settings map[string]string
	within   time.Duration
	lock     *lock

	// life ends when Stop is called, over when the server has ended for good.
	life context.Context
	end  context.CancelFunc
	over chan struct{}
	err  error

	watching sync.Once // for the end of another process's server
	patience time.Duration
	mu       sync.Mutex
	current  *process
}

// Start runs the server of a data folder, or finds it running under another
// process and uses it. It returns when the server answers queries; the database
// named like Login exists then.
func Start(ctx context.Context, options Options) (*Server, error) {
	log := options.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	within := options.Within
	if within <= 0 {
		within = startWithin
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()

	home, err := openHome(options.Dir)
	if err != nil {
		return nil, err
	}
	server := &Server{home: home, log: log, settings: options.Settings, within: within, patience: orphanedAfter}
	if err := server.ownOrUse(ctx); err != nil {
		return nil, err
	}
	server.life, server.end = context.WithCancel(context.WithoutCancel(ctx))
	server.over = make(chan struct{})
	if !server.Owned {
		log.Debug("using the PostgreSQL server that another process runs", "dir", home.dir)
		return server, nil
	}
	if err := server.begin(ctx); err != nil {
		server.end()
		server.lock.release()
		return nil, err
	}
	return server, nil
}

// Attach uses the server that another process runs in a data folder, and fails
// where none answers. It makes and changes nothing.
func Attach(ctx context.Context, dir string) (*Server, error) {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, fmt.Errorf("open the data folder: %w", err)
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	found := home{dir}
	socket, err := found.running(ctx)
	if err != nil {
		return nil, fmt.Errorf("no PostgreSQL server answers for %s: %w", dir, err)
	}
	attached := &Server{home: found, socket: socket, patience: orphanedAfter, over: make(chan struct{})}
	attached.life, attached.end = context.WithCancel(context.WithoutCancel(ctx))
	return attached, nil
}

// ownOrUse takes the lock, or finds the running server of whoever has it. The
// owner may just be starting, or just be ending, so both are tried in turn.
func (s *Server) ownOrUse(ctx context.Context) error {
	for {
		taken, err := s.home.tryLock()
		if err != nil {
			return err
		}
		if taken != nil {
			s.lock, s.Owned = taken, true
			return nil
		}
		socket, lookErr := s.home.running(ctx)
		if lookErr == nil {
			s.socket = socket
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("another process holds the data folder %s, but its PostgreSQL server does not answer: %w", s.home.dir, lookErr)
		case <-time.After(askEvery):
		}
	}
}

func (s *Server) begin(ctx context.Context) error {
	if err := s.prepare(ctx); err != nil {
		return err
	}
	first, err := s.launch(ctx)
	if err != nil {
		s.home.closeSocket(s.socket)
		return err
	}
	if err := createDatabase(ctx, s.socket, Login); err != nil {
		first.stop(ctx)
		s.home.closeSocket(s.socket)
		return err
	}
	go s.keep(first)
	return nil
}

// prepare brings the data folder to the point where a server can start in it.
func (s *Server) prepare(ctx context.Context) (err error) {
	if s.account, err = s.home.account(); err != nil {
		return err
	}
	if err := s.home.hand(s.account); err != nil {
		return err
	}
	if s.binaries, err = s.home.choose(ctx, s.log); err != nil {
		return err
	}
	if err := s.account.mustReach(s.binaries.Dir); err != nil {
		return fmt.Errorf("PostgreSQL's programs: %w", err)
	}
	if err := clearOrphans(ctx, s.log, s.home.data(), s.home.unfinished()); err != nil {
		return err
	}
	if err := s.home.initialize(ctx, s.binaries, s.account); err != nil {
		return err
	}
	s.socket, err = s.home.openSocket(s.account)
	return err
}

// launch starts the process and waits until it answers.
func (s *Server) launch(ctx context.Context) (*process, error) {
	started, err := launch(s.binaries, s.account, s.home.data(), s.socket, s.settings, s.log)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.current = started
	s.mu.Unlock()
	if err := s.home.announce(s.socket, started.pid()); err != nil {
		started.stop(ctx)
		return nil, err
	}
	if err := started.waitReady(ctx, s.socket); err != nil {
		started.stop(context.WithoutCancel(ctx))
		return nil, err
	}
	return started, nil
}

// keep starts the server again when it ends without having been asked to, so
// that a killed PostgreSQL costs seconds and not the shop.
func (s *Server) keep(current *process) {
	defer close(s.over)
	defer s.lock.release()
	defer s.home.closeSocket(s.socket)
	for {
		<-current.done
		if s.life.Err() != nil {
			return
		}
		s.log.Warn("the PostgreSQL server ended unexpectedly; starting it again", "error", current.explain())
		next, err := s.restart()
		if err != nil {
			if s.life.Err() == nil {
				s.err = fmt.Errorf("the PostgreSQL server ended and cannot be started again: %w", err)
				s.log.Error("the PostgreSQL server is down", "error", s.err)
			}
			return
		}
		s.log.Info("the PostgreSQL server runs again")
		current = next
	}
}

func (s *Server) restart() (*process, error) {
	var failed error
	for attempt := 1; attempt <= maxRestarts; attempt++ {
		select {
		case <-s.life.Done():
			return nil, s.life.Err()
		case <-time.After(time.Duration(attempt) * restartPause):
		}
		ctx, cancel := context.WithTimeout(s.life, s.within)
		failed = clearOrphans(ctx, s.log, s.home.data())
		var next *process
		if failed == nil {
			next, failed = s.launch(ctx)
		}
		cancel()
		if failed == nil {
			return next, nil
		}
	}
	return nil, failed
}

// URL is the connection string of one of the server's databases.
func (s *Server) URL(database string) string { return connection(s.socket, database) }

// Done is closed when the server has ended for good: stopped, or beyond starting
// again, or, for a server of another process, without an owner for orphanedAfter.
func (s *Server) Done() <-chan struct{} {
	if !s.Owned {
		s.watching.Do(func() { go s.watch() })
	}
	return s.over
}

// orphanedAfter is how long a server of another process may be without an owner:
// long enough for that process to be started again.
const orphanedAfter = 10 * time.Second

// watch notices when the process that runs the server has ended and none has
// taken its place.
func (s *Server) watch() {
	defer close(s.over)
	for alone := time.Duration(0); alone < s.patience; {
		select {
		case <-s.life.Done():
			return
		case <-time.After(watchEvery):
		}
		if s.home.owned() {
			alone = 0
		} else {
			alone += watchEvery
		}
	}
	s.err = fmt.Errorf("the process that ran the PostgreSQL server of %s has ended, and none has taken its place", s.home.dir)
}

// Err says, once Done is closed, why the server ended; nil after a Stop.
func (s *Server) Err() error {
	select {
	case <-s.over:
		return s.err
	default:
		return nil
	}
}

// Stop ends an owned server: open transactions are rolled back, and what was
// committed is there at the next start. It returns when the server is gone and
// may be called more than once.
func (s *Server) Stop(ctx context.Context) error {
	s.end()
	if !s.Owned {
		return nil
	}
	s.mu.Lock()
	current := s.current
	s.mu.Unlock()
	current.stop(ctx)
	select {
	case <-s.over:
		return s.err
	case <-time.After(fastWithin + harshWithin):
		return errors.New("the PostgreSQL server did not end")
	}
}
