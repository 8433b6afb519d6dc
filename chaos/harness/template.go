// Package harness runs the real Wharf under faults: a PostgreSQL of its own, as many processes of the binary as a
// proof wants, shoppers and staff who write down what they were told, and the comparison of that with the shop's
// database and with the payment provider's own books.
//
// It promises that everything it has started ends with it, also on kill -9 of the test, and that it ends nothing else.
// A run is seeded: the same seed plans the same orders. When a process answers is the machine's business.
package harness

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/pg/embedded"
)

// Template is a shop that was never opened: a binary with failpoints and a database with shelves that are full. Each
// proof runs on a copy of it.
type Template struct {
	Dir    string
	Binary string
	Staff  string // an API key that may do everything
}

// What is sold: plenty of most things, too little of one, and one for which many come at once.
const (
	Things = 12
	Rare   = 60  // units of RARE, in three stores
	Hot    = 100 // units of HOT, in three stores
)

// Prepare builds the binary from the module's folder and fills the shelves.
func Prepare(ctx context.Context, module, dir string) (*Template, error) {
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // the database's own user must be able to enter
		return nil, err
	}
	t := &Template{Dir: dir, Binary: filepath.Join(dir, "wharf")}
	build := exec.CommandContext(ctx, "go", "build", "-tags", "failpoint", "-o", t.Binary, ".")
	build.Dir = module
	if out, err := run(build); err != nil {
		return nil, fmt.Errorf("build wharf with failpoints: %w\n%s", err, out)
	}
	server, err := embedded.Start(ctx, embedded.Options{Dir: t.data()})
	if err != nil {
		return nil, err
	}
	defer stop(ctx, server)
	url := server.URL(embedded.Login)
	if err := t.fill(ctx, url); err != nil {
		return nil, err
	}
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	_, err = conn.PgConn().Exec(ctx, hurrySQL).ReadAll()
	return t, err
}

func (t *Template) data() string { return filepath.Join(t.Dir, "template") }

// How long orders stay open: long enough for a worker that was killed to be replaced, short enough that orders expire
// all the time. An operator may set no less than a minute. Stores ship, so that the scarce things are in three places.
const hurrySQL = `
alter table shop drop constraint shop_payment_deadline_seconds_check, drop constraint shop_action_deadline_seconds_check;
update shop set payment_deadline_seconds = 35, action_deadline_seconds = 4;
update location set ships_online = true`

// Sooner lets orders that nobody pays end sooner, so that a short proof is at rest sooner.
const Sooner = `update shop set payment_deadline_seconds = 14;`

func (t *Template) fill(ctx context.Context, url string) error {
	var products bytes.Buffer
	products.WriteString("Handle,Title,Variant SKU,Variant Price,Variant Inventory Qty\n")
	for i := range Things {
		fmt.Fprintf(&products, "thing-%02d,Thing %02d,THING-%02d,%d.%02d,1000000\n", i, i, i, 5+i*3, i*7)
	}
	products.WriteString("rare-thing,Rare thing,RARE,199.00,0\nhot-thing,Hot thing,HOT,49.00,0\n")
	var stores, stock bytes.Buffer
	stores.WriteString("[")
	stock.WriteString("Location,SKU,On hand\n")
	for i, hot := range []int{34, 33, 33} {
		if i > 0 {
			stores.WriteString(",")
		}
		fmt.Fprintf(&stores, `{"id": "S%d", "type": "Store", "name": "Store %d", "address": "%d Main St", "city": "Albany", "state": "NY", "zip": "12207", "location": {"lat": %d.65, "lon": -73.75}, "hours": "Mon-Sun: 8-20", "services": ["Pick-up"]}`, i, i, i+1, 42+i)
		fmt.Fprintf(&stock, "S%d,RARE,%d\nS%d,HOT,%d\n", i, Rare/3, i, hot)
	}
	stores.WriteString("]")
	for _, step := range []struct {
		file string
		text []byte
		args []string
	}{
		{args: []string{"migrate", "up"}},
		{"products.csv", products.Bytes(), []string{"import", "products"}},
		{"stores.json", stores.Bytes(), []string{"import", "locations"}},
		{"stock.csv", stock.Bytes(), []string{"import", "stock"}},
		{args: []string{"key", "create", "--name=Chaos"}},
	} {
		if step.file != "" {
			path := filepath.Join(t.Dir, step.file)
			if err := os.WriteFile(path, step.text, 0o600); err != nil {
				return err
			}
			step.args = append(step.args, path)
		}
		cmd := exec.CommandContext(ctx, t.Binary, step.args...)
		cmd.Env = environment("DATABASE_URL=" + url)
		out, err := run(cmd)
		if err != nil {
			return fmt.Errorf("wharf %s: %w\n%s", strings.Join(step.args, " "), err, out)
		}
		t.Staff = lastLine(out) // of the last step
	}
	return nil
}

func lastLine(text []byte) string {
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return lines[len(lines)-1]
}

// run runs a program to its end; it is killed with us.
func run(cmd *exec.Cmd) ([]byte, error) {
	runtime.LockOSThread() // the kernel watches the thread that has started it
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = attributes()
	return cmd.CombinedOutput()
}

// environment is that of this process without what is said there about Wharf, and with more.
func environment(more ...string) []string {
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "DATABASE_URL=") && (!strings.HasPrefix(v, "WHARF_") || strings.HasPrefix(v, "WHARF_PG_")) {
			env = append(env, v)
		}
	}
	return append(env, more...)
}

func stop(ctx context.Context, server *embedded.Server) {
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	_ = server.Stop(stopping)
}
