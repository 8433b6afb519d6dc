package smtp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"
	"go.uber.org/goleak"

	"github.com/wharfhq/wharf/internal/notifications"
	"github.com/wharfhq/wharf/internal/notifications/smtp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// mailServer is a real mail server in this process that keeps what it takes.
type mailServer struct {
	mu      sync.Mutex
	greeted string
	letters []letter
	refuse  *gosmtp.SMTPError // the answer to every recipient
	reject  *gosmtp.SMTPError // the answer to every text
}

type letter struct {
	from string
	to   []string
	data []byte
}

func (s *mailServer) NewSession(c *gosmtp.Conn) (gosmtp.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.greeted = c.Hostname()
	return &session{server: s}, nil
}

type session struct {
	server *mailServer
	letter letter
}

func (s *session) Mail(from string, _ *gosmtp.MailOptions) error { s.letter.from = from; return nil }

func (s *session) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	if s.server.refuse != nil {
		return s.server.refuse
	}
	s.letter.to = append(s.letter.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.server.reject != nil {
		return s.server.reject
	}
	s.letter.data = data
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.letters = append(s.server.letters, s.letter)
	return nil
}

func (s *session) Reset()        { s.letter = letter{} }
func (s *session) Logout() error { return nil }

// start serves at an address; an empty one takes a free port.
func start(t *testing.T, backend *mailServer, address string) string {
	t.Helper()
	if address == "" {
		address = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	server := gosmtp.NewServer(backend)
	server.Domain = "mail.test"
	finished := make(chan struct{})
	go func() { defer close(finished); _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close(); <-finished })
	return listener.Addr().String()
}

func sender(t *testing.T, url string) *smtp.Sender {
	t.Helper()
	s, err := smtp.New(url, "Fennwick Harbor Supply <orders@shop.example>")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func message() notifications.Message {
	return notifications.Message{
		ID: "order-1.1@shop.example", Kind: notifications.OrderReceived, Order: "#1001", To: "ada@example.com",
		Subject: "We have your order #1001", Text: "Danke schön.\n", HTML: "<p>Danke sch&ouml;n.</p>",
		Date: time.Date(2026, 11, 22, 19, 0, 0, 0, time.UTC),
	}
}

func TestSendReachesTheServerWhole(t *testing.T) {
	t.Parallel()
	server := &mailServer{}
	s := sender(t, "smtp://"+start(t, server, "")+"?helo=shop.example")
	if err := s.Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	if server.greeted != "shop.example" || len(server.letters) != 1 {
		t.Fatalf("greeted as %q, %d letters", server.greeted, len(server.letters))
	}
	got := server.letters[0]
	if got.from != "orders@shop.example" || len(got.to) != 1 || got.to[0] != "ada@example.com" {
		t.Errorf("envelope from %s to %v", got.from, got.to)
	}
	parsed, err := mail.ReadMessage(bytes.NewReader(got.data))
	if err != nil {
		t.Fatal(err)
	}
	for header, want := range map[string]string{
		"Message-Id": "<order-1.1@shop.example>", "Subject": "We have your order #1001",
		"From": `"Fennwick Harbor Supply" <orders@shop.example>`, "To": "<ada@example.com>",
		"Date": "Sun, 22 Nov 2026 19:00:00 +0000", "Auto-Submitted": "auto-generated",
	} {
		if got := parsed.Header.Get(header); got != want {
			t.Errorf("%s: %s, want %s", header, got, want)
		}
	}
	kind, params, err := mime.ParseMediaType(parsed.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("the message is %s, %v", kind, err)
	}
	parts := multipart.NewReader(parsed.Body, params["boundary"])
	for _, want := range []struct{ kind, text string }{
		{"text/plain; charset=UTF-8", "Danke schön.\r\n"}, {"text/html; charset=UTF-8", "<p>Danke sch&ouml;n.</p>"},
	} {
		part, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		if part.Header.Get("Content-Type") != want.kind || strings.TrimRight(string(text), "\r\n") != strings.TrimRight(want.text, "\r\n") {
			t.Errorf("part %s: %q, want %s: %q", part.Header.Get("Content-Type"), text, want.kind, want.text)
		}
	}
}

// A text from outside must never become a header or a second recipient.
func TestHeaderInjectionIsImpossible(t *testing.T) {
	t.Parallel()
	server := &mailServer{}
	s := sender(t, "smtp://"+start(t, server, ""))
	for _, to := range []string{
		"ada@example.com\r\nBcc: eve@example.com", "ada@example.com\nRCPT TO:<eve@example.com>",
		"ada@example.com, eve@example.com", "Eve <eve@example.com>", "<ada@example.com>\r\n", "ada@exam\x00ple.com", "",
	} {
		m := message()
		m.To = to
		if err := s.Send(t.Context(), m); !errors.Is(err, notifications.ErrRefused) {
			t.Errorf("to %q: err = %v, want ErrRefused", to, err)
		}
	}
	m := message()
	m.Subject = "Order\r\nBcc: eve@example.com\r\n\r\nbody"
	m.ID = "x@y>\r\nBcc: eve@example.com"
	m.Text = ".\r\nQUIT\r\nMAIL FROM:<eve@example.com>\r\n"
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if len(server.letters) != 1 || len(server.letters[0].to) != 1 {
		t.Fatalf("%d letters", len(server.letters))
	}
	parsed, err := mail.ReadMessage(bytes.NewReader(server.letters[0].data))
	if err != nil {
		t.Fatal(err)
	}
	if bcc := parsed.Header.Get("Bcc"); bcc != "" {
		t.Errorf("a Bcc came in: %s", bcc)
	}
}

func TestAnswersOfTheServer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		server  *mailServer
		refused bool
	}{
		"no such mailbox":      {&mailServer{refuse: &gosmtp.SMTPError{Code: 550, Message: "no such user"}}, true},
		"text refused":         {&mailServer{reject: &gosmtp.SMTPError{Code: 554, Message: "policy"}}, true},
		"mailbox full for now": {&mailServer{refuse: &gosmtp.SMTPError{Code: 452, Message: "try later"}}, false},
		"greylisted":           {&mailServer{reject: &gosmtp.SMTPError{Code: 451, Message: "try later"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := sender(t, "smtp://"+start(t, c.server, "")).Send(t.Context(), message())
			if err == nil || errors.Is(err, notifications.ErrRefused) != c.refused {
				t.Errorf("err = %v, refused for good: want %t", err, c.refused)
			}
		})
	}
}

// Without TLS nothing is sent where it was asked for, and no password ever.
func TestNothingSecretTravelsInTheClear(t *testing.T) {
	t.Parallel()
	server := &mailServer{}
	address := start(t, server, "")
	for name, url := range map[string]string{
		"TLS always":  "smtp://" + address + "?tls=always",
		"a password":  "smtp://shop:secret@" + address,
		"TLS at once": "smtps://" + address,
	} {
		if err := sender(t, url).Send(t.Context(), message()); err == nil || errors.Is(err, notifications.ErrRefused) {
			t.Errorf("%s: err = %v, want one that is worth another try", name, err)
		}
	}
	if len(server.letters) != 0 {
		t.Errorf("%d letters were sent in the clear", len(server.letters))
	}
}

func TestServerDownThenUp(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	s := sender(t, "smtp://"+address)
	if err := s.Send(t.Context(), message()); err == nil || errors.Is(err, notifications.ErrRefused) {
		t.Fatalf("with the server down err = %v, want one that is worth another try", err)
	}
	server := &mailServer{}
	start(t, server, address)
	if err := s.Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	if len(server.letters) != 1 {
		t.Errorf("%d letters, want 1", len(server.letters))
	}
}

// A server that says nothing holds the sender no longer than its context.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	over, cut := context.WithCancel(context.Background())
	var silent sync.WaitGroup
	silent.Go(func() {
		c, err := listener.Accept()
		if err != nil {
			return
		}
		defer context.AfterFunc(over, func() { _ = c.Close() })()
		fmt.Fprint(c, "220 mail.test\r\n")
		_, _ = io.Copy(io.Discard, c) // reads all, answers nothing
	})
	defer silent.Wait()
	defer cut()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if err := sender(t, "smtp://"+listener.Addr().String()).Send(ctx, message()); err == nil {
		t.Error("a silent server took the message")
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("it took %s to give up", took)
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ url, from string }{
		{"mail.example.com:25", "a@b.example"},
		{"http://mail.example.com", "a@b.example"},
		{"smtp://", "a@b.example"},
		{"smtp://mail.example.com", "no address"},
		{"smtp://mail.example.com?tls=maybe", "a@b.example"},
	} {
		if _, err := smtp.New(c.url, c.from); err == nil {
			t.Errorf("New(%q, %q) has no error", c.url, c.from)
		}
	}
}
