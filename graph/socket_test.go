package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
)

// client is one end of a real socket.
type client struct {
	t    testing.TB
	conn *websocket.Conn
}

func (e *edge) dial(t testing.TB, headers http.Header, protocols ...string) *client {
	t.Helper()
	if protocols == nil {
		protocols = []string{subprotocol}
	}
	dialer := websocket.Dialer{Subprotocols: protocols, HandshakeTimeout: 5 * time.Second}
	conn, response, err := dialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(e.URL, "http")+"/graphql", headers)
	if err != nil {
		t.Fatalf("dial: %v (%v)", err, response)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &client{t, conn}
}

// open dials and waits for the ack.
func (e *edge) open(t testing.TB, authorization string) *client {
	t.Helper()
	c := e.dial(t, nil)
	if authorization == "" {
		c.send(`{"type":"connection_init"}`)
	} else {
		c.send(`{"type":"connection_init","payload":{"authorization":"` + authorization + `"}}`)
	}
	c.expect(`{"type":"connection_ack"}`)
	return c
}

func (c *client) send(text string) {
	c.t.Helper()
	if err := c.conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		c.t.Fatalf("send %s: %v", text, err)
	}
}

// next reads one message; pings of the server are answered and skipped.
func (c *client) next() (string, error) {
	_ = c.conn.SetReadDeadline(time.Now().Add(8 * time.Second))
	_, text, err := c.conn.ReadMessage()
	return string(text), err
}

func (c *client) expect(want ...string) {
	c.t.Helper()
	for _, one := range want {
		got, err := c.next()
		if err != nil {
			c.t.Fatalf("want %s, got %v", one, err)
		}
		if got != one {
			c.t.Fatalf("want %s, got %s", one, got)
		}
	}
}

// closed reads until the socket is closed and gives the code.
func (c *client) closed() (int, string) {
	c.t.Helper()
	for {
		if _, err := c.next(); err != nil {
			var ended *websocket.CloseError
			if !errors.As(err, &ended) {
				c.t.Fatalf("the socket broke without a closing frame: %v", err)
			}
			return ended.Code, ended.Text
		}
	}
}

func (c *client) message() message {
	c.t.Helper()
	text, err := c.next()
	if err != nil {
		c.t.Fatal(err)
	}
	var m message
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		c.t.Fatal(err)
	}
	return m
}

func TestSocketRunsOperations(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	c := e.open(t, "")
	c.send(`{"id":"a","type":"subscribe","payload":{"query":"subscription { ticks(n: 3) }"}}`)
	c.expect(
		`{"type":"next","id":"a","payload":{"data":{"ticks":0}}}`,
		`{"type":"next","id":"a","payload":{"data":{"ticks":1}}}`,
		`{"type":"next","id":"a","payload":{"data":{"ticks":2}}}`,
		`{"type":"complete","id":"a"}`,
	)
	c.send(`{"id":"a","type":"subscribe","payload":{"query":"query($s: String) { echo(s: $s) }","variables":{"s":"again"},"operationName":null,"extensions":null}}`)
	if m := c.message(); m.ID != "a" || m.Type != "next" || !strings.Contains(string(m.Payload), `"echo":"map[s:again]"`) {
		t.Errorf("got %+v", m)
	}
	c.expect(`{"type":"complete","id":"a"}`)
	c.send(`{"id":"é\"ø","type":"subscribe","payload":{"query":"mutation { bump }"}}`)
	if m := c.message(); m.ID != `é"ø` || m.Type != "next" || !strings.Contains(string(m.Payload), `"data":{"bump":1}`) {
		t.Errorf("got %+v", m)
	}
	if m := c.message(); m.ID != `é"ø` || m.Type != "complete" {
		t.Errorf("got %+v", m)
	}
}

func TestSocketErrorsEndAnOperationOnce(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	c := e.open(t, "")
	for name, test := range map[string]struct{ document, code string }{
		"a document that is none":   {`{`, "BAD_USER_INPUT"},
		"an unknown field":          {`{ nothing }`, "BAD_USER_INPUT"},
		"no document":               {``, "BAD_USER_INPUT"},
		"too deep":                  {"{ thing { " + nested("friend", 12) + " } }", "QUERY_TOO_COMPLEX"},
		"a page that is too large":  {`{ things(first: 251) { nodes { id } } }`, "BAD_USER_INPUT"},
		"a subscription refused":    {`subscription { refused }`, "NOT_FOUND"},
		"a subscription for others": {`subscription { staff }`, "UNAUTHENTICATED"},
	} {
		c.send(`{"id":"x","type":"subscribe","payload":{"query":` + quoted(test.document) + `}}`)
		m := c.message()
		var errs []struct {
			Message    string
			Extensions struct{ Code string }
		}
		if err := json.Unmarshal(m.Payload, &errs); err != nil || m.Type != "error" || m.ID != "x" || len(errs) != 1 || errs[0].Extensions.Code != test.code {
			t.Errorf("%s: got %s %s %s, want the error %s", name, m.Type, m.ID, m.Payload, test.code)
		}
	}
	// Nothing follows an error: the next message belongs to the next operation, and the id is free again.
	c.send(`{"id":"x","type":"subscribe","payload":{"query":"{ fail(how: \"unknown\") }"}}`)
	if m := c.message(); m.Type != "next" || !strings.Contains(string(m.Payload), `"data":{"fail":null}`) {
		t.Errorf("an error of a field ended the operation: %s %s", m.Type, m.Payload)
	}
	c.expect(`{"type":"complete","id":"x"}`)
}

func TestSocketProtocolIsKept(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	const (
		start     = `{"type":"connection_init"}`
		subscribe = `{"id":"a","type":"subscribe","payload":{"query":"subscription { never }"}}`
	)
	for name, test := range map[string]struct {
		frames []string
		code   int
	}{
		"no JSON":                            {[]string{`{`}, 4400},
		"an array":                           {[]string{`[]`}, 4400},
		"null":                               {[]string{`null`}, 4400},
		"a text":                             {[]string{`"connection_init"`}, 4400},
		"no type":                            {[]string{`{}`}, 4400},
		"a type that is no text":             {[]string{`{"type":1}`}, 4400},
		"an unknown type":                    {[]string{`{"type":"start"}`}, 4400},
		"a type of the server":               {[]string{start, `{"type":"next","id":"a","payload":{}}`}, 4400},
		"the legacy protocol":                {[]string{start, `{"type":"connection_terminate"}`}, 4400},
		"init with a text":                   {[]string{`{"type":"connection_init","payload":"x"}`}, 4400},
		"init with a list":                   {[]string{`{"type":"connection_init","payload":[]}`}, 4400},
		"init with a wrong authorization":    {[]string{`{"type":"connection_init","payload":{"authorization":5}}`}, 4400},
		"ping with a text":                   {[]string{`{"type":"ping","payload":"x"}`}, 4400},
		"subscribe without id":               {[]string{start, `{"type":"subscribe","payload":{"query":"{ hello }"}}`}, 4400},
		"subscribe with an empty id":         {[]string{start, `{"id":"","type":"subscribe","payload":{"query":"{ hello }"}}`}, 4400},
		"subscribe with a number as id":      {[]string{start, `{"id":1,"type":"subscribe","payload":{"query":"{ hello }"}}`}, 4400},
		"subscribe without payload":          {[]string{start, `{"id":"a","type":"subscribe"}`}, 4400},
		"subscribe with a text as payload":   {[]string{start, `{"id":"a","type":"subscribe","payload":"{ hello }"}`}, 4400},
		"subscribe without query":            {[]string{start, `{"id":"a","type":"subscribe","payload":{}}`}, 4400},
		"subscribe with an object as query":  {[]string{start, `{"id":"a","type":"subscribe","payload":{"query":{}}}`}, 4400},
		"subscribe with a list as variables": {[]string{start, `{"id":"a","type":"subscribe","payload":{"query":"{ hello }","variables":[]}}`}, 4400},
		"subscribe with a number as name":    {[]string{start, `{"id":"a","type":"subscribe","payload":{"query":"{ hello }","operationName":1}}`}, 4400},
		"subscribe with a text as extension": {[]string{start, `{"id":"a","type":"subscribe","payload":{"query":"{ hello }","extensions":"x"}}`}, 4400},
		"complete without id":                {[]string{start, `{"type":"complete"}`}, 4400},
		"subscribe before init":              {[]string{subscribe}, 4401},
		"complete before init":               {[]string{`{"id":"a","type":"complete"}`}, 4401},
		"init twice":                         {[]string{start, start}, 4429},
		"an id in use":                       {[]string{start, subscribe, subscribe}, 4409},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := e.dial(t, nil)
			for _, frame := range test.frames {
				c.send(frame)
			}
			if code, reason := c.closed(); code != test.code || reason == "" {
				t.Errorf("closed with %d %q, want %d", code, reason, test.code)
			}
		})
	}
	t.Run("a binary frame", func(t *testing.T) {
		t.Parallel()
		c := e.dial(t, nil)
		if err := c.conn.WriteMessage(websocket.BinaryMessage, []byte(start)); err != nil {
			t.Fatal(err)
		}
		if code, _ := c.closed(); code != 4400 {
			t.Errorf("closed with %d, want 4400", code)
		}
	})
	t.Run("a frame above 64 kB", func(t *testing.T) {
		t.Parallel()
		c := e.open(t, "")
		c.send(`{"type":"ping","payload":{"x":"` + strings.Repeat("a", 64<<10) + `"}}`)
		if code, _ := c.closed(); code != websocket.CloseMessageTooBig {
			t.Errorf("closed with %d, want %d", code, websocket.CloseMessageTooBig)
		}
	})
	t.Run("no init within 3 s", func(t *testing.T) {
		t.Parallel()
		c := e.dial(t, nil)
		start := time.Now()
		c.send(`{"type":"ping"}`) // a sign of life is no init
		c.expect(`{"type":"pong"}`)
		if code, _ := c.closed(); code != 4408 {
			t.Errorf("closed with %d, want 4408", code)
		}
		if took := time.Since(start); took < 2500*time.Millisecond || took > 6*time.Second {
			t.Errorf("after %s, want 3 s", took)
		}
	})
	for _, protocols := range [][]string{{}, {"graphql-ws"}, {"graphql-ws", "mqtt"}} {
		t.Run(fmt.Sprint("subprotocols ", protocols), func(t *testing.T) {
			t.Parallel()
			if code, _ := e.dial(t, nil, protocols...).closed(); code != 4406 {
				t.Errorf("closed with %d, want 4406", code)
			}
		})
	}
	t.Run("ours among others", func(t *testing.T) {
		t.Parallel()
		c := e.dial(t, nil, "graphql-ws", subprotocol)
		c.send(start)
		c.expect(`{"type":"connection_ack"}`)
	})
	t.Run("pings, before the ack and after", func(t *testing.T) {
		t.Parallel()
		c := e.dial(t, nil)
		c.send(`{"type":"ping","payload":{"n":1}}`)
		c.expect(`{"type":"pong","payload":{"n":1}}`)
		c.send(`{"type":"connection_init","payload":null}`)
		c.expect(`{"type":"connection_ack"}`)
		c.send(`{"type":"pong"}`)
		c.send(`{"type":"ping","payload":null}`)
		c.expect(`{"type":"pong"}`)
	})
	t.Run("a completed id is free, and nothing more comes for it", func(t *testing.T) {
		t.Parallel()
		c := e.open(t, "")
		for range 20 {
			c.send(subscribe)
			c.send(`{"id":"a","type":"complete"}`)
		}
		c.send(`{"id":"unknown","type":"complete"}`)
		c.send(`{"type":"ping"}`)
		c.expect(`{"type":"pong"}`)
	})
}

func TestSocketLimits(t *testing.T) {
	t.Parallel()
	t.Run("50 operations", func(t *testing.T) {
		t.Parallel()
		e := newEdge(t)
		c := e.open(t, "")
		for i := range maxOperations {
			c.send(fmt.Sprintf(`{"id":"%d","type":"subscribe","payload":{"query":"subscription { never }"}}`, i))
		}
		c.send(`{"id":"more","type":"subscribe","payload":{"query":"subscription { never }"}}`)
		if m := c.message(); m.Type != "error" || m.ID != "more" || !strings.Contains(string(m.Payload), "THROTTLED") {
			t.Errorf("got %+v", m)
		}
		c.send(`{"id":"0","type":"complete"}`)
		c.send(`{"id":"more","type":"subscribe","payload":{"query":"subscription { ticks(n: 1) }"}}`)
		c.expect(`{"type":"next","id":"more","payload":{"data":{"ticks":0}}}`, `{"type":"complete","id":"more"}`)
	})
	t.Run("20 sockets of one caller", func(t *testing.T) {
		t.Parallel()
		e := newEdge(t, func(o *Options) { o.NoRateLimit, o.Gate = false, people })
		for range maxSessions {
			e.open(t, "")
		}
		c := e.dial(t, nil)
		c.send(`{"type":"connection_init"}`)
		if code, reason := c.closed(); code != closeTryLater || !strings.Contains(reason, "at most 20") {
			t.Errorf("the 21st socket: %d %s", code, reason)
		}
		e.open(t, "Bearer customer") // who shares the address and says so is somebody else
	})
	t.Run("sockets that never say who calls", func(t *testing.T) {
		t.Parallel()
		e := newEdge(t, func(o *Options) { o.NoRateLimit, o.Gate = false, people })
		for range maxNewcomers {
			e.dial(t, nil)
		}
		dialer := websocket.Dialer{Subprotocols: []string{subprotocol}}
		_, response, err := dialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(e.URL, "http")+"/graphql", nil)
		if err == nil || response.StatusCode != http.StatusTooManyRequests || response.Header.Get("Retry-After") == "" {
			t.Errorf("one more: %v %v", err, response)
		}
	})
	t.Run("operations that the client no longer waits for", func(t *testing.T) {
		t.Parallel()
		e := newEdge(t)
		defer close(e.toy.slow)
		c := e.open(t, "")
		for i := range 2 * maxOperations {
			c.send(`{"id":"x","type":"subscribe","payload":{"query":"mutation { stuck }"}}`)
			for e.toy.running.Load() <= int64(i) { // one that has not begun would end at once
				time.Sleep(time.Millisecond)
			}
			c.send(`{"id":"x","type":"complete"}`)
		}
		c.send(`{"id":"more","type":"subscribe","payload":{"query":"{ hello }"}}`)
		if m := c.message(); m.Type != "error" || m.ID != "more" || !strings.Contains(string(m.Payload), "THROTTLED") {
			t.Errorf("got %+v", m)
		}
	})
	t.Run("no limit for load tests", func(t *testing.T) {
		t.Parallel()
		e := newEdge(t)
		for range maxSessions + 5 {
			e.open(t, "")
		}
	})
}

func TestAHangingRecheckHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan time.Duration, 1)
		start := time.Now()
		s := newSessions(func(ctx context.Context, actor access.Actor) *fault.Fault {
			if actor.ID == [16]byte{1} {
				<-ctx.Done() // the database does not answer
				return nil
			}
			if time.Since(start) < 4*time.Second {
				return nil
			}
			return fault.New(fault.Forbidden, "RIGHT_GONE", "It was taken back.")
		}, true)
		hanging := &session{actor: access.Actor{Kind: access.Partner, ID: [16]byte{1}}, known: true, end: func(*fault.Fault) {}}
		revoked := &session{actor: access.Actor{Kind: access.Partner, ID: [16]byte{2}}, known: true, end: func(*fault.Fault) { ended <- time.Since(start) }}
		for _, one := range []*session{hanging, revoked} {
			if refused := s.enter(one); refused != nil {
				t.Fatal(refused)
			}
		}
		if took := <-ended; took > 9*time.Second {
			t.Errorf("a right that was gone after 4 s lived for %s", took)
		}
		s.leave(hanging)
		s.leave(revoked)
	})
}

func TestSocketOrigins(t *testing.T) {
	t.Parallel()
	e := newEdge(t, func(o *Options) { o.Origins = []string{"https://shop.example"} })
	for origin, welcome := range map[string]bool{
		"": true, e.URL: true, "https://shop.example": true,
		"https://evil.example": false, "https://shop.example.evil.example": false, "http://shop.example": false, "null": false,
	} {
		headers := http.Header{}
		if origin != "" {
			headers.Set("Origin", origin)
		}
		dialer := websocket.Dialer{Subprotocols: []string{subprotocol}}
		conn, response, err := dialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(e.URL, "http")+"/graphql", headers)
		if welcome != (err == nil) {
			t.Errorf("origin %q: %v", origin, err)
		}
		if err == nil {
			_ = conn.Close()
		} else if response.StatusCode != http.StatusForbidden {
			t.Errorf("origin %q: status %d, want 403", origin, response.StatusCode)
		}
	}
}

func TestSocketAuthentication(t *testing.T) {
	t.Parallel()
	e := newEdge(t, func(o *Options) { o.Gate = people })
	t.Run("a token in connection_init", func(t *testing.T) {
		t.Parallel()
		c := e.open(t, "Bearer reader")
		c.send(`{"id":"a","type":"subscribe","payload":{"query":"{ thing { price } }"}}`)
		if m := c.message(); m.Type != "next" || !strings.Contains(string(m.Payload), `"price":"1.00"`) {
			t.Errorf("got %+v", m)
		}
	})
	t.Run("a token that is not valid", func(t *testing.T) {
		t.Parallel()
		c := e.dial(t, nil)
		c.send(`{"type":"connection_init","payload":{"Authorization":"Bearer nobody"}}`)
		if code, reason := c.closed(); code != 4401 || reason != "This token is not valid." {
			t.Errorf("closed with %d %q", code, reason)
		}
	})
}

// losing is a gate whose callers lose their right when the test says so.
type losing struct {
	bearers
	lost chan error
}

func (l losing) Recheck(_ context.Context, actor access.Actor) error {
	if actor.Kind == access.Customer { // others keep theirs
		return nil
	}
	select {
	case err := <-l.lost:
		return err
	default:
		return nil
	}
}

func TestSocketEndsWithTheRight(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		why  error
		code int
	}{
		"revoked":        {fault.New(fault.Unauthenticated, "TOKEN_INVALID", "The token has ended."), 4401},
		"right is gone":  {fault.New(fault.Forbidden, "FORBIDDEN", "You may not see this any more."), 4403},
		"not known":      {errors.New("the database is away"), 0},
		"not our fault":  {fault.New(fault.Busy, "BUSY", "Try again."), 0},
		"expired by now": {nil, 4401},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gate := losing{people, make(chan error, 1)}
			e := newEdge(t, func(o *Options) {
				o.Gate = gate
				if name == "expired by now" {
					o.Gate = losing{bearers{"reader": {Kind: access.Partner, ID: [16]byte{1}, ExpiresAt: time.Now().Add(200 * time.Millisecond)}, "customer": people["customer"]}, gate.lost}
				}
			})
			e.server.sessions.every = 20 * time.Millisecond
			other := e.open(t, "Bearer customer")
			c := e.open(t, "Bearer reader")
			c.send(`{"id":"a","type":"subscribe","payload":{"query":"subscription { never }"}}`)
			if test.why != nil {
				gate.lost <- test.why
			}
			if test.code == 0 {
				for len(gate.lost) > 0 {
					time.Sleep(5 * time.Millisecond)
				}
				c.send(`{"type":"ping"}`)
				c.expect(`{"type":"pong"}`)
				return
			}
			if code, _ := c.closed(); code != test.code {
				t.Errorf("closed with %d, want %d", code, test.code)
			}
			other.send(`{"type":"ping"}`) // another caller's socket goes on
			other.expect(`{"type":"pong"}`)
		})
	}
}

func TestShutdownAsksClientsToComeBack(t *testing.T) {
	before := goleak.IgnoreCurrent()
	e := newEdge(t)
	c := e.open(t, "")
	c.send(`{"id":"m","type":"subscribe","payload":{"query":"mutation { slow }"}}`)
	c.send(`{"id":"s","type":"subscribe","payload":{"query":"subscription { never }"}}`)
	idle := e.open(t, "")
	posted := make(chan answer, 1)
	go func() { posted <- e.post(t, `mutation { slow }`) }()
	for e.toy.running.Load() < 2 {
		time.Sleep(time.Millisecond)
	}
	ended := make(chan error, 1)
	go func() { ended <- e.server.Shutdown(context.Background()) }()

	if code, reason := idle.closed(); code != 1012 || reason == "" {
		t.Errorf("an idle socket was closed with %d %q, want 1012", code, reason)
	}
	if got := e.do(t, http.MethodGet, "/readyz", ""); got.status != 503 || !strings.Contains(got.body, "draining") {
		t.Errorf("readiness says %d %s", got.status, got.body)
	}
	if got := e.do(t, http.MethodGet, "/livez", ""); got.status != 200 {
		t.Errorf("liveness says %d", got.status)
	}
	close(e.toy.slow)
	if m := c.message(); m.ID != "m" || m.Type != "next" || !strings.Contains(string(m.Payload), `"slow":1`) {
		t.Errorf("a mutation that ran was not finished: %+v", m)
	}
	c.expect(`{"type":"complete","id":"m"}`)
	if code, _ := c.closed(); code != 1012 {
		t.Errorf("closed with %d, want 1012", code)
	}
	if got := <-posted; !strings.Contains(got.body, `"slow":1`) {
		t.Errorf("a request that was being answered was not finished: %s", got.body)
	}
	if err := <-ended; err != nil {
		t.Errorf("shutdown: %v", err)
	}
	dialer := websocket.Dialer{Subprotocols: []string{subprotocol}}
	if _, response, err := dialer.Dial("ws"+strings.TrimPrefix(e.URL, "http")+"/graphql", nil); err == nil || response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a new socket was let in: %v", err)
	}
	e.Server.Close()
	e.Client().CloseIdleConnections()
	goleak.VerifyNone(t, before)
}

func TestRequestsAreTakenUntilTheBalancerHasHeard(t *testing.T) {
	t.Parallel()
	e := newEdge(t, func(o *Options) { o.DrainDelay = time.Hour })
	ctx, give := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.server.Shutdown(ctx) }()
	for !e.server.sessions.isDraining() {
		time.Sleep(time.Millisecond)
	}
	if got := e.do(t, http.MethodGet, "/readyz", ""); got.status != 503 {
		t.Errorf("readiness says %d %s", got.status, got.body)
	}
	if got := e.post(t, `{ hello }`); !strings.Contains(got.body, `"hello":"world"`) {
		t.Errorf("a request in the delay: %d %s", got.status, got.body)
	}
	select {
	case err := <-ended:
		t.Errorf("the server ended before its delay: %v", err)
	default:
	}
	give()
	<-ended
}

func TestNoGoroutineOutlivesItsSocket(t *testing.T) {
	before := goleak.IgnoreCurrent()
	e := newEdge(t)
	endings := []func(*client){
		func(c *client) { // says goodbye
			_ = c.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1000, ""), time.Now().Add(time.Second))
			_, _ = c.next()
		},
		func(c *client) { _ = c.conn.Close() },                                                   // goes without a word
		func(c *client) { _ = c.conn.NetConn().(*net.TCPConn).SetLinger(0); _ = c.conn.Close() }, // resets
		func(c *client) { c.send(`{`); c.closed() },                                              // breaks the protocol
		func(c *client) { c.send(`{`) },                                                          // and does not even close its half
	}
	for i := range 4 * len(endings) {
		c := e.open(t, "")
		for id := range 5 {
			c.send(fmt.Sprintf(`{"id":"%d","type":"subscribe","payload":{"query":"subscription { never }"}}`, id))
		}
		c.send(`{"id":"q","type":"subscribe","payload":{"query":"{ hello }"}}`)
		if m := c.message(); m.ID != "q" {
			t.Fatalf("got %+v", m)
		}
		endings[i%len(endings)](c)
	}
	unfinished := e.dial(t, nil) // never says hello
	_ = unfinished.conn.Close()
	e.server.sessions.close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := e.server.sessions.wait(ctx); err != nil {
		t.Fatalf("sessions are still open: %v", err)
	}
	e.toy.ended.Wait()
	e.Server.Close()
	e.Client().CloseIdleConnections()
	goleak.VerifyNone(t, before)
}

// count is the number of open sessions.
func (s *sessions) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}

func TestAClientThatDoesNotReadIsCutOff(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	sockets, _ := e.server.transports[0].(*socketTransport)
	sockets.writeTimeout = time.Second
	c := e.open(t, "")
	_ = c.conn.NetConn().(*net.TCPConn).SetReadBuffer(4096)
	start := time.Now()
	for i := range maxOperations {
		c.send(fmt.Sprintf(`{"id":"%d","type":"subscribe","payload":{"query":"subscription { ticks(n: 2000000) }"}}`, i))
	}
	c.message() // the first has begun; from now on nothing is read
	for deadline := time.Now().Add(30 * time.Second); e.server.sessions.count() > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the socket of a client that doesn't read is still open")
		}
	}
	if n := e.toy.streaming.Load(); n > 0 {
		t.Errorf("%d subscriptions outlived their socket", n)
	}
	if took := time.Since(start); took < sockets.writeTimeout {
		t.Errorf("they ended after %s: nothing was ever blocked", took)
	}
}

func TestServerEventsAgainstALiveStream(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	got := e.stream(t, `subscription { ticks(n: 2) }`)
	want := ":\n\n" +
		"event: next\ndata: {\"data\":{\"ticks\":0}}\n\n" +
		"event: next\ndata: {\"data\":{\"ticks\":1}}\n\n" +
		"event: complete\ndata:\n\n"
	if got.body != want || got.header.Get("Content-Type") != "text/event-stream; charset=utf-8" {
		t.Errorf("got %q %s", got.body, got.header.Get("Content-Type"))
	}
	if got := e.stream(t, `{ hello }`); !strings.Contains(got.body, `event: next`+"\n"+`data: {"data":{"hello":"world"}`) || !strings.HasSuffix(got.body, "event: complete\ndata:\n\n") {
		t.Errorf("a query over a stream: %q", got.body)
	}
	if got := e.stream(t, `{ nothing }`); got.status != 400 || !strings.HasPrefix(got.header.Get("Content-Type"), mediaResponse) {
		t.Errorf("what is refused before the stream: %d %s", got.status, got.body)
	}
	got = e.stream(t, `subscription { refused }`)
	if !strings.Contains(got.body, `"code":"NOT_FOUND"`) || strings.Contains(got.body, `"data"`) || !strings.HasSuffix(got.body, "event: complete\ndata:\n\n") {
		t.Errorf("a subscription that is refused: %q", got.body)
	}
	got = e.do(t, http.MethodGet, "/graphql?query=subscription%7Bticks(n%3A1)%7D", "", "Accept", mediaStream)
	if !strings.Contains(got.body, `{"data":{"ticks":0}}`) {
		t.Errorf("over GET: %q", got.body)
	}
	got = e.do(t, http.MethodGet, "/graphql?query=mutation%7Bbump%7D", "", "Accept", mediaStream)
	if got.status != 405 || len(e.toy.bumped) != 0 {
		t.Errorf("a mutation over GET: %d %q", got.status, got.body)
	}
	got = e.do(t, http.MethodPost, "/graphql", `{"query":"subscription { ticks(n: 1) }"}`, "Content-Type", mediaJSON,
		"Accept", "application/graphql-response+json, application/json, text/event-stream, multipart/mixed")
	if !strings.Contains(got.body, `{"data":{"ticks":0}}`) {
		t.Errorf("a client that takes everything: %q", got.body)
	}
}

// The next response is made while one is being sent.
func TestServerEventsArriveEachWholeAndOnce(t *testing.T) {
	t.Parallel()
	var want strings.Builder
	want.WriteString(":\n\n")
	for i := range 2000 {
		fmt.Fprintf(&want, "event: next\ndata: {\"data\":{\"ticks\":%d}}\n\n", i)
	}
	want.WriteString("event: complete\ndata:\n\n")
	if got := newEdge(t).stream(t, `subscription { ticks(n: 2000) }`); got.body != want.String() {
		t.Errorf("the stream of 2,000 events begins with %.300q", got.body)
	}
}

func (e *edge) stream(t testing.TB, document string) answer {
	t.Helper()
	return e.do(t, http.MethodPost, "/graphql", `{"query":`+quoted(document)+`}`, "Content-Type", mediaJSON, "Accept", mediaStream)
}

func TestStreamsLiveAndEnd(t *testing.T) {
	before := goleak.IgnoreCurrent()
	gate := losing{people, make(chan error, 1)}
	e := newEdge(t, func(o *Options) { o.Gate = gate })
	e.server.sessions.every = 20 * time.Millisecond
	open := func(who string) (*http.Response, context.CancelFunc) {
		ctx, cancel := context.WithCancel(t.Context())
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL+"/graphql", strings.NewReader(`{"query":"subscription { never }"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", mediaJSON)
		r.Header.Set("Accept", mediaStream)
		r.Header.Set("Accept-Encoding", "gzip")
		r.Header.Set("Authorization", "Bearer "+who)
		response, err := e.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		first := make([]byte, 3)
		if _, err := io.ReadFull(response.Body, first); err != nil || string(first) != ":\n\n" {
			t.Fatalf("the stream begins with %q, %v", first, err)
		}
		return response, cancel
	}
	gone, cancel := open("customer")
	cancel() // the client goes away
	_ = gone.Body.Close()

	revoked, cancel := open("reader")
	defer cancel()
	gate.lost <- fault.New(fault.Unauthenticated, "TOKEN_INVALID", "The token has ended.")
	text, err := io.ReadAll(revoked.Body)
	if err != nil || !strings.Contains(string(text), `"code":"UNAUTHENTICATED"`) || !strings.HasSuffix(string(text), "event: complete\ndata:\n\n") {
		t.Errorf("with the right the stream ended with %q, %v", text, err)
	}
	_ = revoked.Body.Close()

	broken, cancel := open("customer")
	defer cancel()
	if err := e.server.Shutdown(t.Context()); err != nil {
		t.Errorf("shutdown: %v", err)
	}
	text, err = io.ReadAll(broken.Body)
	if err != nil || len(text) != 0 {
		t.Errorf("a server that goes down ends the stream with %q, %v; want nothing, so that clients come back", text, err)
	}
	_ = broken.Body.Close()
	e.toy.ended.Wait()
	e.Server.Close()
	e.Client().CloseIdleConnections()
	goleak.VerifyNone(t, before)
}
