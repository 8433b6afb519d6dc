package remote_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/paymenttest"
	"github.com/wharfhq/wharf/internal/payment/remote"
	"github.com/wharfhq/wharf/internal/payment/simulator"
	signed "github.com/wharfhq/wharf/internal/remote"
)

var secrets = must(signed.ParseSecrets("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

const account = "acct_of_this_shop"

// world is a partner's provider, the shop's side of it, and what the shop was told.
type world struct {
	*simulator.World
	provider *remote.Provider
	inbox    chan callback
}

type callback struct {
	header http.Header
	body   []byte
}

func newWorld(t *testing.T, changes ...func(*simulator.Options, *remote.Options)) *world {
	t.Helper()
	face := simulator.Remote{Secrets: secrets, Account: account, Live: true}
	outside := simulator.Options{Ledger: filepath.Join(t.TempDir(), "books"), Seed: 1, Faces: []simulator.Face{face}, Slow: 50 * time.Millisecond}
	inside := remote.Options{Name: "acme", Title: "Acme Pay", Account: account, Secrets: secrets, Live: true, Loopback: true}
	for _, change := range changes {
		change(&outside, &inside)
	}
	w, err := simulator.New(outside)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Errorf("close the world: %v", err)
		}
	})
	at, err := w.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	inside.URL = at + "/remote/"
	opened := &world{World: w, provider: must(remote.New(inside)), inbox: make(chan callback, 1000)}
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		opened.inbox <- callback{r.Header, body}
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(shop.Close)
	w.Callbacks.Send("remote", shop.URL)
	return opened
}

// told waits for the next callback that names a charge.
func (w *world) told(t *testing.T, key string) callback {
	t.Helper()
	for {
		select {
		case c := <-w.inbox:
			if strings.Contains(string(c.body), key) {
				return c
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("nobody told of %s", key)
		}
	}
}

// act is the shopper on the page of their bank.
func act(t *testing.T, c payment.Charge, decision string) {
	t.Helper()
	response, err := http.PostForm(c.ChallengeURL, url.Values{"decision": {decision}})
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("the challenge page answers %s", response.Status)
	}
}

func (w *world) vendor() paymenttest.Vendor {
	return paymenttest.Vendor{
		Provider: w.provider, Approved: "approve", Declined: "decline", Books: true, Saves: true,
		Challenged: "challenge",
		Act:        func(t *testing.T, c payment.Charge) { t.Helper(); act(t, c, "confirm") },
		Refuse:     func(t *testing.T, _ string, c payment.Charge) { t.Helper(); act(t, c, "refuse") },
		Pending:    "pending",
		Settle: func(t *testing.T, key string) (http.Header, []byte) {
			done, err := w.Settle(key)
			if err != nil {
				t.Fatal(err)
			}
			if done.Again {
				return nil, nil
			}
			told := w.told(t, key)
			return told.header, told.body
		},
	}
}

// TestPromises runs against the simulator, which speaks the protocol on its own, and over real HTTP.
func TestPromises(t *testing.T) {
	t.Parallel()
	paymenttest.Run(t, func(t *testing.T) paymenttest.Vendor { return newWorld(t).vendor() })
}

// TestPromisesOfOneCapture is the same for a partner who releases the rest with the first capture.
func TestPromisesOfOneCapture(t *testing.T) {
	t.Parallel()
	paymenttest.Run(t, func(t *testing.T) paymenttest.Vendor {
		return newWorld(t, func(outside *simulator.Options, inside *remote.Options) {
			outside.Once, inside.Once = true, true
		}).vendor()
	})
}
