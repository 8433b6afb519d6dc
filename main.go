// Wharf is a headless commerce API: one binary and one PostgreSQL serve catalog, cart, checkout and orders over
// GraphQL. This file reads what it is told to do; each group of commands has a file of its own.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// How a command ends. Scripts rely on these numbers.
const (
	exitDone   = 0
	exitFailed = 1 // it did not work, or `wharf verify` found a violation
	exitMisuse = 2 // wrong flags or arguments, or `wharf verify` could not look
)

const description = `Headless commerce: catalog, cart, checkout and orders over GraphQL, from one binary and one PostgreSQL.

Try it:

  $ wharf demo                       a whole shop on this machine, in seconds
  $ curl http://127.0.0.1:8080/      its explorer, with examples

Run your own:

  $ export DATABASE_URL=postgres://wharf@db.internal/shop
  $ wharf migrate up
  $ wharf import products products.csv
  $ wharf staff create --email=you@example.com --role=admin
  $ wharf serve --addr=:8080

Without DATABASE_URL Wharf runs a PostgreSQL of its own in the folder WHARF_DATA. Every flag can be given by the
variable that stands behind it.`

// commands is everything the binary can do.
type commands struct {
	Logging `embed:"" group:"Logging:"`

	Serve   serveCommand   `cmd:"" help:"Serve the API and run the background work."`
	Work    workCommand    `cmd:"" help:"Run only the background work, beside processes that serve."`
	Demo    demoCommand    `cmd:"" help:"Open a demo shop with products, stores and an order, and serve it."`
	Migrate migrateCommand `cmd:"" help:"Bring the database's schema up to date, or back."`
	Import  importCommand  `cmd:"" help:"Bring products or locations into the shop from a file."`
	Staff   staffCommand   `cmd:"" help:"Manage the shop's staff."`
	Key     keyCommand     `cmd:"" help:"Manage partners' API keys."`
	Rebuild rebuildCommand `cmd:"" help:"Make anew what is made of other things."`
	Verify  verifyCommand  `cmd:"" help:"Check everything that must always be true, and say where it is not."`
	Schema  schemaCommand  `cmd:"" help:"Print the API's GraphQL schema."`

	Version kong.VersionFlag `help:"Print the version." short:"V"`
}

func main() {
	ctx, stop := untilSignal()
	defer stop()
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// untilSignal gives a context that ends with the first SIGINT or SIGTERM. From then on a signal does what it does to
// any program: the second one ends it at once.
func untilSignal() (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// run does one command and gives its exit code. Tests call it as main does.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var cli commands
	term := newTerminal(stdin, stdout, stderr)
	exit := -1
	parser, err := kong.New(&cli,
		kong.Name("wharf"),
		kong.Description(description),
		kong.Vars{"version": version(), "data": defaultDataFolder()},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exit = code; panic(exited{}) }),
	)
	if err != nil {
		fmt.Fprintln(stderr, "wharf:", err)
		return exitFailed
	}
	parsed, err := parse(parser, args)
	if exit >= 0 { // --help and --version have answered
		return exit
	}
	if err != nil {
		term.problem(err)
		fmt.Fprintln(stderr, "See: wharf --help, or wharf <command> --help.")
		return exitMisuse
	}
	if cli.LogLevel == "" && !strings.HasPrefix(parsed.Command(), "serve") && !strings.HasPrefix(parsed.Command(), "work") {
		cli.LogLevel = "warn" // a person reads what these commands say
	}
	log, err := cli.logger(term)
	if err != nil {
		term.problem(err)
		return exitMisuse
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	return ended(term, parsed.Run(&term, log))
}

// exited carries the end of a command that has answered while its arguments were read.
type exited struct{}

func parse(parser *kong.Kong, args []string) (parsed *kong.Context, err error) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(exited); !ok {
				panic(r)
			}
		}
	}()
	return parser.Parse(args)
}

// ended turns a command's error into words and an exit code.
func ended(term terminal, err error) int {
	var coded exitError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &coded):
		if coded.err != nil {
			term.problem(coded.err)
		}
		return coded.code
	}
	term.problem(err)
	return exitFailed
}

// exitError is an error that decides about the exit code; without err everything has been said.
type exitError struct {
	code int
	err  error
}

func (e exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e exitError) Unwrap() error { return e.err }

// version is the module's version, or the commit that it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return "devel-" + setting.Value[:min(12, len(setting.Value))]
		}
	}
	return "devel"
}
