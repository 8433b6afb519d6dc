package main

import (
	"bytes"
	"io"
	"net"
	"net/mail"
	"slices"
	"strings"
	"sync"
	"testing"

	gosmtp "github.com/emersion/go-smtp"
)

// mailbox is a real mail server in this process that keeps the letters it takes.
type mailbox struct {
	mu      sync.Mutex
	letters []*mail.Message
}

func openMailbox(t *testing.T) (*mailbox, string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	box := &mailbox{}
	server := gosmtp.NewServer(gosmtp.BackendFunc(func(*gosmtp.Conn) (gosmtp.Session, error) { return box, nil }))
	server.Domain = "mail.test"
	finished := make(chan struct{})
	go func() { defer close(finished); _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close(); <-finished })
	return box, "smtp://" + listener.Addr().String()
}

func (b *mailbox) Mail(string, *gosmtp.MailOptions) error { return nil }
func (b *mailbox) Rcpt(string, *gosmtp.RcptOptions) error { return nil }
func (b *mailbox) Reset()                                 {}
func (b *mailbox) Logout() error                          { return nil }

func (b *mailbox) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	letter, err := mail.ReadMessage(bytes.NewReader(text))
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.letters = append(b.letters, letter)
	return nil
}

// header gives one header of every letter, in alphabetical order.
func (b *mailbox) header(name string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var values []string
	for _, letter := range b.letters {
		values = append(values, letter.Header.Get(name))
	}
	slices.Sort(values)
	return values
}

// wantLetters waits for the letters of the demo's order: one each, under an id of its own.
func (b *mailbox) wantLetters(t *testing.T) {
	t.Helper()
	want := []string{"We have your order #1001", "Your order #1001 is confirmed"}
	eventually(t, "the letters have come", func() bool { return len(b.header("Subject")) >= len(want) })
	if got := b.header("Subject"); !slices.Equal(got, want) {
		t.Errorf("letters %q, want %q", got, want)
	}
	ids := b.header("Message-Id")
	if len(slices.Compact(slices.Clone(ids))) != 2 || !strings.HasSuffix(ids[0], ".1@fennwick.example>") || !strings.HasSuffix(ids[1], ".6@fennwick.example>") {
		t.Errorf("ids %q", ids)
	}
}
