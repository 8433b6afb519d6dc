package simulator

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/money"
)

// News is what a shop is told of: one entry of the books.
type News struct {
	ID      string // the same however often it is sent
	Entry   Entry  // what has happened, when, under which key, how much has moved, and why nothing has if it was refused
	Charge  Charge // as it stood then
	Account string // whose it is
	Test    bool   // sent by a test, to a shop that may be live
}

// Message is a callback as a protocol words and signs it.
type Message struct {
	Header http.Header
	Body   []byte
}

// How callbacks are sent.
const (
	sentAtOnce     = 16     // side by side
	mostWaiting    = 20_000 // more are lost, as everything in this world is bounded
	tries          = 60     // some minutes
	firstPause     = 100 * time.Millisecond
	longestPause   = 5 * time.Second
	callbackWithin = 10 * time.Second
	overtaken      = 400 * time.Millisecond // how much later a shuffled callback may come
	duplicates     = 10
)

// Callbacks tells shops what has changed, again and again until they answer with 2xx. They are not kept on disk: what
// was not delivered when the world ends is lost, and a shop must live with that.
type Callbacks struct {
	modes *Modes
	log   *slog.Logger
	http  *http.Client
	turns chan struct{} // one for each that is being sent
	stop  context.CancelFunc
	ctx   context.Context //nolint:containedctx // it is the life of the senders, not of a call
	all   sync.WaitGroup

	mu    sync.Mutex
	urls  map[string][]string // by face
	turn  int                 // of the addresses of a face
	count Sent
}

// Sent counts callbacks.
type Sent struct {
	Waiting   int `json:"waiting"`   // not taken yet
	Delivered int `json:"delivered"` // answered with 2xx, each duplicate too
	Refused   int `json:"refused"`   // answers other than 2xx, and no answer at all
	Lost      int `json:"lost"`      // by a fault
	GivenUp   int `json:"givenUp"`
}

func newCallbacks(modes *Modes, log *slog.Logger) *Callbacks {
	ctx, stop := context.WithCancel(context.Background())
	return &Callbacks{
		modes: modes, log: log, ctx: ctx, stop: stop, urls: map[string][]string{}, turns: make(chan struct{}, sentAtOnce),
		http: &http.Client{Timeout: callbackWithin},
	}
}

// Send says where the callbacks of a face go: each try to the next of several addresses, as a load balancer sends it;
// nowhere without any, or when the only one is empty.
func (c *Callbacks) Send(face string, urls ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.urls[face] = slices.DeleteFunc(slices.Clone(urls), func(url string) bool { return url == "" })
}

// next is the address of the next try; empty when there is none.
func (c *Callbacks) next(face string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	urls := c.urls[face]
	if len(urls) == 0 {
		return ""
	}
	c.turn++
	return urls[c.turn%len(urls)]
}

// Sent counts what was sent so far.
func (c *Callbacks) Sent() Sent {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.count
}

// tell sends a piece of news, and returns when it is on its way; an early one when it was taken.
func (c *Callbacks) tell(face Face, n News, other func(News) News) {
	struck := c.modes.strike(callbackFaults, face.Name(), string(n.Entry.Kind), n.Charge.Key())
	if _, lost := struck[Lost]; lost {
		c.counted(func(s *Sent) { s.Lost++ })
		return
	}
	for fault := range struck {
		n = n.distorted(fault, other)
	}
	copies := 1
	if _, ok := struck[Duplicated]; ok {
		copies = duplicates
	}
	var pause time.Duration
	if _, ok := struck[Shuffled]; ok {
		pause = c.modes.between(overtaken)
	}
	var taken sync.WaitGroup
	for range copies {
		if !c.admit(face) {
			return
		}
		taken.Go(func() {
			defer c.all.Done()
			c.deliver(face, n, pause)
		})
	}
	if _, ok := struck[Early]; ok {
		waited := make(chan struct{})
		go func() {
			taken.Wait()
			close(waited)
		}()
		select {
		case <-waited:
		case <-time.After(callbackWithin): // a shop that does not take it must get its answer all the same
		}
	}
}

// admit counts a callback in, if there is anybody to send it to and room for it.
func (c *Callbacks) admit(face Face) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.urls[face.Name()]) == 0 || c.ctx.Err() != nil {
		return false
	}
	if c.count.Waiting >= mostWaiting {
		c.count.GivenUp++
		return false
	}
	c.count.Waiting++
	c.all.Add(1)
	return true
}

func (c *Callbacks) counted(how func(*Sent)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	how(&c.count)
}

// deliver sends until the shop has taken it. While it waits for the next try, others are sent.
func (c *Callbacks) deliver(face Face, n News, pause time.Duration) {
	defer c.counted(func(s *Sent) { s.Waiting-- })
	next := firstPause
	for range tries {
		if !sleep(c.ctx, pause) {
			return
		}
		select {
		case c.turns <- struct{}{}:
		case <-c.ctx.Done():
			return
		}
		err := c.post(face, n)
		<-c.turns
		if err == nil {
			c.counted(func(s *Sent) { s.Delivered++ })
			return
		}
		c.counted(func(s *Sent) { s.Refused++ })
		c.log.Debug("callback was not taken", "face", face.Name(), "id", n.ID, "error", err)
		pause, next = next, min(2*next, longestPause)
	}
	c.counted(func(s *Sent) { s.GivenUp++ })
}

// post sends every message that the protocol has for a piece of news, signed anew, as the time of a signature counts.
func (c *Callbacks) post(face Face, n News) error {
	url := c.next(face.Name())
	for _, m := range face.Messages(n) {
		request, err := http.NewRequestWithContext(c.ctx, http.MethodPost, url, bytes.NewReader(m.Body))
		if err != nil {
			return err
		}
		request.Header = m.Header.Clone()
		response, err := c.http.Do(request)
		if err != nil {
			return err
		}
		_ = response.Body.Close()
		if response.StatusCode/100 != 2 {
			return fmt.Errorf("answered with %s", response.Status)
		}
	}
	return nil
}

// close stops sending and waits until nobody sends any more.
func (c *Callbacks) close() {
	c.mu.Lock()
	c.stop()
	c.mu.Unlock()
	c.all.Wait()
}

// distorted is the news as a fault tells it. Its name changes with it: it is other news.
func (n News) distorted(fault Fault, other func(News) News) News {
	switch fault {
	case WrongAmount:
		n.Entry.Amount++
		n.Charge.Asked.Amount.Minor++
		n.Charge.Authorized++
	case WrongCurrency:
		n.Charge.Currency = otherCurrency(n.Charge.Currency)
		n.Charge.Asked.Amount.CurrencyCode, n.Entry.Currency = n.Charge.Currency, n.Charge.Currency
	case WrongAccount:
		n.Account = "acct_of_somebody_else"
		n.Charge.Asked.Account = n.Account
	case WrongReference:
		n = other(n)
	case TestEvent:
		n.Test = true
	default:
		return n
	}
	n.ID = uuid.NewSHA1(uuid.NameSpaceOID, []byte(n.ID+string(fault))).String()
	return n
}

// sleep waits, or says that there is no time left.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func otherCurrency(c money.Currency) money.Currency {
	if c == "EUR" {
		return "USD"
	}
	return "EUR"
}
