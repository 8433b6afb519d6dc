package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/demo"
	"github.com/wharfhq/wharf/internal/notifications"
	"github.com/wharfhq/wharf/internal/partners"
	"github.com/wharfhq/wharf/migrations"
)

type demoCommand struct {
	Running `embed:""`
	Web     `embed:"" group:"Web:"`
	NoOrder bool `help:"Do not place an order at the start."`
}

// Help shows what the demo does.
func (demoCommand) Help() string {
	return `Opens Fennwick Harbor Supply: 60 products with 163 variants, 12 stores and their stock, loaded through the importers that
any shop uses. It prints the URL, an API key, a staff token and calls to try, places an order like any client would
and prints its events as they come. A second start has the data of the first.

What is printed is in demo.json in the data folder too, written anew at every start.

Examples:

  $ wharf demo
  $ wharf demo --addr=127.0.0.1:0 --data=/tmp/wharf-demo`
}

// Run opens the demo shop and serves it until it is told to stop.
func (c *demoCommand) Run(ctx context.Context, term *terminal, log *slog.Logger) error {
	began := time.Now()
	if c.Env == "production" {
		return exitError{exitMisuse, errors.New("the demo pays with the test provider, which production does not have: unset WHARF_ENV")}
	}
	if err := c.migrateEmpty(ctx); err != nil {
		return err
	}
	term.say("%s", term.faint("Opening "+demo.ShopName+" …"))
	show := showing{term}
	var given credentials
	p, err := c.begin(ctx, term, log, beginning{
		app: "wharf demo", web: &c.Web, workers: true, sender: show,
		mounts: map[string]http.Handler{"/images/": demo.Images(), "/media/": demo.Media()},
		prepare: func(ctx context.Context, p *process) (err error) {
			if err := openDemo(ctx, term, p); err != nil {
				return err
			}
			given, err = c.credentials(ctx, p)
			return err
		},
	})
	if err != nil {
		return quietly(ctx, err)
	}
	if err := c.present(ctx, term, p, given, time.Since(began)); err != nil {
		p.end(ctx)
		return quietly(ctx, err)
	}
	var placed placement
	if !c.NoOrder {
		client := demoClient{url: p.url + "/graphql", term: term}
		if placed, err = client.order(ctx); err != nil && ctx.Err() == nil {
			term.problem(fmt.Errorf("the demo's own order: %w", err))
		}
	}
	if err := c.explain(ctx, p, placed); err != nil && ctx.Err() == nil {
		term.problem(err)
	}
	if ctx.Err() == nil {
		term.say("\n%s", term.faint("Serving until you press Ctrl-C."))
	}
	return p.untilEnd(ctx)
}

// migrateEmpty lets the demo fill a given database that has nothing in it. One that holds a shop has an operator, who
// decides when it is migrated.
func (c *demoCommand) migrateEmpty(ctx context.Context) error {
	if c.URL == "" || c.Migrate {
		return nil
	}
	state, err := migrations.Status(ctx, c.URL)
	if err != nil {
		return explain(err)
	}
	c.Migrate = state.Version == 0
	return nil
}

// credentials are what opens the demo shop. They are made anew at every start, since only their hashes are kept.
type credentials struct {
	URL        string     `json:"url"`
	GraphQLURL string     `json:"graphqlUrl"`
	APIKey     string     `json:"apiKey"`
	StaffToken string     `json:"staffToken"`
	StaffEmail string     `json:"staffEmail"`
	Calls      []demoCall `json:"calls"`
}

// demoKeyLasts is how long a demo's key is valid: every start makes one, and old ones should not pile up as open doors.
const demoKeyLasts = 30 * 24 * time.Hour

func (c *demoCommand) credentials(ctx context.Context, p *process) (credentials, error) {
	ends := time.Now().Add(demoKeyLasts)
	_, key, err := p.shop.Partners.CreateKey(ctx, access.SystemActor, partners.KeyCreateInput{
		Name: "wharf demo", Scopes: access.AllScopes().Strings(), ExpiresAt: &ends,
	})
	if err != nil {
		return credentials{}, fmt.Errorf("make the demo's API key: %w", err)
	}
	token, email, err := demoStaff(ctx, p.shop.Partners)
	if err != nil {
		return credentials{}, fmt.Errorf("make the demo's staff token: %w", err)
	}
	return credentials{APIKey: key, StaffToken: token, StaffEmail: email}, nil
}

// explain fills the explorer's tabs. A key stands in the page only where the page is served to this machine alone.
func (c *demoCommand) explain(ctx context.Context, p *process, placed placement) error {
	key := ""
	if host, _, err := net.SplitHostPort(c.Addr); err == nil && (host == "localhost" || net.ParseIP(host).IsLoopback()) {
		ends := time.Now().Add(demoKeyLasts)
		if _, key, err = p.shop.Partners.CreateKey(ctx, access.SystemActor, partners.KeyCreateInput{
			Name: "wharf demo, the explorer", Scopes: []string{"orders:read"}, ExpiresAt: &ends,
		}); err != nil {
			return fmt.Errorf("make the explorer's key: %w", err)
		}
	}
	examples, err := demoExamples(ctx, p, placed, key)
	if err != nil {
		return err
	}
	return p.server.ShowExamples(examples)
}

// present says where the shop is and how to get in, on the terminal and in demo.json.
func (c *demoCommand) present(ctx context.Context, term *terminal, p *process, given credentials, took time.Duration) error {
	given.URL, given.GraphQLURL = p.url+"/", p.url+"/graphql"
	given.Calls = demoCalls(given)
	if err := answers(ctx, p.url+"/readyz"); err != nil {
		return fmt.Errorf("the demo does not answer: %w", err)
	}
	file, err := writeDemoFile(c.Data, given)
	if err != nil {
		return err
	}
	term.say("\n%s is open %s\n", term.bold(demo.ShopName), term.faint(fmt.Sprintf("(up in %.1f s)", took.Seconds())))
	for _, line := range [][2]string{
		{"Explorer", given.URL},
		{"GraphQL", given.GraphQLURL},
		{"Jobs", p.url + "/ops/jobs/ (the password is the staff token)"},
		{"API key", given.APIKey},
		{"Staff token", given.StaffToken},
		{"Also in", file},
	} {
		term.say("  %s %s", term.faint(fmt.Sprintf("%-12s", line[0])), term.cyan(line[1]))
	}
	term.say("\n%s", term.bold("Three calls to try"))
	for i, call := range given.Calls {
		term.say("\n  %d. %s\n\n%s", i+1, call.Title, indented(call.Command))
	}
	return nil
}

// answers waits until the server answers over its own port, as any client would find it.
func answers(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := demoHTTP.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, response.Status)
	}
	return nil
}

// writeDemoFile replaces demo.json as a whole: whoever reads it sees the old one or the new one. It opens the shop,
// so only its owner may read it.
func writeDemoFile(dir string, given credentials) (string, error) {
	text, err := json.MarshalIndent(given, "", "  ")
	if err != nil {
		return "", fmt.Errorf("write demo.json: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil { // with DATABASE_URL nobody else has made it
		return "", fmt.Errorf("make the folder of demo.json: %w", err)
	}
	fresh, err := os.CreateTemp(dir, ".demo-*.json")
	if err != nil {
		return "", fmt.Errorf("write demo.json: %w", err)
	}
	_, err = fresh.Write(append(text, '\n'))
	err = errors.Join(err, fresh.Sync(), fresh.Close())
	path := filepath.Join(dir, "demo.json")
	if err == nil {
		err = os.Rename(fresh.Name(), path)
	}
	if err != nil {
		_ = os.Remove(fresh.Name())
		return "", fmt.Errorf("write demo.json: %w", err)
	}
	return path, nil
}

// showing shows messages to shoppers between the demo's lines: to whom and what about. A letter about an account is shown
// whole, since its link is the only way on; that of an order would hide the order's own lines.
type showing struct{ term *terminal }

// Send shows that a message would have been sent.
func (s showing) Send(_ context.Context, m notifications.Message) error {
	s.term.say("%s", s.term.faint(shownLetter(m)))
	return nil
}

func shownLetter(m notifications.Message) string {
	shown := "  ✉  to " + plain(m.To) + ": " + plain(m.Subject)
	if m.Order != "" {
		return shown
	}
	for line := range strings.Lines(strings.TrimSpace(m.Text)) {
		shown += "\n     │ " + plain(line)
	}
	return shown
}
