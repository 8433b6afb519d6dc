package graph

import (
	"context"
	"sync"
	"time"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
)

const (
	maxSessions  = 20              // open sockets and streams of one caller
	maxNewcomers = 100             // sockets of one address that have not said yet who calls; they have initTimeout for it
	recheckEvery = 3 * time.Second // so that a token that was taken away is dead within 5 s
	rechecks     = 8               // at once
	recheckTime  = 2 * time.Second // for one; a database that hangs must not keep other callers' rights alive
)

// session is a socket or a stream: something that outlives the check that was made when it was opened.
type session struct {
	actor access.Actor
	known bool // whether the actor is who calls, or only says from where
	payer payer
	end   func(*fault.Fault) // why it must end; nil when the server goes down and the client should come back
}

// sessions are all that are open in this process. While there is one, a single goroutine asks again and again whether
// each caller's right still stands: once per caller, however many sessions they hold.
type sessions struct {
	recheck   func(context.Context, access.Actor) *fault.Fault
	every     time.Duration
	unlimited bool

	mu       sync.Mutex
	open     map[*session]struct{}
	perPayer map[payer]int
	draining bool
	stop     context.CancelFunc // ends the goroutine; nil while there is none
	idle     chan struct{}      // closed when draining and nothing is open
}

func newSessions(recheck func(context.Context, access.Actor) *fault.Fault, unlimited bool) *sessions {
	return &sessions{
		recheck: recheck, every: recheckEvery, unlimited: unlimited,
		open: map[*session]struct{}{}, perPayer: map[payer]int{}, idle: make(chan struct{}),
	}
}

// newcomer is the kind of payer of a socket that has not said yet who calls.
const newcomer = access.Kind(255)

// enter admits a session, or says why not.
func (s *sessions) enter(one *session) *fault.Fault {
	one.payer = payerOf(one.actor)
	most := maxSessions
	if !one.known { // whoever shares an address with many others must come as far as saying who they are
		one.payer.kind, most = newcomer, maxNewcomers
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		return comeBack()
	}
	if !s.unlimited && s.perPayer[one.payer] >= most {
		f := fault.Newf(fault.Throttled, "TOO_MANY_CONNECTIONS", "A caller has at most %d open sockets and streams.", maxSessions)
		f.RetryAfter = 5 * time.Second
		return f
	}
	s.perPayer[one.payer]++
	s.open[one] = struct{}{}
	if s.stop == nil {
		ctx, stop := context.WithCancel(context.Background())
		s.stop = stop
		go s.watch(ctx)
	}
	return nil
}

// identify tells a session's caller once it is known, and counts it as theirs.
func (s *sessions) identify(one *session, actor access.Actor) *fault.Fault {
	s.leave(one)
	one.actor, one.known = actor, true
	return s.enter(one)
}

// leave forgets a session. It may be called more than once.
func (s *sessions) leave(one *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.open[one]; !ok {
		return
	}
	delete(s.open, one)
	if s.perPayer[one.payer]--; s.perPayer[one.payer] == 0 {
		delete(s.perPayer, one.payer)
	}
	if len(s.open) > 0 {
		return
	}
	s.stop()
	s.stop = nil
	if s.draining {
		close(s.idle)
	}
}

// close ends all sessions and lets no new one in.
func (s *sessions) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		return
	}
	s.draining = true
	if len(s.open) == 0 {
		close(s.idle)
	}
	for one := range s.open {
		go one.end(nil)
	}
}

// wait waits, after close, for the last session to end.
func (s *sessions) wait(ctx context.Context) error {
	select {
	case <-s.idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *sessions) isDraining() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.draining
}

func (s *sessions) watch(ctx context.Context) {
	ticker := time.NewTicker(s.every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			s.recheckAll(ctx)
		}
	}
}

// credential is what a right hangs on; sessions that share one are checked together.
type credential struct {
	kind    access.Kind
	id      [16]byte
	session [16]byte
	key     [16]byte
	order   [16]byte
}

func (s *sessions) recheckAll(ctx context.Context) {
	holders := map[credential][]*session{}
	s.mu.Lock()
	for one := range s.open {
		if a := one.actor; a.Kind != access.Anonymous {
			c := credential{a.Kind, a.ID, a.SessionID, a.KeyID, a.OrderID}
			holders[c] = append(holders[c], one)
		}
	}
	s.mu.Unlock()
	slots := make(chan struct{}, rechecks)
	var all sync.WaitGroup
	for _, held := range holders {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			ctx, cancel := context.WithTimeout(ctx, recheckTime)
			defer cancel()
			if gone := s.recheck(ctx, held[0].actor); gone != nil {
				for _, one := range held {
					one.end(gone)
				}
			}
		})
	}
	all.Wait()
}

func comeBack() *fault.Fault {
	f := fault.New(fault.Busy, "RESTARTING", "The server is going down. Connect again: another one answers.")
	f.RetryAfter = time.Second
	return f
}
