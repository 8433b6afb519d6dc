// Command provider runs the payment simulator as a process of its own, so that a shop under test can be killed while
// its provider lives on, and the provider while the shop does.
//
//	go run ./chaos/provider -ledger books.jsonl -callbacks remote=http://127.0.0.1:8080/callbacks/payments/remote
//
// Its first line of output is the URL under which it answers. WHARF_PAYMENT_REMOTE_SECRET is shared with the shop.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/wharfhq/wharf/internal/payment/simulator"
	"github.com/wharfhq/wharf/internal/remote"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	addr := flag.String("addr", "127.0.0.1:0", "where to answer; keep it on the loopback")
	ledger := flag.String("ledger", "books.jsonl", "the file of the books")
	seed := flag.Uint64("seed", 1, "plans how rules strike")
	once := flag.Bool("once", false, "a capture of less than all releases the rest")
	expiry := flag.Duration("expiry", 0, "how long an amount stays reserved; 0 is for ever")
	settle := flag.Duration("settle", 2*time.Second, "when a pending charge settles by itself; 0 is never")
	slow := flag.Duration("slow", 2*time.Second, "how long the token slow takes")
	live := flag.Bool("live", false, "serve a shop in production")
	account := flag.String("account", "", "the shop's account")
	callbacks := flag.String("callbacks", "", "where callbacks go: face=url, separated by commas")
	flag.Parse()

	secrets, err := remote.ParseSecrets(os.Getenv("WHARF_PAYMENT_REMOTE_SECRET"))
	if err != nil {
		return fmt.Errorf("WHARF_PAYMENT_REMOTE_SECRET: %w", err)
	}
	w, err := simulator.New(simulator.Options{
		Ledger: *ledger, BooksOptions: simulator.BooksOptions{Once: *once, Expiry: *expiry}, Seed: *seed, Settle: *settle, Slow: *slow,
		Faces: []simulator.Face{simulator.Remote{Secrets: secrets, Account: *account, Live: *live}},
		Log:   slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})
	if err != nil {
		return err
	}
	for _, to := range strings.FieldsFunc(*callbacks, func(r rune) bool { return r == ',' }) {
		face, url, _ := strings.Cut(to, "=")
		w.Callbacks.Send(face, url)
	}
	url, err := w.Listen(ctx, *addr)
	if err != nil {
		return errors.Join(err, w.Close())
	}
	fmt.Println(url)
	<-ctx.Done()
	return w.Close()
}
