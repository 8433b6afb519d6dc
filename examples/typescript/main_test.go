// Package typescript_test runs the example as a storefront's developer would: types that fit the schema, a strict
// compiler, and a shopper who buys something from a real server.
package typescript_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wharfhq/wharf/examples/internal/try"
	"github.com/wharfhq/wharf/graph"
)

// mustRun is set where the example has to run: what is missing then fails the test, which else skips it.
const mustRun = "WHARF_NODE"

func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv(mustRun) != "" {
		t.Fatal(what)
	}
	t.Skip(what + "; the example was not run")
}

func TestStorefront(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		missing(t, "there is no Node.js on this machine")
	}
	if _, err := os.Stat("node_modules"); err != nil {
		missing(t, "the example's packages are not installed: run npm ci in examples/typescript")
	}
	schema, err := graph.Introspection()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "schema.json")
	if err := os.WriteFile(file, schema, 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := run(t, []string{"WHARF_SCHEMA=" + file}, "node_modules/.bin/graphql-codegen", "--config", "codegen.ts", "--check"); err != nil {
		t.Fatalf("the generated types are not those of the schema (%v): see examples/typescript/README.md\n%s", err, said)
	}
	out := t.TempDir()
	if said, err := run(t, nil, "node_modules/.bin/tsc", "--outDir", filepath.Join(out, "dist")); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	// Node looks for packages beside the program and above it.
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"node_modules", "package.json"} {
		if err := os.Symlink(filepath.Join(here, name), filepath.Join(out, name)); err != nil {
			t.Fatal(err)
		}
	}
	shop := try.Open(t)
	shop.Goods(t, "lamp", "25.00", 3)
	server := "WHARF_URL=" + shop.URL + "/" // as wharf demo prints it
	if said, err := run(t, []string{server}, "node_modules/.bin/graphql-codegen", "--config", "codegen.ts", "--check"); err != nil {
		t.Fatalf("the schema of the server is not the one that the types are of (%v)\n%s", err, said)
	}
	said, err := run(t, []string{server}, "node", filepath.Join(out, "dist", "main.js"))
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	at := 0
	for _, want := range []string{
		"buying lamp for 25.00 USD", "placed #", "1 order.placed PENDING_PAYMENT", "2 payment.started PENDING_PAYMENT",
		"3 payment.declined", "payment.started", "payment.authorized", "order.confirmed CONFIRMED", "is CONFIRMED",
	} {
		i := strings.Index(said[at:], want)
		if i < 0 {
			t.Fatalf("%q does not follow in\n%s", want, said)
		}
		at += i + len(want)
	}
}

// run runs a program of the example and gives what it said.
func run(t *testing.T, environment []string, name string, arguments ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, name, arguments...) //nolint:gosec // the names are the test's own
	command.Env = append(os.Environ(), environment...)
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	err := command.Run()
	return said.String(), err
}
