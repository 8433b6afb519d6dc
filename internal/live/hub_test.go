package live_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wharfhq/wharf/internal/live"
)

// message is what happened to a thing.
type message struct {
	thing   string
	version int
}

// shelf is a source in memory that counts the questions it is asked.
type shelf struct {
	mu       sync.Mutex
	versions map[string]int
	feed     []string // which thing changed at each position
	asked    struct{ versions, changed, after int }
	sent     []int // the versions that were told as sent
	dead     bool
	hidden   bool // the log does not show the newest message yet
}

var errDead = errors.New("the database is away")

func newShelf() *shelf { return &shelf{versions: map[string]int{}} }

func (s *shelf) change(things ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, thing := range things {
		s.versions[thing]++
		s.feed = append(s.feed, thing)
	}
}

func (s *shelf) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func (s *shelf) counts() (versions, changed, after int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked.versions, s.asked.changed, s.asked.after
}

func (s *shelf) source() live.Source[string, message] {
	return live.Source[string, message]{
		Versions: func(_ context.Context, things []string) (map[string]int, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.asked.versions++
			if s.dead {
				return nil, errDead
			}
			out := map[string]int{}
			for _, thing := range things {
				out[thing] = s.versions[thing]
			}
			return out, nil
		},
		Changed: func(_ context.Context, after int64) (map[string]int, int64, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.asked.changed++
			if s.dead {
				return nil, 0, errDead
			}
			out := map[string]int{}
			for _, thing := range s.feed[after:] {
				out[thing] = s.versions[thing]
			}
			return out, int64(len(s.feed)), nil
		},
		Head: func(context.Context) (int64, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.dead {
				return 0, errDead
			}
			return int64(len(s.feed)), nil
		},
		After: func(_ context.Context, thing string, after, limit int) ([]message, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.asked.after++
			if s.dead {
				return nil, errDead
			}
			last := s.versions[thing]
			if s.hidden {
				last--
			}
			var out []message
			for v := after + 1; v <= last && len(out) < limit; v++ {
				out = append(out, message{thing, v})
			}
			return out, nil
		},
		Version: func(m message) int { return m.version },
		Sent: func(m message) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.sent = append(s.sent, m.version)
		},
	}
}

// run starts a hub in the bubble and gives a stop that waits until it is gone.
func run(t *testing.T, s *shelf) (*live.Hub[string, message], func()) {
	t.Helper()
	return runOn(t, s.source())
}

func runOn(t *testing.T, source live.Source[string, message]) (*live.Hub[string, message], func()) {
	t.Helper()
	hub := live.New(source, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		hub.Run(ctx)
	}()
	return hub, func() {
		cancel()
		<-done
	}
}

// take reads n messages and gives their versions; none may be missing.
func take(t *testing.T, from <-chan message, n int) []int {
	t.Helper()
	var got []int
	for range n {
		m, open := <-from
		if !open {
			t.Fatalf("the stream ended after %v", got)
		}
		got = append(got, m.version)
	}
	return got
}

func nothing(t *testing.T, from <-chan message) {
	t.Helper()
	synctest.Wait()
	select {
	case m, open := <-from:
		t.Fatalf("an unexpected message: %+v, open %t", m, open)
	default:
	}
}

func want(t *testing.T, got []int, versions ...int) {
	t.Helper()
	if !slices.Equal(got, versions) {
		t.Errorf("got versions %v, want %v", got, versions)
	}
}

func TestWatchFromASnapshot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		s.change("a", "a", "a")
		hub, stop := run(t, s)
		defer stop()
		ctx, leave := context.WithCancel(t.Context())
		stream := hub.Watch(ctx, "a", live.Start[message]{After: 3, Known: 3, First: []message{{"a", 3}}})
		want(t, take(t, stream, 1), 3)
		nothing(t, stream)
		s.change("a", "b", "a")
		hub.Hint()
		want(t, take(t, stream, 2), 4, 5)
		leave()
		if _, open := <-stream; open {
			t.Error("the stream goes on after its context has ended")
		}
		synctest.Wait()
		if n := hub.Watching(); n != 0 {
			t.Errorf("%d watchers are left", n)
		}
	})
}

func TestWatchResumes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		for range 40 { // more than one read brings
			s.change("a")
		}
		hub, stop := run(t, s)
		defer stop()
		stream := hub.Watch(t.Context(), "a", live.Start[message]{After: 1, Known: 40})
		got := take(t, stream, 39)
		for i, v := range got {
			if v != i+2 {
				t.Fatalf("versions %v", got)
			}
		}
		nothing(t, stream)
	})
}

func TestAChangeBetweenTheReadAndTheWatchIsSeen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		s.change("a")
		hub, stop := run(t, s)
		defer stop()
		s.change("a") // after the caller has read version 1
		stream := hub.Watch(t.Context(), "a", live.Start[message]{After: 1, Known: 1})
		started := time.Now()
		want(t, take(t, stream, 1), 2)
		if waited := time.Since(started); waited > 50*time.Millisecond {
			t.Errorf("it took %s", waited)
		}
	})
}

func TestANewcomerWhoKnowsMoreTellsTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		s.change("a")
		hub, stop := run(t, s)
		defer stop()
		first := hub.Watch(t.Context(), "a", live.Start[message]{After: 1, Known: 1})
		nothing(t, first)
		s.change("a")
		second := hub.Watch(t.Context(), "a", live.Start[message]{After: 1, Known: 2})
		want(t, take(t, second, 1), 2)
		want(t, take(t, first, 1), 2)
	})
}

// The history that a watcher catches up with says nothing about how fast news travels.
func TestOnlyNewsIsToldAsSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		s.change("a", "a")
		hub, stop := run(t, s)
		defer stop()
		watched := hub.Watch(t.Context(), "a", live.Start[message]{After: 0, Known: 2, First: []message{{"a", 2}}})
		want(t, take(t, watched, 3), 2, 1, 2)
		s.change("a")
		want(t, take(t, watched, 1), 3)
		synctest.Wait()
		s.set(func() { want(t, s.sent, 3) })
	})
}

func TestWithoutHintsThePollFinds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		s.change("a")
		hub, stop := run(t, s)
		defer stop()
		stream := hub.Watch(t.Context(), "a", live.Start[message]{After: 1, Known: 1})
		time.Sleep(time.Second)
		s.change("a")
		started := time.Now()
		want(t, take(t, stream, 1), 2)
		if waited := time.Since(started); waited > 600*time.Millisecond {
			t.Errorf("a lost hint delayed a message by %s", waited)
		}
	})
}

func TestASlowReaderDelaysOnlyItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		s.change("a")
		hub, stop := run(t, s)
		defer stop()
		start := live.Start[message]{After: 1, Known: 1}
		slow, quick := hub.Watch(t.Context(), "a", start), hub.Watch(t.Context(), "a", start)
		for v := 2; v <= 100; v++ {
			s.change("a")
			hub.Hint()
			want(t, take(t, quick, 1), v)
		}
		got := take(t, slow, 99)
		for i, v := range got {
			if v != i+2 {
				t.Fatalf("the slow reader got %v", got)
			}
		}
	})
}

func TestWatchersOfOneThingShareTheRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		s.change("a")
		hub, stop := run(t, s)
		defer stop()
		var streams []<-chan message
		for range 1000 {
			streams = append(streams, hub.Watch(t.Context(), "a", live.Start[message]{After: 1, Known: 1}))
		}
		synctest.Wait()
		_, _, before := s.counts()
		s.change("a")
		hub.Hint()
		for _, stream := range streams {
			want(t, take(t, stream, 1), 2)
		}
		if _, _, after := s.counts(); after-before > 2 {
			t.Errorf("1000 watchers read the log %d times", after-before)
		}
	})
}

// Where versions have gaps a message says which one it follows, and the read is shared all the same.
func TestMessagesThatFollowEachOtherWithGapsAreShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		s.change("a")
		source := s.source()
		every := source.After
		source.After = func(ctx context.Context, thing string, after, limit int) ([]message, error) {
			all, err := every(ctx, thing, after, 10*limit)
			return slices.DeleteFunc(all, func(m message) bool { return m.version%10 != 0 }), err
		}
		source.Follows = func(m message) int { return max(m.version-10, 1) }
		hub, stop := runOn(t, source)
		defer stop()
		var streams []<-chan message
		for range 1000 {
			streams = append(streams, hub.Watch(t.Context(), "a", live.Start[message]{After: 1, Known: 1}))
		}
		synctest.Wait()
		for range 29 {
			s.change("a")
		}
		hub.Hint()
		for _, stream := range streams {
			want(t, take(t, stream, 3), 10, 20, 30)
		}
		if _, _, reads := s.counts(); reads > 10 {
			t.Errorf("1000 watchers read the log %d times", reads)
		}
	})
}

// Where a source says what is near, who begins with what is long past reads for itself, one at once, and shares the others'
// reads when it has seen all.
func TestACatchUpReadsForItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		for range 1000 {
			s.change("a")
		}
		var mu sync.Mutex
		held, most := 0, 0
		gate := make(chan struct{})
		source := s.source()
		every := source.After
		source.Near = 100
		source.After = func(ctx context.Context, thing string, after, limit int) ([]message, error) {
			if after < 900 {
				mu.Lock()
				held++
				most = max(most, held)
				mu.Unlock()
				<-gate
				mu.Lock()
				held--
				mu.Unlock()
			}
			return every(ctx, thing, after, limit)
		}
		hub, stop := runOn(t, source)
		defer stop()
		present := live.Start[message]{After: 1000, Known: 1000}
		first, second := hub.Watch(t.Context(), "a", present), hub.Watch(t.Context(), "a", present)
		var behind []<-chan message
		for range 9 {
			behind = append(behind, hub.Watch(t.Context(), "a", live.Start[message]{After: 0, Known: 1000}))
		}
		synctest.Wait()
		ctx, leave := context.WithCancel(t.Context())
		left := hub.Watch(ctx, "a", live.Start[message]{After: 0, Known: 1000})
		synctest.Wait()
		s.change("a")
		hub.Hint()
		want(t, take(t, first, 1), 1001)
		want(t, take(t, second, 1), 1001)
		for _, stream := range behind {
			nothing(t, stream)
		}
		leave() // while it waits for its turn
		if _, open := <-left; open {
			t.Error("the stream goes on after its context has ended")
		}
		close(gate)
		for _, stream := range behind {
			for i, v := range take(t, stream, 1001) {
				if v != i+1 {
					t.Fatalf("message %d is version %d", i+1, v)
				}
			}
		}
		if most != 1 {
			t.Errorf("%d watchers read for themselves at once", most)
		}
		for _, stream := range append(behind, first, second) {
			nothing(t, stream)
		}
		_, _, before := s.counts()
		s.change("a")
		hub.Hint()
		for _, stream := range append(behind, first, second) {
			want(t, take(t, stream, 1), 1002)
		}
		if _, _, after := s.counts(); after-before != 1 {
			t.Errorf("those who have seen all read the log %d times", after-before)
		}
	})
}

// Who comes back after a little while shares its reads with all who do: after a deploy everybody does.
func TestThoseWhoComeBackShareTheRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		for range 1000 {
			s.change("a")
		}
		source := s.source()
		source.Near = 100
		hub, stop := runOn(t, source)
		defer stop()
		var streams []<-chan message
		for range 500 {
			streams = append(streams, hub.Watch(t.Context(), "a", live.Start[message]{After: 990, Known: 1000}))
		}
		for _, stream := range streams {
			want(t, take(t, stream, 10), 991, 992, 993, 994, 995, 996, 997, 998, 999, 1000)
		}
		if _, _, reads := s.counts(); reads > 2 {
			t.Errorf("500 who come back read the log %d times", reads)
		}
	})
}

// Who waits for its turn to read what is past goes when the hub does.
func TestTheEndOfTheHubEndsWhoWaitsToCatchUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		for range 1000 {
			s.change("a")
		}
		source := s.source()
		source.Near = 100
		gate := make(chan struct{})
		source.After = func(context.Context, string, int, int) ([]message, error) {
			<-gate
			return nil, nil
		}
		hub, stop := runOn(t, source)
		reads := hub.Watch(t.Context(), "a", live.Start[message]{After: 0, Known: 1000})
		synctest.Wait()
		waits := hub.Watch(t.Context(), "a", live.Start[message]{After: 0, Known: 1000})
		synctest.Wait()
		go stop()
		synctest.Wait()
		select {
		case _, open := <-waits:
			if open {
				t.Error("it is sent something")
			}
		default:
			t.Error("it still waits")
		}
		close(gate)
		<-reads
	})
}

// Who follows and is too slow for it is left behind by the others, and reads for itself as who comes late does.
func TestWhoIsLeftBehindReadsForItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		s.change("a")
		gate := make(chan struct{})
		source := s.source()
		every := source.After
		source.Near = 100
		front := 1
		source.After = func(ctx context.Context, thing string, after, limit int) ([]message, error) {
			if after+100 < front {
				<-gate
			}
			return every(ctx, thing, after, limit)
		}
		hub, stop := runOn(t, source)
		defer stop()
		start := live.Start[message]{After: 1, Known: 1}
		slow, quick := hub.Watch(t.Context(), "a", start), hub.Watch(t.Context(), "a", start)
		for ; front <= 200; front++ {
			s.change("a")
			hub.Hint()
			want(t, take(t, quick, 1), front+1)
			synctest.Wait()
		}
		got := take(t, slow, 1) // the one it was about to take
		synctest.Wait()
		s.change("a")
		hub.Hint()
		want(t, take(t, quick, 1), 202)
		close(gate)
		for i, v := range append(got, take(t, slow, 200)...) {
			if v != i+2 {
				t.Fatalf("message %d of the slow one is version %d", i+1, v)
			}
		}
	})
}

func TestNobodyWatchesNothingIsAsked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		hub, stop := run(t, s)
		defer stop()
		for range 20 {
			s.change("a")
			hub.Hint()
			time.Sleep(time.Second)
		}
		if versions, changed, after := s.counts(); versions+changed+after != 0 {
			t.Errorf("asked %d, %d and %d times", versions, changed, after)
		}
		// What happened meanwhile is not read again, what happens from now on is.
		stream := hub.Watch(t.Context(), "a", live.Start[message]{After: 20, Known: 20})
		nothing(t, stream)
		s.change("a")
		hub.Hint()
		want(t, take(t, stream, 1), 21)
	})
}

func TestTheDatabaseGoesAwayAndComesBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		s.change("a", "b")
		hub, stop := run(t, s)
		defer stop()
		a := hub.Watch(t.Context(), "a", live.Start[message]{After: 1, Known: 1})
		time.Sleep(time.Second)
		s.set(func() { s.dead = true })
		hub.Hint()
		b := hub.Watch(t.Context(), "b", live.Start[message]{After: 0, Known: 1})
		time.Sleep(3 * time.Second)
		s.change("a")
		nothing(t, a)
		nothing(t, b)
		s.set(func() { s.dead = false })
		want(t, take(t, a, 1), 2)
		want(t, take(t, b, 1), 1)
	})
}

func TestALogThatLagsIsAskedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		s.change("a")
		s.set(func() { s.hidden = true })
		hub, stop := run(t, s)
		defer stop()
		stream := hub.Watch(t.Context(), "a", live.Start[message]{After: 0, Known: 1})
		nothing(t, stream)
		s.set(func() { s.hidden = false })
		want(t, take(t, stream, 1), 1)
	})
}

func TestTheEndOfTheHubEndsAllStreams(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		s.change("a")
		hub, stop := run(t, s)
		idle := hub.Watch(t.Context(), "a", live.Start[message]{After: 1, Known: 1})
		stuck := hub.Watch(t.Context(), "a", live.Start[message]{After: 0, Known: 1})
		synctest.Wait()
		stop()
		if _, open := <-idle; open {
			t.Error("an idle stream goes on")
		}
		if _, open := <-stuck; open {
			t.Error("a stream nobody reads goes on")
		}
		if _, open := <-hub.Watch(t.Context(), "a", live.Start[message]{}); open {
			t.Error("a stream began after the end")
		}
	})
}
