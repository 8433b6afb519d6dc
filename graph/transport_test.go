package graph

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// httpAudit is one audit of the public graphql-http suite, by its id. The suite itself was run by hand against this
// handler; here its 61 audits are restated, so that they hold without Node.
type httpAudit struct {
	id          string
	method      string // POST unless given
	query       url.Values
	contentType string
	accept      string
	body        string
	low, high   int
	media       string // the answer's media type, where the audit asks
	noErrors    bool
	noData      bool
}

const (
	typename   = `{"query":"{ __typename }"}`
	typed      = `query Type($name: String!) { __type(name: $name) { name } }`
	withVars   = `{"query":"query Type($name: String!) { __type(name: $name) { name } }","variables":{"name":"sometype"}}`
	brokenJSON = `{ "not a JSON`
	brokenDoc  = `{"query":"{"}`
	unknown    = `{"query":"{ 8f31403dfe404bccbb0e835f2629c6a7 }"}`
	unknownOK  = `{"query":"{ nothingOfThatName }"}`
	coercion   = `{"query":"query CoerceFailure($id: ID!){ __typename }","variables":{"id":null}}`
	utf8Body   = `{"query":"{ __type(name: \"Run🏃Swim🏊\") { name } }"}`
)

func audits() []httpAudit {
	const jsonType = mediaJSON
	list := []httpAudit{
		{id: "22EB", contentType: jsonType, accept: mediaResponse, body: typename, low: 200, media: mediaResponse},
		{id: "4655", contentType: jsonType, accept: mediaJSON, body: typename, low: 200, media: mediaJSON},
		{id: "47DE", contentType: jsonType, accept: "*/*", body: typename, low: 200, media: mediaJSON},
		{id: "80D8", contentType: jsonType, body: typename, low: 200, media: mediaJSON},
		{id: "82A3", contentType: jsonType, body: typename, low: 200},
		{id: "BF61", contentType: "application/json; charset=utf-8", body: utf8Body, low: 200},
		{id: "78D5", contentType: jsonType, body: typename, low: 200},
		{id: "2C94", contentType: jsonType, body: typename, low: 200},
		{id: "5A70", method: http.MethodGet, query: url.Values{"query": {"{ __typename }"}}, low: 200},
		{id: "9C48", method: http.MethodGet, accept: mediaResponse, query: url.Values{"query": {"mutation { __typename }"}}, low: 400, high: 499},
		{id: "9ABE", body: typename, low: 400, high: 499},
		{id: "03D4", contentType: jsonType, body: typename, low: 200},
		{id: "A5BF", contentType: jsonType, low: 400},
		{id: "423L", contentType: jsonType, accept: mediaResponse, body: `{"notquery":"{ __typename }"}`, low: 400},
		{id: "34A2", contentType: jsonType, accept: mediaResponse, body: typename, low: 200},
		{id: "13EE", contentType: jsonType, accept: mediaJSON, body: typename, low: 200, noErrors: true},
		{id: "8161", contentType: jsonType, accept: mediaResponse, body: `{"operationName":"Query","query":"query Query { __typename }"}`, low: 200},
		{id: "B8B3", contentType: jsonType, accept: mediaJSON, body: `{"operationName":"Query","query":"query Query { __typename }"}`, low: 200, noErrors: true},
		{id: "2EA1", contentType: jsonType, accept: mediaResponse, body: withVars, low: 200},
		{id: "28B9", contentType: jsonType, accept: mediaJSON, body: withVars, low: 200, noErrors: true},
		{id: "D6D5", method: http.MethodGet, accept: mediaResponse, query: url.Values{"query": {typed}, "variables": {`{"name":"sometype"}`}}, low: 200, noErrors: true},
		{id: "6A70", method: http.MethodGet, accept: mediaJSON, query: url.Values{"query": {typed}, "variables": {`{"name":"sometype"}`}}, low: 200, noErrors: true},
		{id: "428F", contentType: jsonType, accept: mediaResponse, body: `{"query":"{ __typename }","extensions":{"some":"value"}}`, low: 200},
		{id: "1B7A", contentType: jsonType, accept: mediaJSON, body: `{"query":"{ __typename }","extensions":{"some":"value"}}`, low: 200, noErrors: true},
		{id: "B6DC", contentType: jsonType, accept: mediaJSON, body: brokenJSON, low: 200, high: 599},
		{id: "BCF8", contentType: jsonType, accept: mediaJSON, body: brokenJSON, low: 400},
		{id: "B7N8", contentType: jsonType, accept: mediaResponse, body: brokenJSON, low: 400},
		{id: "8764", contentType: jsonType, body: `{"qeury":"{ __typename }"}`, low: 400, high: 599},
		{id: "3E3A", contentType: jsonType, body: `{"qeury":"{ __typename }"}`, low: 400},
		{id: "572B", contentType: jsonType, accept: mediaJSON, body: brokenDoc, low: 200},
		{id: "FDE2", contentType: jsonType, accept: mediaJSON, body: unknown, low: 200},
		{id: "7B9B", contentType: jsonType, accept: mediaJSON, body: coercion, low: 200},
		{id: "865D", contentType: jsonType, accept: mediaResponse, body: brokenDoc, low: 400, high: 599},
		{id: "556A", contentType: jsonType, accept: mediaResponse, body: brokenDoc, low: 400},
		{id: "D586", contentType: jsonType, accept: mediaResponse, body: brokenDoc, low: 400, noData: true},
		{id: "51FE", contentType: jsonType, accept: mediaResponse, body: unknown, low: 400, high: 599},
		{id: "74FF", contentType: jsonType, accept: mediaResponse, body: unknown, low: 400},
		{id: "5E5B", contentType: jsonType, accept: mediaResponse, body: unknownOK, low: 400, noData: true},
		{id: "86EE", contentType: jsonType, accept: mediaResponse, body: coercion, low: 400},
	}
	for i, wrong := range []string{`{"obj":"ect"}`, `0`, `false`, `["array"]`} {
		list = append(list,
			httpAudit{id: fmt.Sprint("LKJ", i), contentType: jsonType, body: `{"query":` + wrong + `}`, low: 400},
			httpAudit{id: fmt.Sprint("6C0", i), contentType: jsonType, body: `{"operationName":` + wrong + `,"query":"{ __typename }"}`, low: 400})
	}
	for i, wrong := range []string{`"string"`, `0`, `false`, `["array"]`} {
		list = append(list,
			httpAudit{id: fmt.Sprint("476", i), contentType: jsonType, body: `{"query":"{ __typename }","variables":` + wrong + `}`, low: 400},
			httpAudit{id: fmt.Sprint("58B", i), contentType: jsonType, body: `{"query":"{ __typename }","extensions":` + wrong + `}`, low: 400})
	}
	for i, parameter := range []string{"variables", "operationName", "extensions"} {
		body := `{"query":"{ __typename }","` + parameter + `":null}`
		list = append(list,
			httpAudit{id: fmt.Sprint("94B", i), contentType: jsonType, accept: mediaResponse, body: body, low: 200, noErrors: true},
			httpAudit{id: fmt.Sprint("022", i), contentType: jsonType, accept: mediaJSON, body: body, low: 200, noErrors: true})
	}
	return list
}

func TestGraphQLOverHTTPAudits(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	all := audits()
	if len(all) != 61 {
		t.Fatalf("%d audits are restated, the suite has 61", len(all))
	}
	for _, a := range all {
		t.Run(a.id, func(t *testing.T) {
			t.Parallel()
			if a.method == "" {
				a.method = http.MethodPost
			}
			path := "/graphql"
			if a.query != nil {
				path += "?" + a.query.Encode()
			}
			var headers []string
			if a.contentType != "" {
				headers = append(headers, "Content-Type", a.contentType)
			}
			if a.accept != "" {
				headers = append(headers, "Accept", a.accept)
			}
			got := e.do(t, a.method, path, a.body, headers...)
			if a.high == 0 {
				a.high = a.low
			}
			if got.status < a.low || got.status > a.high {
				t.Errorf("status %d, want %d to %d: %s", got.status, a.low, a.high, got.body)
			}
			if media := got.header.Get("Content-Type"); a.media != "" && !strings.HasPrefix(media, a.media+";") {
				t.Errorf("media type %q, want %q", media, a.media)
			}
			object := got.object(t)
			if _, has := object["errors"]; a.noErrors && has {
				t.Errorf("errors in %s", got.body)
			}
			if _, has := object["data"]; a.noData && has {
				t.Errorf("data in %s", got.body)
			}
		})
	}
}

func TestRequestsThatAreNone(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	for name, test := range map[string]struct {
		method, path, body string
		headers            []string
		status             int
		allow              string
		message            string
	}{
		"text after the object":     {"POST", "/graphql", `{"query":"{ hello }"} and more`, []string{"Content-Type", "application/json"}, 400, "", "not a JSON object"},
		"two objects":               {"POST", "/graphql", `{"query":"{ hello }"}{"query":"{ hello }"}`, []string{"Content-Type", "application/json"}, 400, "", "not a JSON object"},
		"an array of operations":    {"POST", "/graphql", `[{"query":"{ hello }"}]`, []string{"Content-Type", "application/json"}, 400, "", "one at a time"},
		"null":                      {"POST", "/graphql", `null`, []string{"Content-Type", "application/json"}, 400, "", "not a JSON object"},
		"a key in another case":     {"POST", "/graphql", `{"QUERY":"{ hello }"}`, []string{"Content-Type", "application/json"}, 400, "", "query is missing"},
		"broken UTF-8":              {"POST", "/graphql", "{\"query\":\"{ echo(s: \\\"\xff\\\") }\"}", []string{"Content-Type", "application/json"}, 400, "", "not a JSON object"},
		"plain text":                {"POST", "/graphql", `{"query":"{ hello }"}`, []string{"Content-Type", "text/plain"}, 415, "", "application/json"},
		"a form":                    {"POST", "/graphql", `query=%7Bhello%7D`, []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, "", "application/json"},
		"multipart":                 {"POST", "/graphql", `--x--`, []string{"Content-Type", "multipart/form-data; boundary=x"}, 415, "", "application/json"},
		"another charset":           {"POST", "/graphql", `{"query":"{ hello }"}`, []string{"Content-Type", "application/json; charset=utf-16"}, 415, "", "UTF-8"},
		"compressed":                {"POST", "/graphql", `{"query":"{ hello }"}`, []string{"Content-Type", "application/json", "Content-Encoding", "gzip"}, 415, "", "Content-Encoding"},
		"larger than 256 kB":        {"POST", "/graphql", `{"query":"{ hello }","variables":{"x":"` + strings.Repeat("a", 256<<10) + `"}}`, []string{"Content-Type", "application/json"}, 413, "", "256 kB"},
		"a broken document":         {"POST", "/graphql", "{ echo(s: \"\xff\") }", []string{"Content-Type", "application/graphql"}, 400, "", "UTF-8"},
		"no document":               {"POST", "/graphql", "", []string{"Content-Type", "application/graphql"}, 400, "", "query is missing"},
		"a document, compressed":    {"POST", "/graphql", "{ hello }", []string{"Content-Type", "application/graphql", "Content-Encoding", "gzip"}, 415, "", "Content-Encoding"},
		"a document, other charset": {"POST", "/graphql", "{ hello }", []string{"Content-Type", "application/graphql; charset=utf-16"}, 415, "", "UTF-8"},
		"a document, too large":     {"POST", "/graphql", "{ hello } #" + strings.Repeat("a", 256<<10), []string{"Content-Type", "application/graphql"}, 413, "", "256 kB"},
		"a document, bad variables": {"POST", "/graphql?variables=%5B%5D", "{ hello }", []string{"Content-Type", "application/graphql"}, 400, "", "variables"},
		"a document, broken query":  {"POST", "/graphql?operationName=%zz", "{ hello }", []string{"Content-Type", "application/graphql"}, 400, "", "query string"},
		"an operation of bytes":     {"POST", "/graphql?operationName=%ff", "{ hello }", []string{"Content-Type", "application/graphql"}, 400, "", "query string"},
		"PUT":                       {"PUT", "/graphql", `{"query":"{ hello }"}`, []string{"Content-Type", "application/json"}, 405, "GET, POST, OPTIONS", "POST"},
		"DELETE":                    {"DELETE", "/graphql", ``, nil, 405, "GET, POST, OPTIONS", "POST"},
		"mutation over GET":         {"GET", "/graphql?query=mutation%7Bbump%7D", ``, nil, 405, "POST", "POST"},
		"variables that are broken": {"GET", "/graphql?query=%7Bhello%7D&variables=%7B", ``, nil, 400, "", "variables"},
		"variables of a wrong type": {"GET", "/graphql?query=%7Bhello%7D&variables=%5B%5D", ``, nil, 400, "", "variables"},
		"a broken query string":     {"GET", "/graphql?query=%zz", ``, nil, 400, "", "query string"},
		"no query":                  {"GET", "/graphql", ``, nil, 400, "", "query is missing"},
		"nothing of ours wanted":    {"POST", "/graphql", `{"query":"{ hello }"}`, []string{"Content-Type", "application/json", "Accept", "image/png"}, 406, "", "application/json"},
		"unwanted by weight":        {"POST", "/graphql", `{"query":"{ hello }"}`, []string{"Content-Type", "application/json", "Accept", "application/json;q=0"}, 406, "", "application/json"},
		"an unknown path":           {"GET", "/nothing", ``, nil, 404, "", "/graphql"},
		"a page that is read only":  {"POST", "/livez", ``, nil, 405, "GET, HEAD", "read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := e.do(t, test.method, test.path, test.body, test.headers...)
			if got.status != test.status {
				t.Errorf("status %d, want %d: %s", got.status, test.status, got.body)
			}
			if allow := got.header.Get("Allow"); allow != test.allow {
				t.Errorf("Allow %q, want %q", allow, test.allow)
			}
			object := got.object(t)
			if _, has := object["data"]; has {
				t.Errorf("data where nothing was executed: %s", got.body)
			}
			if !strings.Contains(got.body, test.message) {
				t.Errorf("the message does not speak of %q: %s", test.message, got.body)
			}
			if strings.Contains(got.body, "hello") || strings.Contains(got.body, "graphql.RawParams") || strings.Contains(got.body, "aaaa") {
				t.Errorf("the request is given back: %.200s", got.body)
			}
		})
	}
	if len(e.toy.bumped) != 0 {
		t.Error("a refused request had an effect")
	}
}

// TestABodyThatIsTheDocument is answered as the same document in JSON is, and refused where that is.
func TestABodyThatIsTheDocument(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	document := func(text string) answer {
		return e.do(t, http.MethodPost, "/graphql", text, "Content-Type", "application/graphql; charset=utf-8", "Accept", mediaResponse)
	}
	for _, text := range []string{
		"{ hello }", "query A { hello }", "query($s: String) { echo(s: $s) }", "{ hello", `{"query":"{ hello }"}`,
		"query A { hello } query B { hello }", "{" + strings.Repeat(" hello", 5001) + "}", "{ nothing }",
	} {
		got, want := document(text), e.post(t, text)
		if got.status != want.status || got.body != want.body {
			t.Errorf("%.40s gave %d %.300s, as JSON %d %.300s", text, got.status, got.body, want.status, want.body)
		}
	}
	if got := document("mutation { bump }"); got.status != 200 || len(e.toy.bumped) != 1 {
		t.Errorf("a mutation gave %d %s", got.status, got.body)
	}
	// What else a JSON object has stands in the address. A document there does not count.
	named := func(query, text string) answer {
		return e.do(t, http.MethodPost, "/graphql?"+query, text, "Content-Type", "application/graphql", "Accept", mediaResponse)
	}
	for _, c := range []struct{ query, text, want string }{
		{"operationName=B", "query A { hello } query B { again: hello }", `{"again":"`},
		{"operationName=C", "query A { hello } query B { hello }", "errors"},
		{"variables=" + url.QueryEscape(`{"s":"oak"}`), "query($s: String!) { echo(s: $s) }", "map[s:oak]"},
		{"query=" + url.QueryEscape("{ again: hello }"), "{ hello }", `{"hello":"`},
	} {
		if got := named(c.query, c.text); !strings.Contains(got.body, c.want) {
			t.Errorf("?%s gave %d %s, want %s", c.query, got.status, got.body, c.want)
		}
	}
	if got := named("operationName=Up", "query Look { hello } mutation Up { bump }"); got.status != 200 || len(e.toy.bumped) != 2 {
		t.Errorf("a mutation that is named gave %d %s", got.status, got.body)
	}
}

func TestAcceptHeaders(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	for accept, want := range map[string]string{
		"":                               mediaJSON,
		"*/*":                            mediaJSON,
		"application/*":                  mediaJSON,
		mediaResponse:                    mediaResponse,
		mediaResponse + ", " + mediaJSON: mediaResponse,
		mediaJSON + ", " + mediaResponse: mediaJSON,
		"application/json;q=0.9, application/graphql-response+json":                                   mediaResponse,
		"application/graphql-response+json;q=0.1, application/json":                                   mediaJSON,
		"application/graphql-response+json; charset=utf-8, application/json; charset=utf-8":           mediaResponse,
		"application/json; charset=utf-16, */*;q=0.1":                                                 mediaJSON,
		"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8":                             mediaJSON,
		"application/graphql-response+json, application/json, text/event-stream, multipart/mixed":     mediaResponse,
		"multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json;q=0.9": mediaResponse,

		"garbage, application/json":        mediaJSON,
		"application/json;q=x, */*;q=0.01": mediaJSON,
	} {
		var headers []string
		if accept != "" {
			headers = []string{"Accept", accept}
		}
		got := e.do(t, http.MethodPost, "/graphql", `{"query":"{ hello }"}`, append(headers, "Content-Type", "application/json")...)
		if media := got.header.Get("Content-Type"); got.status != 200 || media != want+"; charset=utf-8" {
			t.Errorf("Accept %q gave %d %q, want %q", accept, got.status, media, want)
		}
	}
}

func TestOperationsOnTheWrongRoad(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	t.Run("a subscription over plain HTTP is refused at once", func(t *testing.T) {
		t.Parallel()
		got := e.post(t, `subscription { never }`)
		if got.status != 400 || got.code(t) != "BAD_USER_INPUT" || !strings.Contains(got.body, "websocket") {
			t.Errorf("got %d %s", got.status, got.body)
		}
		got = e.do(t, http.MethodGet, "/graphql?query=subscription%7Bnever%7D", "", "Accept", mediaJSON)
		if got.status != 200 || got.code(t) != "BAD_USER_INPUT" {
			t.Errorf("got %d %s", got.status, got.body)
		}
	})
	t.Run("the storefront's own path is the same endpoint", func(t *testing.T) {
		t.Parallel()
		got := e.do(t, http.MethodPost, "/api/2026-04/graphql.json", `{"query":"{ hello }"}`, "Content-Type", "application/json")
		if got.status != 200 || !strings.Contains(got.body, `"data":{"hello":"world"}`) {
			t.Errorf("got %d %s", got.status, got.body)
		}
	})
}

func TestStatusFollowsTheError(t *testing.T) {
	t.Parallel()
	e := newEdge(t, func(o *Options) {
		o.NoRateLimit = false
		o.Budgets = Budgets{Shopper: Budget{Limit: 12, RestoreRate: 1}}
	})
	if got := e.post(t, `mutation { bump }`); got.status != 200 {
		t.Fatalf("got %d %s", got.status, got.body)
	}
	got := e.post(t, `mutation { bump }`)
	if got.status != http.StatusTooManyRequests || got.code(t) != "THROTTLED" || got.header.Get("Retry-After") == "" {
		t.Errorf("over the budget: %d, Retry-After %q, %s", got.status, got.header.Get("Retry-After"), got.body)
	}
	extensions, _ := got.object(t)["extensions"].(map[string]any)
	cost, _ := extensions["cost"].(map[string]any)
	if cost["requested"] != 10.0 || cost["limit"] != 12.0 {
		t.Errorf("cost %v, want 10 of 12", cost)
	}
	if len(e.toy.bumped) != 1 {
		t.Errorf("%d mutations ran, want 1", len(e.toy.bumped))
	}
	got = e.do(t, http.MethodPost, "/graphql", `{"query":"mutation { bump }"}`, "Content-Type", mediaJSON, "Accept", mediaJSON)
	if got.status != 200 || got.code(t) != "THROTTLED" || got.header.Get("Retry-After") == "" {
		t.Errorf("with application/json: %d %s", got.status, got.body)
	}
}
