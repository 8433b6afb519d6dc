package graph

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/wharfhq/wharf/internal/observe"
)

func TestRequestIDs(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f-]{27}$`)
	for given, kept := range map[string]bool{
		"my-request.42": true, "": false, "with space": false, "line\tbreak": false, strings.Repeat("a", 129): false, "<script>": false,
	} {
		got := e.do(t, http.MethodGet, "/livez", "", "X-Request-Id", given).header.Get("X-Request-Id")
		if kept && got != given || !kept && !uuid.MatchString(got) {
			t.Errorf("%q was answered with %q", given, got)
		}
	}
}

func TestLogTellsNoSecrets(t *testing.T) {
	t.Parallel()
	e := newEdge(t, func(o *Options) { o.Gate = people })
	e.do(t, http.MethodPost, "/graphql", `{"query":"query Peek($s: String) { echo(s: $s) }","variables":{"s":"4242 private"}}`,
		"Content-Type", mediaJSON, "Authorization", "Bearer reader", "X-Request-Id", "peek-1")
	log := e.log.String()
	for _, want := range []string{"msg=request", "method=POST", "path=/graphql", "status=200", "operation=Peek", "kind=query", "caller=partner", "cost=1"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log has no %q: %s", want, log)
		}
	}
	for _, secret := range []string{"private", "Bearer", "reader", "echo"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log tells %q: %s", secret, log)
		}
	}
	c := e.open(t, "Bearer reader")
	c.send(`{"id":"a","type":"subscribe","payload":{"query":"query Socket { echo(s: \"private\") }"}}`)
	c.message()
	_ = c.conn.Close()
	e.server.sessions.close()
	if err := e.server.sessions.wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if log := e.log.String(); !strings.Contains(log, "operation=Socket") || strings.Contains(log, "private") {
		t.Errorf("the log of the socket: %s", log)
	}
}

func TestCrossOrigin(t *testing.T) {
	t.Parallel()
	open := newEdge(t)
	narrow := newEdge(t, func(o *Options) { o.Origins = []string{"https://shop.example"} })
	for name, test := range map[string]struct {
		at           *edge
		origin, want string
	}{
		"any origin":      {open, "https://anywhere.example", "*"},
		"a named origin":  {narrow, "https://shop.example", "https://shop.example"},
		"another origin":  {narrow, "https://anywhere.example", ""},
		"none at all":     {open, "", ""},
		"the null origin": {narrow, "null", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var headers []string
			if test.origin != "" {
				headers = []string{"Origin", test.origin}
			}
			got := test.at.do(t, http.MethodPost, "/graphql", `{"query":"{ hello }"}`, append(headers, "Content-Type", mediaJSON)...)
			if allowed := got.header.Get("Access-Control-Allow-Origin"); allowed != test.want {
				t.Errorf("allowed %q, want %q", allowed, test.want)
			}
			if got.header.Get("Access-Control-Allow-Credentials") != "" {
				t.Error("credentials are allowed")
			}
			preflight := test.at.do(t, http.MethodOptions, "/graphql", "", append(headers,
				"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization,content-type,x-shopify-storefront-access-token")...)
			if allowed := preflight.header.Get("Access-Control-Allow-Origin"); allowed != test.want || preflight.status != http.StatusNoContent {
				t.Errorf("preflight: %d, allowed %q, want %q", preflight.status, allowed, test.want)
			}
			if test.want != "" && !strings.Contains(preflight.header.Get("Access-Control-Allow-Headers"), "authorization") {
				t.Errorf("preflight allows the headers %q", preflight.header.Get("Access-Control-Allow-Headers"))
			}
		})
	}
	if got := open.do(t, http.MethodOptions, "/graphql", ""); got.status != 204 || got.header.Get("Allow") != "GET, POST, OPTIONS" {
		t.Errorf("OPTIONS: %d, Allow %q", got.status, got.header.Get("Allow"))
	}
}

func TestLargeAnswersAreCompressed(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	e.Client().Transport.(*http.Transport).DisableCompression = true
	long := `{"query":"{ echo(s: \"` + strings.Repeat("wharf ", 1000) + `\") }"}`
	got := e.do(t, http.MethodPost, "/graphql", long, "Content-Type", mediaJSON, "Accept-Encoding", "gzip")
	if got.header.Get("Content-Encoding") != "gzip" || len(got.body) > 1000 {
		t.Errorf("encoding %q, %d bytes", got.header.Get("Content-Encoding"), len(got.body))
	}
	r, err := gzip.NewReader(strings.NewReader(got.body))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil || !strings.Contains(string(text), "wharf wharf") {
		t.Errorf("it unpacks to %.80s, %v", text, err)
	}
	if got := e.do(t, http.MethodPost, "/graphql", long, "Content-Type", mediaJSON, "Accept", mediaResponse, "Accept-Encoding", "gzip"); got.header.Get("Content-Encoding") != "gzip" {
		t.Errorf("%s is not compressed", mediaResponse)
	}
	urql := "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"
	if got := e.do(t, http.MethodPost, "/graphql", long, "Content-Type", mediaJSON, "Accept", urql, "Accept-Encoding", "gzip"); got.header.Get("Content-Encoding") != "gzip" {
		t.Errorf("the answer to a client that would also take a stream is not compressed")
	}
	for name, got := range map[string]answer{
		"a stream to a client that takes all": e.do(t, http.MethodPost, "/graphql", `{"query":"subscription { ticks(n: 200) }"}`,
			"Content-Type", mediaJSON, "Accept", urql, "Accept-Encoding", "gzip"),
		"a client that can't": e.do(t, http.MethodPost, "/graphql", long, "Content-Type", mediaJSON),
		"a short answer":      e.do(t, http.MethodPost, "/graphql", `{"query":"{ hello }"}`, "Content-Type", mediaJSON, "Accept-Encoding", "gzip"),
		"a stream":            e.do(t, http.MethodPost, "/graphql", long, "Content-Type", mediaJSON, "Accept", mediaStream, "Accept-Encoding", "gzip"),
	} {
		if encoding := got.header.Get("Content-Encoding"); encoding != "" {
			t.Errorf("%s: encoding %q", name, encoding)
		}
	}
}

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	for _, path := range []string{"/", "/graphql?query=%7Bhello%7D", "/schema.graphql", "/nothing", "/livez", "/explorer/explorer.js"} {
		got := e.do(t, http.MethodGet, path, "")
		if got.header.Get("X-Content-Type-Options") != "nosniff" || got.header.Get("X-Frame-Options") != "DENY" {
			t.Errorf("%s: %v", path, got.header)
		}
	}
}

// TestWhichOperationIsMeant: a document with several says so, also when it is known already.
func TestWhichOperationIsMeant(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	for range 2 {
		for name, want := range map[string]string{
			``:    "The document has 2 operations. Say in operationName which one is meant.",
			`"C"`: `The document has no operation "C", which operationName names.`,
			`"B"`: "",
		} {
			body := `{"query":"query A { hello } query B { hello }"`
			if name != "" {
				body += `,"operationName":` + name
			}
			got := e.do(t, http.MethodPost, "/graphql", body+`}`, "Content-Type", mediaJSON, "Accept", mediaResponse)
			said, _ := json.Marshal(want)
			if want == "" && got.code(t) != "" || want != "" && (got.code(t) != "BAD_USER_INPUT" || !strings.Contains(got.body, string(said))) {
				t.Errorf("%s: %s, want %s", name, got.body, want)
			}
		}
	}
}

func TestPersistedQueries(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	const document = `query Kept { hello }`
	sum := sha256.Sum256([]byte(document))
	hash := hex.EncodeToString(sum[:])
	extensions := `"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + hash + `"}}`
	send := func(body string) answer {
		return e.do(t, http.MethodPost, "/graphql", body, "Content-Type", mediaJSON, "Accept", mediaResponse)
	}
	got := send(`{` + extensions + `}`)
	if got.status != 200 || got.code(t) != "PERSISTED_QUERY_NOT_FOUND" || !strings.Contains(got.body, `"message":"PersistedQueryNotFound"`) {
		t.Errorf("not known yet: %d %s", got.status, got.body)
	}
	if got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("a cache may keep that it was not found: %q", got.header.Get("Cache-Control"))
	}
	if got := send(`{"query":"{ hello }",` + extensions + `}`); got.status != 400 || got.code(t) != "BAD_USER_INPUT" {
		t.Errorf("another document under the hash: %d %s", got.status, got.body)
	}
	if got := send(`{` + extensions + `}`); got.code(t) != "PERSISTED_QUERY_NOT_FOUND" {
		t.Errorf("the other document was kept: %s", got.body)
	}
	if got := send(`{"query":"` + document + `",` + extensions + `}`); got.code(t) != "" {
		t.Errorf("registering: %s", got.body)
	}
	for i, got := range []answer{
		send(`{` + extensions + `}`),
		e.do(t, http.MethodGet, "/graphql?extensions="+strings.ReplaceAll(`{"persistedQuery":{"version":1,"sha256Hash":"`+hash+`"}}`, `"`, "%22"), ""),
	} {
		if got.status != 200 || !strings.Contains(got.body, `"hello":"world"`) {
			t.Errorf("%d: by the hash alone: %d %s", i, got.status, got.body)
		}
	}
	invalid := `{ nothing }`
	sum = sha256.Sum256([]byte(invalid))
	extensions = `"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + hex.EncodeToString(sum[:]) + `"}}`
	if got := send(`{"query":"` + invalid + `",` + extensions + `}`); got.code(t) != "BAD_USER_INPUT" {
		t.Errorf("an invalid document: %s", got.body)
	}
	if got := send(`{` + extensions + `}`); got.code(t) != "PERSISTED_QUERY_NOT_FOUND" {
		t.Errorf("an invalid document was kept: %s", got.body)
	}
	for _, wrong := range []string{`{"version":2,"sha256Hash":"` + hash + `"}`, `{"version":1}`, `"x"`, `{"version":1,"sha256Hash":5}`} {
		if got := send(`{"extensions":{"persistedQuery":` + wrong + `}}`); got.code(t) != "BAD_USER_INPUT" {
			t.Errorf("%s: %s", wrong, got.body)
		}
	}
}

func TestDocumentsAreKeptWithinABudget(t *testing.T) {
	t.Parallel()
	c := newTextCache[int](1600)
	ctx := context.Background()
	for i := range 100 {
		c.Add(ctx, strings.Repeat(string(rune('a'+i%26)), 50+i%26), i)
		if c.held > 1600 {
			t.Fatalf("%d bytes are held", c.held)
		}
	}
	c.Add(ctx, strings.Repeat("z", 101), 1)
	if _, ok := c.Get(ctx, strings.Repeat("z", 101)); ok {
		t.Error("one document takes more than its share")
	}
	c.Add(ctx, "same", 1)
	held := c.held
	c.Add(ctx, "same", 2)
	if v, _ := c.Get(ctx, "same"); v != 2 || c.held != held {
		t.Errorf("kept twice: %d, %d bytes instead of %d", v, c.held, held)
	}
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	broken := atomic.Bool{}
	e := newEdge(t, func(o *Options) {
		o.Ready = func(context.Context) error {
			asked.Add(1)
			if broken.Load() {
				return errors.New("secret: no connection to 10.0.0.7")
			}
			return nil
		}
	})
	for range 20 {
		if got := e.do(t, http.MethodGet, "/readyz", ""); got.status != 200 || got.body != "{\"status\":\"ready\"}\n" {
			t.Fatalf("got %d %s", got.status, got.body)
		}
	}
	if n := asked.Load(); n > 3 {
		t.Errorf("the database was asked %d times for 20 calls", n)
	}
	broken.Store(true)
	e.server.ready.at = time.Time{}
	if got := e.do(t, http.MethodGet, "/readyz", ""); got.status != 503 || strings.Contains(got.body, "secret") {
		t.Errorf("got %d %s", got.status, got.body)
	}
	for _, path := range []string{"/livez", "/healthz"} {
		if got := e.do(t, http.MethodGet, path, ""); got.status != 200 {
			t.Errorf("%s: %d: a process is not killed because its database is away", path, got.status)
		}
	}
	e.server.sessions.close()
	before := asked.Load()
	if got := e.do(t, http.MethodGet, "/readyz", ""); got.status != 503 || !strings.Contains(got.body, "draining") || asked.Load() != before {
		t.Errorf("going down: %d %s; it must not ask the database", got.status, got.body)
	}
}

func TestSchemaAndIntrospectionCanBeClosed(t *testing.T) {
	t.Parallel()
	open, closed := newEdge(t), newEdge(t, func(o *Options) { o.NoIntrospection = true })
	got := open.do(t, http.MethodGet, "/schema.graphql", "")
	if _, err := gqlparser.LoadSchema(&ast.Source{Input: got.body}); got.status != 200 || err != nil {
		t.Errorf("%d: the schema cannot be loaded: %v", got.status, err)
	}
	if got := closed.do(t, http.MethodGet, "/schema.graphql", ""); got.status != 404 {
		t.Errorf("closed, the schema is answered with %d", got.status)
	}
	for _, document := range []string{`{ __schema { queryType { name } } }`, `{ x: __type(name: "Thing") { name } }`, `{ hello ...F } fragment F on Query { ... { __schema { queryType { name } } } }`} {
		if got := open.post(t, document); got.code(t) != "" {
			t.Errorf("open: %s", got.body)
		}
		if got := closed.post(t, document); got.status != 403 || got.code(t) != "FORBIDDEN" {
			t.Errorf("closed: %d %s", got.status, got.body)
		}
	}
	if got := closed.post(t, `{ __typename }`); got.code(t) != "" {
		t.Errorf("__typename is no introspection of the schema: %s", got.body)
	}
}

func TestWholeSchemaCanBeLoaded(t *testing.T) {
	t.Parallel()
	schema, err := gqlparser.LoadSchema(&ast.Source{Input: SDL()})
	if err != nil {
		t.Fatal(err)
	}
	if schema.Query == nil || schema.Mutation == nil || schema.Subscription == nil || schema.Types["Order"] == nil {
		t.Error("the merged schema is not whole")
	}
	if !strings.Contains(SDL(), `@needs(scope: "orders:read")`) {
		t.Error("the merged schema tells no permissions")
	}
}

// The introspection query that GraphiQL and code generators send.
const wholeIntrospection = `query IntrospectionQuery { __schema { description queryType { name } mutationType { name } subscriptionType { name } types { ...FullType } ` +
	`directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } } } } ` +
	`fragment FullType on __Type { kind name description specifiedByURL isOneOf fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...InputValue } ` +
	`type { ...TypeRef } isDeprecated deprecationReason } inputFields(includeDeprecated: true) { ...InputValue } interfaces { ...TypeRef } ` +
	`enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } } ` +
	`fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason } ` +
	`fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }`

func TestToolsCanReadTheSchema(t *testing.T) {
	t.Parallel()
	s, err := newServer(NewExecutableSchema(Config{}), Options{})
	if err != nil {
		t.Fatal(err)
	}
	e := &edge{server: s}
	e.Server = serving(t, s)
	got := e.post(t, wholeIntrospection)
	var body struct {
		Errors []any
		Data   struct {
			Schema struct{ Types []struct{ Name string } } `json:"__schema"`
		}
	}
	if err := json.Unmarshal([]byte(got.body), &body); err != nil || len(body.Errors) > 0 || len(body.Data.Schema.Types) < 100 {
		t.Errorf("%d: %v, %d types: %.300s", got.status, err, len(body.Data.Schema.Types), got.body)
	}
}

func TestExplorerIsWhole(t *testing.T) {
	t.Parallel()
	e := newEdge(t, func(o *Options) {
		o.Examples = []Example{{Name: "<b>Hello</b>", Query: "{ hello }", Variables: `{"a":"\"</script>"}`}}
	})
	page := e.do(t, http.MethodGet, "/", "")
	if page.status != 200 || page.header.Get("Content-Type") != "text/html; charset=utf-8" || strings.Contains(page.body, "<b>") || strings.Contains(page.body, "\"</script>") {
		t.Errorf("%d %s %s", page.status, page.header.Get("Content-Type"), page.body)
	}
	if policy := page.header.Get("Content-Security-Policy"); !strings.Contains(policy, "script-src 'self';") {
		t.Errorf("the policy is %q", policy)
	}
	files := regexp.MustCompile(`(?:src|href)="(/[^"]*)"`).FindAllStringSubmatch(page.body, -1)
	if len(files) != 6 {
		t.Fatalf("the page names %d files", len(files))
	}
	for _, file := range files {
		got := e.do(t, http.MethodGet, file[1], "")
		if got.status != 200 || len(got.body) < 100 || !strings.Contains(got.header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d, %d bytes, %q", file[1], got.status, len(got.body), got.header.Get("Cache-Control"))
		}
	}
	if strings.Contains(page.body, "://") && regexp.MustCompile(`(?:src|href)="https?:`).MatchString(page.body) {
		t.Error("the page loads something from elsewhere")
	}
	for _, path := range []string{"/explorer/page.html", "/explorer/nothing.js", "/explorer/..%2fserver.go"} {
		if got := e.do(t, http.MethodGet, path, ""); got.status != 404 {
			t.Errorf("%s: %d", path, got.status)
		}
	}
}

func TestMountsAndMetrics(t *testing.T) {
	t.Parallel()
	e := newEdge(t, func(o *Options) {
		o.Metrics = observe.NewMetrics("test")
		o.Mounts = map[string]http.Handler{
			"/images/": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("a picture")) }),
			"/broken":  http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret") }),
		}
	})
	if got := e.do(t, http.MethodGet, "/images/lamp.svg", ""); got.body != "a picture" {
		t.Errorf("got %d %s", got.status, got.body)
	}
	if got := e.do(t, http.MethodGet, "/broken", ""); got.status != 500 || strings.Contains(got.body, "secret") || got.header.Get("X-Request-Id") == "" {
		t.Errorf("a panic outside the API: %d %s", got.status, got.body)
	}
	e.post(t, `{ hello }`)
	e.post(t, `{ secret }`)
	e.post(t, `{ fail(how: "unknown") }`)
	figures := e.do(t, http.MethodGet, "/metrics", "").body
	if !strings.Contains(figures, `wharf_http_request_seconds_count{method="POST",route="graphql",status="2xx"} 3`) {
		t.Errorf("requests are not counted: %s", figures)
	}
	if got := newEdge(t).do(t, http.MethodGet, "/metrics", ""); got.status != 404 {
		t.Errorf("without metrics: %d", got.status)
	}
}

func TestRootFieldsAreCounted(t *testing.T) {
	t.Parallel()
	metrics := observe.NewMetrics("test")
	// Without a shop every resolver of the real schema fails, which is enough to be counted.
	s, err := newServer(NewExecutableSchema(Config{Resolvers: &Resolver{}}), Options{Metrics: metrics, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	e := &edge{server: s, Server: serving(t, s)}
	if got := e.post(t, `{ mine: shop { name } orders(first: 1) { nodes { id } } __typename }`); got.code(t) == "" {
		t.Fatalf("got %s", got.body)
	}
	figures := e.do(t, http.MethodGet, "/metrics", "").body
	for _, want := range []string{
		`wharf_operation_seconds_count{field="Query.shop",outcome="failed"} 1`,
		`wharf_operation_seconds_count{field="Query.orders",outcome="refused"} 1`,
	} {
		if !strings.Contains(figures, want) {
			t.Errorf("the figures have no %s", want)
		}
	}
	if strings.Contains(figures, "mine") {
		t.Error("a caller's alias became a label")
	}
}

func TestServeCutsOffSlowClients(t *testing.T) {
	t.Parallel()
	s, err := newServer(newToy(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.http.ReadHeaderTimeout, s.http.ReadTimeout = 100*time.Millisecond, 200*time.Millisecond
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	for name, begin := range map[string]string{
		"a header that never ends": "POST /graphql HTTP/1.1\r\nHost: x\r\nX-Slow: ",
		"a body that never comes":  "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
	} {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = conn.Write([]byte(begin))
		_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		if _, err := io.Copy(io.Discard, conn); err != nil {
			t.Errorf("%s: the connection was not closed: %v", name, err)
		}
		_ = conn.Close()
	}
	if err := s.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Errorf("serving ended with %v", err)
	}
}

func TestAnOperationHasItsTime(t *testing.T) {
	t.Parallel()
	e := newEdge(t, func(o *Options) { o.OperationTimeout = 50 * time.Millisecond })
	start := time.Now()
	got := e.post(t, `mutation { slow }`)
	if got.code(t) != "BUSY" || time.Since(start) > 3*time.Second {
		t.Errorf("after %s: %d %s", time.Since(start), got.status, got.body)
	}
	if !bytes.Contains([]byte(got.body), []byte("too long")) {
		t.Errorf("it does not say why: %s", got.body)
	}
}
