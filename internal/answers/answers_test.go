package answers_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/answers"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
	"github.com/wharfhq/wharf/internal/position"
)

// shelf is a cache with the database whose positions it follows.
type shelf struct {
	*answers.Cache[string]
	pool *pgxpool.Pool
}

func open(t *testing.T, bytes int) shelf {
	t.Helper()
	pool := pgtest.New(t)
	positions := position.NewFollower(pool, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { positions.Run(ctx) })
	t.Cleanup(func() { stop(); done.Wait() })
	s := shelf{answers.New[string](answers.Config{Positions: positions, Bytes: bytes, Makers: 2, Within: time.Minute}), pool}
	until(t, func() bool { _, ok := positions.Known(); return ok })
	return s
}

// until waits for what other goroutines bring about; a test that waits for ever is ended by the test's own limit.
func until(t *testing.T, is func() bool) {
	t.Helper()
	for !is() {
		if t.Context().Err() != nil {
			t.Fatal(t.Context().Err())
		}
		time.Sleep(time.Millisecond)
	}
}

func (s shelf) move(t *testing.T, realm position.Realm) {
	t.Helper()
	err := pg.InTx(t.Context(), s.pool, func(tx pgx.Tx) error {
		_, err := position.Advance(t.Context(), tx, realm)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// made makes an answer that rests on the catalog as it is now.
func (s shelf) made(ctx context.Context, answer string, life time.Duration) (answers.Made[string], error) {
	at, err := position.Current(ctx, s.pool)
	rule := answers.Rule{Realms: []position.Realm{position.Catalog}, Life: life}
	return answers.Made[string]{Answer: answer, At: at, Rule: rule, Bytes: len(answer)}, err
}

func (s shelf) keep(t *testing.T, key byte, answer string, life time.Duration) {
	t.Helper()
	got, err := s.Make(t.Context(), answers.Key{key}, func(ctx context.Context) (answers.Made[string], error) { return s.made(ctx, answer, life) })
	if got != answer || err != nil {
		t.Fatal(got, err)
	}
}

func (s shelf) finds(key byte) string {
	found, _ := s.Find(answers.Key{key})
	return found
}

func TestAnAnswerIsKeptUntilItsRealmMoves(t *testing.T) {
	t.Parallel()
	s := open(t, 1<<20)
	s.keep(t, 1, "lamp", time.Minute)
	if s.finds(1) != "lamp" || s.finds(2) != "" {
		t.Fatalf("found %q and %q", s.finds(1), s.finds(2))
	}
	s.move(t, position.Content)
	s.keep(t, 3, "chair", time.Minute) // whoever makes it has seen the content's new position
	if s.finds(1) != "lamp" {
		t.Error("another realm's change ended the answer")
	}
	s.move(t, position.Catalog)
	until(t, func() bool { return s.finds(1) == "" })
	if s.finds(3) != "" {
		t.Error("one of two answers outlived the change")
	}
	if f := s.Figures(); f.Kept != 0 || f.Bytes != 0 {
		t.Errorf("what holds no more still takes room: %+v", f)
	}
}

// TestWhoHasSeenAChangeNeverShowsTheTimeBefore: what the maker of another answer saw counts, whatever the follower knows.
func TestWhoHasSeenAChangeNeverShowsTheTimeBefore(t *testing.T) {
	t.Parallel()
	s := open(t, 1<<20)
	s.keep(t, 1, "old", time.Minute)
	s.move(t, position.Catalog)
	s.keep(t, 2, "new", time.Minute)
	if s.finds(1) != "" || s.finds(2) != "new" {
		t.Errorf("found %q and %q", s.finds(1), s.finds(2))
	}
}

func TestAnAnswerEndsWithItsLife(t *testing.T) {
	t.Parallel()
	s := open(t, 1<<20)
	s.keep(t, 1, "lamp", 30*time.Millisecond)
	until(t, func() bool { return s.finds(1) == "" })
}

func TestAnswersAreBoundedInBytes(t *testing.T) {
	t.Parallel()
	s := open(t, 64<<10)
	for key := range byte(50) {
		s.keep(t, key, fmt.Sprintf("%02d%s", key, strings.Repeat("x", 2000)), time.Minute)
	}
	f := s.Figures()
	if f.Bytes > 64<<10 || f.Kept < 20 || f.Evicted != uint64(50-f.Kept) {
		t.Errorf("%+v", f)
	}
	if s.finds(49) == "" || s.finds(0) != "" {
		t.Error("the oldest stayed, or the newest went")
	}
	s.keep(t, 100, strings.Repeat("x", 8<<10), time.Minute)
	if s.finds(100) != "" || s.Figures().Kept != f.Kept {
		t.Error("one answer took the place of many")
	}
}

// TestTheSameQuestionIsAnsweredOnce has many ask at the same time. One makes the answer, also when who asked first leaves.
func TestTheSameQuestionIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	s := open(t, 1<<20)
	begun, goOn := make(chan struct{}), make(chan struct{})
	leaving, leave := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() {
		_, err := s.Make(leaving, answers.Key{1}, func(ctx context.Context) (answers.Made[string], error) {
			close(begun)
			<-goOn
			return s.made(ctx, "lamp", time.Minute)
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("who left got %v", err)
		}
	})
	<-begun
	for range 10 {
		all.Go(func() {
			got, err := s.Make(t.Context(), answers.Key{1}, func(context.Context) (answers.Made[string], error) {
				return answers.Made[string]{}, errors.New("made twice")
			})
			if got != "lamp" || err != nil {
				t.Errorf("who waited got %q, %v", got, err)
			}
		})
	}
	until(t, func() bool { return s.Figures().Joined == 10 })
	leave()
	close(goOn)
	all.Wait()
	if f := s.Figures(); f.Misses != 1 || f.Joined != 10 || s.finds(1) != "lamp" {
		t.Errorf("%+v", f)
	}
}

func TestWhatFailsIsNotKept(t *testing.T) {
	t.Parallel()
	s := open(t, 1<<20)
	broken := errors.New("broken")
	for name, fail := range map[string]func() (answers.Made[string], error){
		"an error":                func() (answers.Made[string], error) { return answers.Made[string]{}, broken },
		"a panic":                 func() (answers.Made[string], error) { panic("broken") },
		"what says it can't stay": func() (answers.Made[string], error) { return answers.Made[string]{Answer: "x"}, nil },
	} {
		got, err := s.Make(t.Context(), answers.Key{7}, func(context.Context) (answers.Made[string], error) { return fail() })
		if (got == "x") != (err == nil) || err != nil && !strings.Contains(err.Error(), "broken") {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if found, ok := s.Find(answers.Key{7}); ok {
			t.Errorf("%s was kept: %q", name, found)
		}
	}
	s.keep(t, 7, "lamp", time.Minute)
}

// TestAnAnswerEndsWhenItWasToldTo: what changes by itself is not given beyond that moment, however long answers live.
func TestAnAnswerEndsWhenItWasToldTo(t *testing.T) {
	t.Parallel()
	s := open(t, 1<<20)
	for key, ends := range []time.Time{time.Now().Add(-time.Millisecond), time.Now().Add(time.Hour)} {
		_, err := s.Make(t.Context(), answers.Key{byte(key)}, func(ctx context.Context) (answers.Made[string], error) {
			made, err := s.made(ctx, "an answer", answers.MaxLife)
			made.Ends = ends
			return made, err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if over, kept := s.finds(0), s.finds(1); over != "" || kept != "an answer" {
		t.Errorf("what is over is %q, what is not is %q", over, kept)
	}
}
