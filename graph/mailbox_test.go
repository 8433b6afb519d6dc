package graph_test

import (
	"io"
	"mime/quotedprintable"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"github.com/wharfhq/wharf/internal/notifications/smtp"
	"github.com/wharfhq/wharf/internal/shop"
)

// mailbox is a real mail server in this process that keeps the letters it takes.
type mailbox struct {
	*testing.T
	mu      sync.Mutex
	letters []posted
	came    chan struct{}
}

// posted is one letter: to whom it went, and its text.
type posted struct{ to, text string }

// mailed lets a shop send its letters to a mailbox of its own.
func mailed(t *testing.T) (*mailbox, func(*shop.Config)) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	box := &mailbox{T: t, came: make(chan struct{}, 100)}
	server := gosmtp.NewServer(gosmtp.BackendFunc(func(*gosmtp.Conn) (gosmtp.Session, error) { return &delivery{box: box}, nil }))
	server.Domain = "mail.test"
	finished := make(chan struct{})
	go func() { defer close(finished); _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close(); <-finished })
	sender, err := smtp.New("smtp://"+listener.Addr().String(), "Harbor <shop@harbor.example>")
	if err != nil {
		t.Fatal(err)
	}
	return box, func(cfg *shop.Config) { cfg.Sender = sender }
}

// delivery is one letter on its way in.
type delivery struct {
	box *mailbox
	to  string
}

func (*delivery) Mail(string, *gosmtp.MailOptions) error        { return nil }
func (d *delivery) Rcpt(to string, _ *gosmtp.RcptOptions) error { d.to = to; return nil }
func (*delivery) Reset()                                        {}
func (*delivery) Logout() error                                 { return nil }

func (d *delivery) Data(r io.Reader) error {
	text, err := io.ReadAll(quotedprintable.NewReader(r))
	if err != nil {
		return err
	}
	d.box.mu.Lock()
	d.box.letters = append(d.box.letters, posted{d.to, string(text)})
	d.box.mu.Unlock()
	d.box.came <- struct{}{}
	return nil
}

// link waits for a letter to somebody with a link of that form, and gives what the form's groups hold.
func (b *mailbox) link(to, form string) []string {
	b.Helper()
	find := regexp.MustCompile(form)
	late := time.After(20 * time.Second)
	for {
		b.mu.Lock()
		for _, letter := range b.letters {
			if found := find.FindStringSubmatch(letter.text); letter.to == to && found != nil {
				b.mu.Unlock()
				return found[1:]
			}
		}
		b.mu.Unlock()
		select {
		case <-b.came:
		case <-late:
			b.Fatalf("no letter to %s has a link like %s", to, form)
		}
	}
}

// got says how many letters somebody has.
func (b *mailbox) got(to, word string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, letter := range b.letters {
		if letter.to == to && strings.Contains(letter.text, word) {
			n++
		}
	}
	return n
}

// eventually waits for what the background work of a shop brings about.
func eventually(t *testing.T, there func() bool) {
	t.Helper()
	again, late := time.NewTicker(20*time.Millisecond), time.After(20*time.Second)
	defer again.Stop()
	for !there() {
		select {
		case <-again.C:
		case <-late:
			t.Fatal("it has not come about")
		}
	}
}
