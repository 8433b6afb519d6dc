package simulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/payment/simulator"
	"github.com/wharfhq/wharf/internal/remote"
)

const account = "acct_of_this_shop"

var secrets = func() []remote.Secret {
	s, err := remote.ParseSecrets("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		panic(err)
	}
	return s
}()

// world is a simulator that answers, and a shop that it tells of changes.
type world struct {
	*simulator.World
	t   *testing.T
	url string

	mu     sync.Mutex
	told   []told
	heard  chan struct{} // one for each that was told
	answer int           // with which callbacks are answered; 204 when 0
}

type told struct {
	ID                                   string
	Charge, Account, Reference, Currency string
	Amount                               int64
	Live                                 bool
}

func newWorld(t *testing.T, o simulator.Options) *world {
	t.Helper()
	if o.Ledger == "" {
		o.Ledger = filepath.Join(t.TempDir(), "books")
	}
	o.Faces = []simulator.Face{simulator.Remote{Secrets: secrets, Account: account, Live: true}}
	inner, err := simulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = inner.Close() })
	w := &world{World: inner, t: t, heard: make(chan struct{}, 1000)}
	if w.url, err = inner.Listen(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	shop := httptest.NewServer(http.HandlerFunc(w.listen))
	t.Cleanup(shop.Close)
	w.Callbacks.Send("remote", shop.URL)
	return w
}

// listen is the shop: it checks the signature of every callback.
func (w *world) listen(rw http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	id, err := remote.Verify(r.Header, body, time.Now(), secrets)
	n := told{ID: id}
	if err := errors.Join(err, json.Unmarshal(body, &n)); err != nil {
		w.t.Errorf("a callback is not as it must be: %v", err)
	}
	w.mu.Lock()
	w.told = append(w.told, n)
	answer := w.answer
	w.mu.Unlock()
	if answer == 0 {
		answer = http.StatusNoContent
	}
	rw.WriteHeader(answer)
	w.heard <- struct{}{}
}

// hear waits for so many callbacks more, and gives all that came so far.
func (w *world) hear(n int) []told {
	w.t.Helper()
	for range n {
		select {
		case <-w.heard:
		case <-time.After(10 * time.Second):
			w.t.Fatal("a callback does not come")
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.told)
}

// quiet waits until all that is on its way is answered, and counts what was sent so far.
func (w *world) quiet() simulator.Sent {
	w.t.Helper()
	for began := time.Now(); ; time.Sleep(time.Millisecond) {
		sent := w.Callbacks.Sent()
		if sent.Waiting == 0 {
			return sent
		}
		if time.Since(began) > 10*time.Second {
			w.t.Fatalf("%d callbacks are not answered", sent.Waiting)
		}
	}
}

// rules sets them over HTTP, as a test in another process does.
func (w *world) rules(rules ...simulator.Rule) {
	w.t.Helper()
	text, err := json.Marshal(rules)
	if err != nil {
		w.t.Fatal(err)
	}
	if status, body := w.control(http.MethodPut, "/control/rules", string(text)); status != http.StatusOK {
		w.t.Fatalf("rules: %d %s", status, body)
	}
}

func (w *world) control(method, path, body string) (int, string) {
	w.t.Helper()
	request, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// authorize asks over HTTP for an amount to be reserved.
func (w *world) authorize(a simulator.Authorization) (remote.Answer, error) {
	w.t.Helper()
	body := fmt.Appendf(nil, `{"version": 1, "operation": "authorize", "account": %q, "live": true, "authorization":
		{"key": %q, "reference": %q, "token": %q, "amount": %d, "currency": %q}}`, account, a.Key, a.Reference, a.Token, a.Amount.Minor, a.Amount.CurrencyCode)
	client := remote.New(remote.Options{Loopback: true, Whole: 2 * time.Second, FirstByte: 500 * time.Millisecond})
	return client.Post(context.Background(), remote.Call{URL: w.url + "/remote/", ID: uuid.NewString(), Body: body, Secrets: secrets})
}

// booked is what the books have reserved under a key.
func (w *world) booked(key string) int64 {
	c, err := w.Books.Charge(key)
	if errors.Is(err, simulator.ErrUnknownCharge) {
		return 0
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return c.Authorized
}
