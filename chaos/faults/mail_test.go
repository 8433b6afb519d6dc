package faults_test

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wharfhq/wharf/chaos/harness"
)

// sink is a mail server that keeps the ids of what it has taken, and can be away.
type sink struct {
	addr string

	mu       sync.Mutex
	listener net.Listener
	open     map[net.Conn]bool
	ids      map[string]int
}

func newSink(r *row) *sink {
	r.Helper()
	s := &sink{addr: "127.0.0.1:0", open: map[net.Conn]bool{}, ids: map[string]int{}}
	r.must(s.begin())
	r.Cleanup(s.end)
	return s
}

func (s *sink) begin() error {
	listener, err := net.Listen("tcp", s.addr)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listener, s.addr = listener, listener.Addr().String()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.open[conn] = true
			s.mu.Unlock()
			go s.serve(conn)
		}
	}()
	return nil
}

// end goes away in the middle of whatever is said.
func (s *sink) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.listener.Close()
	for conn := range s.open {
		_ = conn.Close()
	}
}

// serve speaks as much SMTP as a client needs that sends one message.
func (s *sink) serve(conn net.Conn) {
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.open, conn)
		_ = conn.Close()
	}()
	say := func(text string) { _, _ = fmt.Fprintf(conn, "%s\r\n", text) }
	say("220 sink")
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		switch verb, _, _ := strings.Cut(strings.ToUpper(lines.Text()), " "); verb {
		case "DATA":
			say("354 go on")
			id := ""
			for lines.Scan() && lines.Text() != "." {
				if name, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.EqualFold(name, "Message-ID") {
					id = strings.TrimSpace(value)
				}
			}
			s.mu.Lock()
			s.ids[id]++
			s.mu.Unlock()
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func (s *sink) taken() (messages, twice int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.ids {
		messages += n
		if n > 1 {
			twice++
		}
	}
	return messages, twice
}

func TestFault27_MailDown(t *testing.T) {
	r := begin(t, 27, "the mail server is down")
	mail := newSink(r)
	s := r.open(harness.Options{Env: []string{"WHARF_SMTP_URL=smtp://" + mail.addr + "?tls=never", "WHARF_MAIL_FROM=Shop <orders@shop.example>"}})
	c := s.Come(t.Context(), harness.Wishes{Seed: r.seed, Methods: [][]string{{"approve"}}})
	r.eventually("mails are sent", func() bool { n, _ := mail.taken(); return n > 5 })
	mail.end()
	away := time.Now()
	r.sleep(time.Duration(r.of(6, 120)) * time.Second)
	during := c.History.Took("orderPlace", away, time.Now())
	r.must(mail.begin())
	c.Leave()
	if n := c.History.Count("", harness.Unknown, time.Time{}); n > 0 || len(during) == 0 {
		t.Errorf("%d requests were not answered, %d orders placed while there was no mail", n, len(during))
	}
	r.prove(s, c)
	messages, twice := mail.taken()
	sent, err := s.Cluster.Number(t.Context(), `select count(*) from notification where state = 'sent'`)
	r.must(err)
	open, err := s.Cluster.Number(t.Context(), `select count(*) from notification where state <> 'sent'`)
	r.must(err)
	if twice > 0 || messages != sent || open > 0 {
		t.Errorf("%d mails came, %d of them twice; the shop has sent %d and %d are open", messages, twice, sent, open)
	}
	r.found("%d orders placed meanwhile, p99 %s; %d mails afterwards, each once", len(during), during.At(.99), messages)
}
