package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"html"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/wharfhq/wharf/graph"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

// asWharf makes the test binary behave like the real one, so that signals and exit codes are tested as they are.
const asWharf = "WHARF_TEST_RUN_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(asWharf) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// wharf runs a command in this process and gives its exit code and what it wrote.
func wharf(t *testing.T, input string, args ...string) (code int, out, problems string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(input), &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

// program is a Wharf that runs as a process of its own.
type program struct {
	*exec.Cmd
	t        *testing.T
	out, err *safeBuffer
	ended    chan error
}

func start(t *testing.T, args ...string) *program {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &program{Cmd: exec.Command(self, args...), t: t, out: &safeBuffer{}, err: &safeBuffer{}, ended: make(chan error, 1)}
	p.Env = append(os.Environ(), asWharf+"=1")
	p.Stdout, p.Stderr = p.out, p.err
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.ended <- p.Wait() }()
	t.Cleanup(func() {
		if p.ProcessState == nil {
			_ = p.Process.Kill()
		}
	})
	return p
}

// exit waits for the process and gives its exit code.
func (p *program) exit(within time.Duration) int {
	p.t.Helper()
	select {
	case err := <-p.ended:
		p.ended <- err
		var failed *exec.ExitError
		if err != nil && !errors.As(err, &failed) {
			p.t.Fatal(err)
		}
		return p.ProcessState.ExitCode()
	case <-time.After(within):
		p.t.Fatalf("it did not end within %s\n%s%s", within, p.out, p.err)
		return -1
	}
}

// stops ends the process as an operator would, and wants a clean end.
func (p *program) stops(signal syscall.Signal) {
	p.t.Helper()
	if err := p.Process.Signal(signal); err != nil {
		p.t.Fatal(err)
	}
	if code := p.exit(20 * time.Second); code != exitDone {
		p.t.Errorf("exit code %d after %s, want 0\n%s", code, signal, p.err)
	}
}

// eventually asks again until it is true; the processes of these tests are slow to start on a busy machine.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	deadline := time.Now().Add(90 * time.Second)
	for !is() {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within 90 s", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// dataFolder is a folder that the server's unprivileged user can reach too.
func dataFolder(t *testing.T) string {
	t.Helper()
	parent, err := os.MkdirTemp("/tmp", "wharf-main-") //nolint:usetesting // t.TempDir is closed to the server's user
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(parent, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(parent) })
	return filepath.Join(parent, "data")
}

func readDemo(t *testing.T, dir string) credentials {
	t.Helper()
	var given credentials
	text, err := os.ReadFile(filepath.Join(dir, "demo.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &given); err != nil {
		t.Fatal(err)
	}
	return given
}

// ask sends a query with a token and gives the answer's text.
func ask(t *testing.T, url, token, query string) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("starts servers")
	}
	dir := dataFolder(t)
	t.Setenv("DATABASE_URL", "")
	box, mailURL := openMailbox(t)
	first := start(t, "demo", "--data="+dir, "--addr=127.0.0.1:0", "--smtp-url="+mailURL, "--mail-from=Fennwick <orders@fennwick.example>")
	eventually(t, "the demo's order is confirmed", func() bool { return strings.Contains(first.out.String(), "Serving until") })
	shown := first.out.String()
	inOrder(t, shown, "Loaded 60 products, 163 variants, 12 stores", "is open", "API key", "Three calls to try",
		"#1001", "order.placed", "payment.started", "payment.declined", "payment.started", "payment.authorized", "order.confirmed")
	if strings.Contains(shown, "\x1b[") {
		t.Error("colors where no terminal is")
	}
	given := readDemo(t, dir)
	for name, token := range map[string]string{"API key": given.APIKey, "staff token": given.StaffToken} {
		if answer := ask(t, given.GraphQLURL, token, `{ orders(first: 5) { nodes { name status } } }`); !strings.Contains(answer, `{"name":"#1001","status":"CONFIRMED"}`) {
			t.Errorf("with the %s: %s", name, answer)
		}
		if !strings.Contains(shown, token) {
			t.Errorf("the %s was not shown", name)
		}
	}
	said := ask(t, given.GraphQLURL, "", `{
		header: menu(handle: "main-menu") { itemsCount items { title resource { __typename } items { title url } } }
		footer: menu(handle: "footer") { items { title url } }
		pages(first: 5) { nodes { handle } }
		blog(handle: "logbook") { articles(first: 5, sortKey: PUBLISHED_AT) { nodes { handle authorV2 { name } } } }
		shop { brand { slogan logo { alt image { url } } } refundPolicy { title } }
		productRecommendations(productHandle: "skerry-mug", intent: COMPLEMENTARY) { handle }
	}`)
	for _, want := range []string{
		`"itemsCount":8`, `{"title":"Coffee & tea","url":"` + given.URL + `collections/coffee-and-tea"}`,
		`{"title":"Refunds","url":"` + given.URL + `policies/refund-policy"}`, `"resource":{"__typename":"Blog"}`,
		`"nodes":[{"handle":"about"},{"handle":"visit-us"}]`, `"slogan":"What a small harbor uses."`,
		`"logo":{"alt":"Fennwick Harbor Supply","image":{"url":"` + given.URL + `images/fennwick-harbor-supply.svg"}}`,
		`"productRecommendations":[{"handle":"skerry-bowl"},{"handle":"skerry-plate"},{"handle":"harbor-blend-coffee"}]`,
		`{"handle":"a-sweater-with-a-map-in-it","authorV2":{"name":"Maren Holt"}},{"handle":"how-to-look-after-rope","authorV2":{"name":"Tomas Reed"}}`,
	} {
		if !strings.Contains(said, want) {
			t.Errorf("what the demo says lacks %s: %s", want, said)
		}
	}
	shown3d := ask(t, given.GraphQLURL, "", `{
		mug: product(handle: "skerry-mug") { media(first: 9) { nodes { mediaContentType alt previewImage { url } ... on Video { sources { url format } } ... on Model3d { sources { url mimeType } } } } }
		sweater: product(handle: "gansey-sweater") { media(first: 9) { nodes { mediaContentType ... on ExternalVideo { host embedUrl } } } }
	}`)
	for _, want := range []string{
		`{"mediaContentType":"VIDEO","alt":"The Skerry Mug, once around","previewImage":{"url":"` + given.URL + `images/skerry-mug-harbor-blue.svg"},"sources":[{"url":"` + given.URL + `media/skerry-mug.mp4","format":"mp4"}]}`,
		`"sources":[{"url":"` + given.URL + `media/skerry-mug.glb","mimeType":"model/gltf-binary"}]`,
		`{"mediaContentType":"EXTERNAL_VIDEO","host":"YOUTUBE","embedUrl":"https://www.youtube.com/embed/WhWc3b3KhnY"}`,
	} {
		if !strings.Contains(shown3d, want) {
			t.Errorf("what the demo shows lacks %s: %s", want, shown3d)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "demo.json")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("demo.json: %v %v", info, err)
	}
	for i, call := range given.Calls {
		answer, err := exec.CommandContext(t.Context(), "sh", "-c", call.Command).Output()
		if err != nil || !bytes.HasPrefix(answer, []byte(`{"data":{`)) || bytes.Contains(answer, []byte(`"errors"`)) {
			t.Errorf("call %d %q: %v %s", i+1, call.Title, err, answer)
		}
	}
	mustRunTheExamples(t, given.GraphQLURL)
	mustShowTheDemo(t, shown)
	if len(given.Calls) != 3 {
		t.Errorf("%d calls, want 3", len(given.Calls))
	}

	box.wantLetters(t)

	// A second command finds the running server, and leaves it running.
	if code, out, problems := wharf(t, "", "verify", "--data="+dir); code != exitDone || !strings.Contains(out, "Nothing is wrong.") {
		t.Errorf("verify beside the demo: %d %s%s", code, out, problems)
	}
	first.stops(syscall.SIGINT)

	// A second start has the data of the first, imports nothing anew, and gives credentials that are valid now.
	second := start(t, "demo", "--data="+dir, "--addr=127.0.0.1:0", "--no-order")
	eventually(t, "the second start serves", func() bool { return strings.Contains(second.out.String(), "Serving until") })
	if strings.Contains(second.out.String(), "Loaded") {
		t.Error("the second start imported again")
	}
	again := readDemo(t, dir)
	if again.APIKey == given.APIKey || again.StaffToken == given.StaffToken {
		t.Error("the second start gave the credentials of the first, which nobody can have kept")
	}
	if answer := ask(t, again.GraphQLURL, again.APIKey, `{ orders(first: 5) { nodes { name } } }`); !strings.Contains(answer, `{"nodes":[{"name":"#1001"}]}`) {
		t.Errorf("after the second start: %s", answer)
	}
	second.stops(syscall.SIGTERM)
	box.wantLetters(t) // no start repeats one
}

// mustRunTheExamples opens the explorer and runs what is in its tabs as it stands, but for the one that places an order.
func mustRunTheExamples(t *testing.T, url string) {
	t.Helper()
	page := exchange(t, http.MethodGet, strings.TrimSuffix(url, "graphql"), "", nil)
	_, text, _ := strings.Cut(page, `data-examples="`)
	text, _, _ = strings.Cut(text, `"`)
	var examples []graph.Example
	if err := json.Unmarshal([]byte(html.UnescapeString(text)), &examples); err != nil {
		t.Fatalf("the explorer's examples: %v: %.300s", err, text)
	}
	var names []string
	for _, example := range examples {
		names = append(names, example.Name)
		if example.Name == "Place an order" {
			continue
		}
		headers := map[string]string{"Content-Type": "application/json"}
		if example.Headers != "" {
			if err := json.Unmarshal([]byte(example.Headers), &headers); err != nil {
				t.Errorf("%s: %v", example.Name, err)
			}
		}
		if strings.HasPrefix(example.Query, "subscription") {
			headers["Accept"] = "text/event-stream"
		}
		variables := example.Variables
		if variables == "" {
			variables = "{}"
		}
		body, err := json.Marshal(map[string]any{"query": example.Query, "variables": json.RawMessage(variables)})
		if err != nil {
			t.Fatal(err)
		}
		if answer := exchange(t, http.MethodPost, url, string(body), headers); !strings.Contains(answer, `{"data":{`) || strings.Contains(answer, `"errors"`) {
			t.Errorf("the example %s answers %.300s", example.Name, answer)
		}
	}
	if want := "Product, Collections, Cart, Place an order, Follow an order, Orders"; strings.Join(names, ", ") != want {
		t.Errorf("the explorer's tabs are %q, want %s", names, want)
	}
}

// exchange gives the beginning of an answer: all of it, or a stream's first event.
func exchange(t *testing.T, method, url, body string, headers map[string]string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer strings.Builder
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		answer.WriteString(lines.Text() + "\n")
		if strings.HasPrefix(lines.Text(), "data:") {
			break
		}
	}
	return answer.String()
}

// mustShowTheDemo holds README's picture of the demo against what it has printed: every line is there but for what is
// of its day: addresses, secrets, times, and what the picture leaves out.
func mustShowTheDemo(t *testing.T, shown string) {
	t.Helper()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, picture, found := strings.Cut(string(readme), "```\nOpening")
	picture, _, closed := strings.Cut("Opening"+picture, "```")
	if !found || !closed {
		t.Fatal("README does not show the demo")
	}
	lines := slices.DeleteFunc(strings.Split(picture, "\n"), func(line string) bool { return strings.TrimSpace(line) == "" })
	if len(lines) < 25 {
		t.Errorf("README shows %d lines of the demo", len(lines))
	}
	var parts []string
	for _, line := range lines {
		line, _, _ = strings.Cut(strings.TrimRight(line, "…"), "http")
		line, _, _ = strings.Cut(line, "(up in")
		line, _, _ = strings.Cut(line, "wharf_test_")
		line, _, _ = strings.Cut(line, "wharfs_")
		line, _, _ = strings.Cut(line, "/home/")
		line, _, _ = strings.Cut(line, "accepted in")
		if _, event, isEvent := strings.Cut(line, " ms  "); isEvent {
			line = event
		}
		parts = append(parts, strings.TrimSpace(line))
	}
	inOrder(t, shown, parts...)
}

func inOrder(t *testing.T, text string, parts ...string) {
	t.Helper()
	rest := text
	for _, part := range parts {
		_, after, found := strings.Cut(rest, part)
		if !found {
			t.Errorf("%q does not come in its place in\n%s", part, text)
			return
		}
		rest = after
	}
}

func TestServe(t *testing.T) {
	if testing.Short() {
		t.Skip("starts servers")
	}
	url := pgtest.NewURL(t)
	t.Setenv("DATABASE_URL", url)
	t.Setenv("WHARF_ALLOW_DATA_LOSS", "true") // the tests' server trades durability for speed

	t.Run("refuses a database that may lose orders", func(t *testing.T) {
		t.Setenv("WHARF_ALLOW_DATA_LOSS", "false")
		code, _, problems := wharf(t, "", "serve", "--addr=127.0.0.1:0")
		if code != exitFailed || !strings.Contains(problems, "--allow-data-loss") {
			t.Errorf("%d %s", code, problems)
		}
	})
	t.Run("refuses an empty database and names the remedy", func(t *testing.T) {
		t.Setenv("DATABASE_URL", pgtest.Empty(t))
		code, _, problems := wharf(t, "", "serve", "--addr=127.0.0.1:0")
		if code != exitFailed || !strings.Contains(problems, "wharf migrate up") {
			t.Errorf("%d %s", code, problems)
		}
	})
	t.Run("says that a port is taken", func(t *testing.T) {
		busy, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = busy.Close() }()
		code, _, problems := wharf(t, "", "serve", "--addr="+busy.Addr().String())
		if code != exitFailed || !strings.Contains(problems, "is taken by another program") || !strings.Contains(problems, "WHARF_ADDR") {
			t.Errorf("%d %s", code, problems)
		}
	})
	t.Run("makes the first administrator, answers, and ends cleanly", func(t *testing.T) {
		t.Setenv("WHARF_ADMIN_EMAIL", "ada@example.com")
		t.Setenv("WHARF_ADMIN_PASSWORD", "correct horse battery")
		t.Setenv("WHARF_PAYMENT_REMOTE_URL", "http://127.0.0.1:1/") // nobody is there, which keeps no shop from starting
		t.Setenv("WHARF_PAYMENT_REMOTE_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
		t.Setenv("WHARF_PAYMENT_REMOTE_NAME", "acme")
		p := start(t, "serve", "--addr=127.0.0.1:0", "--workers=false", "--log-format=json")
		var at string
		eventually(t, "it serves", func() bool { at = urlIn(p.err.String()); return at != "" })
		token := ask(t, at+"/graphql", "", `mutation { staffAccessTokenCreate(input: { email: "ada@example.com", password: "correct horse battery" }) { accessToken userErrors { code } } }`)
		if !strings.Contains(token, "wharfs_") {
			t.Errorf("signing in: %s", token)
		}
		if ways := ask(t, at+"/graphql", "", `{ paymentProviders { name } }`); !strings.Contains(ways, `"acme"`) {
			t.Errorf("the ways to pay are %s", ways)
		}
		for path, want := range map[string]int{"/livez": 200, "/readyz": 200, "/metrics": 200, "/ops/jobs/": 401, "/callbacks/payments/nobody": 405, "/callbacks/payments/acme": 405, "/images/skerry-mug-fog.svg": 404} {
			response, err := http.Get(at + path)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(response.Body)
			_ = response.Body.Close()
			if err != nil || response.StatusCode != want {
				t.Errorf("%s: %d, want %d, %v", path, response.StatusCode, want, err)
			}
			if figure := `wharf_payment_reconciliation_breaks{kind="STRAY_CHARGE",provider="test"} 0`; path == "/metrics" && !strings.Contains(string(body), figure) {
				t.Errorf("among the figures is no %s", figure)
			}
		}
		p.stops(syscall.SIGTERM)
		for _, secret := range []string{"correct horse", "ada@example.com", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"} {
			if strings.Contains(p.err.String(), secret) {
				t.Errorf("the log shows %q", secret)
			}
		}
	})
	t.Run("works without an API and reports", func(t *testing.T) {
		p := start(t, "work", "--log-format=json")
		eventually(t, "it works", func() bool { return strings.Contains(p.err.String(), "Wharf is working") })
		p.stops(syscall.SIGINT)
	})
}

// urlIn finds the address in the line that says that Wharf is serving.
func urlIn(log string) string {
	for line := range strings.Lines(log) {
		var entry struct{ Msg, URL string }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "Wharf is serving" {
			return entry.URL
		}
	}
	return ""
}

// A second signal does not wait for the request that the first one waits for.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a server")
	}
	t.Setenv("DATABASE_URL", pgtest.NewURL(t))
	t.Setenv("WHARF_ALLOW_DATA_LOSS", "true")
	p := start(t, "serve", "--addr=127.0.0.1:0", "--log-format=json")
	var at string
	eventually(t, "it serves", func() bool { at = urlIn(p.err.String()); return at != "" })
	slow, err := net.Dial("tcp", strings.TrimPrefix(at, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = slow.Close() }()
	if _, err := io.WriteString(slow, "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	// The server asks for the body when it has begun to wait for it.
	if line, err := bufio.NewReader(slow).ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatalf("the server does not wait for the body: %q, %v", line, err)
	}
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is ending", func() bool { return strings.Contains(p.err.String(), "Wharf is ending") })
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.exit(5 * time.Second)
	if status, ok := p.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGTERM {
		t.Errorf("it ended with %s, want by the signal", p.ProcessState)
	}
}

// safeBuffer takes what a process writes while a test reads it.
type safeBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
