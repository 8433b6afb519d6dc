package main

import (
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/pg/embedded"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

// shopDatabase points the commands of a test at a fresh database.
func shopDatabase(t *testing.T) {
	t.Helper()
	t.Setenv("DATABASE_URL", pgtest.NewURL(t))
	t.Setenv("WHARF_ALLOW_DATA_LOSS", "true") // the tests' server trades durability for speed
}

func TestHelpTeaches(t *testing.T) {
	t.Parallel()
	code, out, problems := wharf(t, "", "--help")
	if code != exitDone || problems != "" {
		t.Errorf("--help: %d %s", code, problems)
	}
	for _, want := range []string{"wharf demo", "DATABASE_URL", "migrate", "verify"} {
		if !strings.Contains(out, want) {
			t.Errorf("--help does not tell about %q", want)
		}
	}
	for _, command := range []string{"serve", "work", "demo", "verify", "schema", "import products", "import locations", "import stock", "rebuild listing", "staff create", "key create"} {
		code, out, _ := wharf(t, "", append(strings.Fields(command), "--help")...)
		if code != exitDone || !strings.Contains(out, "$ ") {
			t.Errorf("wharf %s --help has no example: %d %s", command, code, out)
		}
	}
	if code, out, _ := wharf(t, "", "--version"); code != exitDone || strings.TrimSpace(out) == "" {
		t.Errorf("--version: %d %q", code, out)
	}
}

// TestEveryFieldOfALocationIsToldOf where somebody looks who writes such a file: in the command's help, and in the manual.
func TestEveryFieldOfALocationIsToldOf(t *testing.T) {
	t.Parallel()
	_, help, _ := wharf(t, "", "import", "locations", "--help")
	manual, err := os.ReadFile("docs/inventory.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range inventory.LocationFields() {
		if !regexp.MustCompile(`\b` + field + `\b`).MatchString(help) {
			t.Errorf("the help does not tell of %s", field)
		}
		if !strings.Contains(string(manual), "`"+field+"`") {
			t.Errorf("docs/inventory.md does not tell of %s", field)
		}
	}
}

// TestEverySettingIsInTheManual: whoever runs a shop reads docs/operating.md, not the help of each command.
func TestEverySettingIsInTheManual(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile("docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	var cli commands
	parser, err := kong.New(&cli, kong.Vars{"version": "", "data": ""})
	if err != nil {
		t.Fatal(err)
	}
	settings := []string{embedded.BinEnv, embedded.DownloadEnv}
	if err := kong.Visit(parser.Model, func(node kong.Visitable, next kong.Next) error {
		if flag, ok := node.(*kong.Flag); ok {
			settings = append(settings, flag.Envs...)
		}
		return next(nil)
	}); err != nil {
		t.Fatal(err)
	}
	if len(settings) < 20 {
		t.Fatalf("only %d settings were found", len(settings))
	}
	for _, name := range settings {
		if !strings.Contains(string(manual), "`"+name+"`") {
			t.Errorf("docs/operating.md does not tell of %s", name)
		}
	}
}

const remoteSecret = "--payment-remote-secret=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// adyenAccount is an account at Adyen with all that it needs.
var adyenAccount = []string{
	"--adyen-api-key=AQE", "--adyen-merchant-account=Shop", "--adyen-return-url=https://shop.example/paid",
	"--adyen-hmac-keys=44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056",
}

func TestMisuse(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no command":          {nil, "expected one of"},
		"unknown command":     {[]string{"fly"}, "unexpected argument fly"},
		"unknown flag":        {[]string{"serve", "--speed=high"}, "--speed"},
		"a pool too small":    {[]string{"serve", "--pool=2"}, "--pool is 4 or more"},
		"an unknown level":    {[]string{"schema", "--log=loud"}, "debug, info, warn, error"},
		"no such file":        {[]string{"import", "products", "/no/such/file.csv"}, "there is no file /no/such/file.csv"},
		"a folder":            {[]string{"import", "locations", os.TempDir()}, "is a folder"},
		"an unusable URL":     {[]string{"serve", "--url=shop.example"}, "https://api.example.com"},
		"no port":             {[]string{"serve", "--addr=localhost"}, "127.0.0.1:8080"},
		"wrong rate limit":    {[]string{"serve", "--rate-limit=maybe"}, "rate-limit"},
		"jobs soon forgotten": {[]string{"work", "--jobs-kept=1s"}, "--jobs-kept 1s is less than 1m0s"},
		"demo in production":  {[]string{"demo", "--env=production"}, "test provider"},

		"a payment provider without a secret":  {[]string{"serve", "--addr=127.0.0.1:0", "--payment-remote-url=https://pay.example.com/"}, "WHARF_PAYMENT_REMOTE_SECRET: a secret is whsec_"},
		"a payment provider inside":            {[]string{"serve", "--addr=127.0.0.1:0", "--payment-remote-url=https://10.0.0.1/", remoteSecret}, "WHARF_PAYMENT_REMOTE_URL: the address leads inward"},
		"a payment provider in plain text":     {[]string{"work", "--payment-remote-url=http://pay.example.com/", remoteSecret}, "begins with https://"},
		"a live payment provider here":         {[]string{"work", "--env=production", "--payment-remote-url=http://127.0.0.1:8090/", remoteSecret}, "begins with https://"},
		"a payment provider named test":        {[]string{"work", "--payment-remote-name=test", "--payment-remote-url=https://pay.example.com/", remoteSecret}, "test is another provider's name"},
		"a payment provider of a strange name": {[]string{"work", "--payment-remote-name=Acme Pay", "--payment-remote-url=https://pay.example.com/", remoteSecret}, "is no name of a payment provider"},

		"a payment provider of a name only":    {[]string{"work", "--payment-remote-name=acme"}, "WHARF_PAYMENT_REMOTE_URL is not"},
		"half a payment provider":              {[]string{"work", remoteSecret}, "WHARF_PAYMENT_REMOTE_URL is not"},
		"a limit of nobody":                    {[]string{"serve", "--addr=127.0.0.1:0", "--payment-limits=card:USD:0.50:10000.00"}, `WHARF_PAYMENT_LIMITS: the shop has no payment provider "card", only manual, test`},
		"a limit of a provider not plugged in": {[]string{"work", "--payment-limits=stripe:USD:0.50:10000.00"}, `no payment provider "stripe"`},
		"a limit of the test provider":         {[]string{"work", "--env=production", "--payment-limits=test:USD::100"}, `no payment provider "test", only manual`},
		"a limit below 0":                      {[]string{"work", "--payment-limits=manual:USD:-1:500.00"}, "WHARF_PAYMENT_LIMITS: the limit \"manual:USD:-1:500.00\": a bound is not below 0"},
		"a limit upside down":                  {[]string{"work", "--payment-limits=manual:USD:500:100"}, "its least is above its most"},
		"a limit of no currency":               {[]string{"work", "--payment-limits=manual:usd::500.00"}, `unknown currency "usd"`},

		"no Stripe key":             {[]string{"serve", "--stripe-key=pk_live_x", "--stripe-return-url=https://shop.example"}, "the Stripe key is no secret key"},
		"no way back from the bank": {[]string{"serve", "--stripe-key=sk_live_x"}, "return URL"},
		"test cards for real": {
			[]string{"work", "--env=production", "--stripe-key=sk_test_x", "--stripe-return-url=https://shop.example"}, "--stripe-key is a test key",
		},
		"real cards for play": {
			[]string{"serve", "--stripe-key=sk_live_x", "--stripe-return-url=https://shop.example"}, "--stripe-key is a live key",
		},
		"a restricted key for play": {
			[]string{"work", "--stripe-key=rk_live_x", "--stripe-return-url=https://shop.example"}, "--stripe-key is a live key",
		},
		"somebody else's Stripe": {
			[]string{"work", "--env=production", "--stripe-key=sk_live_x", "--stripe-return-url=https://shop.example", "--stripe-api=http://127.0.0.1:8090"},
			"--stripe-api is for tests",
		},

		"Adyen in plain text":     {append([]string{"work", "--env=production", "--adyen-url=http://checkout.example.com/v71"}, adyenAccount...), "begins with https://"},
		"Adyen's test for real":   {append([]string{"work", "--env=production", "--adyen-url=https://checkout-test.adyen.com/v71"}, adyenAccount...), "checkout-test.adyen.com is a test environment"},
		"another test for real":   {append([]string{"work", "--env=production", "--adyen-url=https://PAL-TEST.adyen.com/v71"}, adyenAccount...), "is a test environment"},
		"a live prefix for tests": {append([]string{"work", "--adyen-live-prefix=1797a841fbb37ca7-Shop"}, adyenAccount...), "a live address belongs to a live shop"},
		"no Adyen key":            {[]string{"work", "--adyen-url=https://checkout.example.com/v71"}, "WHARF_ADYEN_API_KEY is not"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, problems := wharf(t, "", c.args...)
			if code != exitMisuse || !strings.Contains(problems, c.want) || out != "" {
				t.Errorf("exit %d, out %q, problems %q; want 2 and %q", code, out, problems, c.want)
			}
		})
	}
}

func TestUnreachableDatabaseNamesTheRemedy(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	for name, c := range map[string]struct {
		url, want string
		hidden    string
	}{
		"nobody there": {"postgres://wharf:hunter2@" + address + "/shop", "check DATABASE_URL", "hunter2"},
		"no address":   {"postgres://wharf:hunter2@%zz/shop", "DATABASE_URL is no PostgreSQL address", "hunter2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("DATABASE_URL", c.url)
			code, _, problems := wharf(t, "", "migrate", "status")
			if code != exitFailed || !strings.Contains(problems, c.want) || strings.Contains(problems, c.hidden) {
				t.Errorf("%d %s", code, problems)
			}
		})
	}
}

func TestMigrate(t *testing.T) {
	t.Setenv("DATABASE_URL", pgtest.Empty(t))
	t.Setenv("WHARF_ALLOW_DATA_LOSS", "true")
	code, _, problems := wharf(t, "", "migrate", "status")
	if code != exitFailed || !strings.Contains(problems, "wharf migrate up") {
		t.Errorf("status of an empty database: %d %s", code, problems)
	}
	if code, out, problems := wharf(t, "", "migrate", "up"); code != exitDone || !strings.HasPrefix(out, "Applied ") {
		t.Errorf("up: %d %s%s", code, out, problems)
	}
	if code, out, _ := wharf(t, "", "migrate", "up"); code != exitDone || !strings.HasPrefix(out, "The database is up to date") {
		t.Errorf("up again: %d %s", code, out)
	}
	if code, _, problems := wharf(t, "", "migrate", "down"); code != exitMisuse || !strings.Contains(problems, "--yes") {
		t.Errorf("down without --yes: %d %s", code, problems)
	}
	if code, out, _ := wharf(t, "", "migrate", "status"); code != exitDone || strings.Contains(out, "missing") {
		t.Errorf("a refused down changed something: %d %s", code, out)
	}
	if code, out, problems := wharf(t, "", "migrate", "down", "--yes", "--steps=2"); code != exitDone || out != "Took back 2 migrations.\n" {
		t.Errorf("down: %d %s%s", code, out, problems)
	}
	if code, out, _ := wharf(t, "", "migrate", "status"); code != exitFailed || strings.Count(out, "missing ") != 2 {
		t.Errorf("status after down: %d %s", code, out)
	}
	if code, out, problems := wharf(t, "", "migrate", "down", "--yes", "--steps=1000"); code != exitDone {
		t.Errorf("down to nothing: %d %s%s", code, out, problems)
	}
}

const smallCatalog = "Handle,Title,Variant Price,Variant Inventory Qty,Box Color\nlamp,Lamp,20.00,5,red\nmug,Mug,9.50,3,blue\n"

func TestImport(t *testing.T) {
	shopDatabase(t)
	file := filepath.Join(t.TempDir(), "products.csv")
	if err := os.WriteFile(file, []byte(smallCatalog), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, problems := wharf(t, "", "import", "products", file)
	if code != exitDone || !strings.Contains(out, "products: 2 created") || !strings.Contains(out, "stock figures applied: 2") ||
		!strings.Contains(out, "columns ignored: Box Color") || problems != "" {
		t.Errorf("import: %d %s%s", code, out, problems)
	}
	if code, out, _ := wharf(t, smallCatalog, "import", "products", "-"); code != exitDone || !strings.Contains(out, "nothing changed") {
		t.Errorf("the same again, from the input: %d %s", code, out)
	}
	broken := "Handle,Title,Variant Price\nlamp,Lamp,20.00\nmug,Mug,cheap\nbowl,Bowl,-1\n"
	code, out, problems = wharf(t, broken, "import", "products", "-")
	if code != exitFailed || out != "" || !strings.Contains(problems, "nothing was changed") || !strings.Contains(problems, "row 3") || !strings.Contains(problems, "row 4") {
		t.Errorf("a broken file: %d %s%s", code, out, problems)
	}
	stores := `[{"id": "S1", "name": "Pier", "address": "1 Pier", "city": "Portland", "state": "ME", "zip": "04101", "location": {"lat": 43.6, "lon": -70.2}}]`
	if code, out, problems := wharf(t, stores, "import", "locations", "-"); code != exitDone || !strings.Contains(out, "1 created") {
		t.Errorf("locations: %d %s%s", code, out, problems)
	}
	if code, out, problems := wharf(t, "Location,Handle,On hand\nS1,lamp,4\n", "import", "stock", "-"); code != exitDone || out != "stock figures applied: 1\n" {
		t.Errorf("stock: %d %s%s", code, out, problems)
	}
	if code, out, problems := wharf(t, "", "verify", "--rest"); code != exitDone || !strings.Contains(out, "Nothing is wrong.") {
		t.Errorf("verify: %d %s%s", code, out, problems)
	}
}

// The demo must not mix its catalog into somebody's shop.
func TestRebuildListing(t *testing.T) {
	shopDatabase(t)
	const products = "Handle,Title,Variant Price\nlamp,Lamp,10\nchair,Chair,20\n"
	if code, _, problems := wharf(t, products, "import", "products", "--migrate", "-"); code != exitDone {
		t.Fatal(problems)
	}
	for range 2 { // the second makes the copy anew that the first has replaced
		if code, out, problems := wharf(t, "", "rebuild", "listing"); code != exitDone || !strings.HasPrefix(out, "2 products listed anew in ") {
			t.Errorf("%d %q %s", code, out, problems)
		}
	}
}

func TestDemoRefusesAForeignShop(t *testing.T) {
	shopDatabase(t)
	if code, _, problems := wharf(t, smallCatalog, "import", "products", "-"); code != exitDone {
		t.Fatal(problems)
	}
	code, out, problems := wharf(t, "", "demo", "--addr=127.0.0.1:0", "--data="+t.TempDir())
	if code != exitFailed || !strings.Contains(problems, "holds another shop") || strings.Contains(out, "Loaded") {
		t.Errorf("%d %s%s", code, out, problems)
	}
	if code, out, _ := wharf(t, smallCatalog, "import", "products", "-"); code != exitDone || !strings.Contains(out, "nothing changed") {
		t.Errorf("the shop has changed: %s", out)
	}
}

func TestStaffAndKeys(t *testing.T) {
	shopDatabase(t)
	code, out, problems := wharf(t, "", "staff", "create", "--email=ada@example.com")
	if code != exitDone || !strings.Contains(out, "ada@example.com is admin now") || !strings.Contains(out, "Password (shown this once): ") {
		t.Errorf("staff create: %d %s%s", code, out, problems)
	}
	if code, out, problems := wharf(t, "", "staff", "create", "--email=ada@example.com"); code != exitFailed || !strings.Contains(problems, "already") || strings.Contains(out, "Password") {
		t.Errorf("the same again: %d %s%s", code, out, problems)
	}
	if code, out, problems := wharf(t, "correct horse battery\n", "staff", "create", "--email=kim@example.com", "--role=support", "--password-stdin"); code != exitDone || strings.Contains(out, "correct horse") {
		t.Errorf("with a password from the input: %d %s%s", code, out, problems)
	}
	if code, _, problems := wharf(t, "short\n", "staff", "create", "--email=lee@example.com", "--password-stdin"); code != exitFailed || !strings.Contains(problems, "characters") {
		t.Errorf("a short password: %d %s", code, problems)
	}
	if code, _, problems := wharf(t, "", "staff", "create", "--email=pat@example.com", "--role=picker", "--location=Nowhere"); code != exitMisuse || !strings.Contains(problems, `no location "Nowhere"`) {
		t.Errorf("an unknown location: %d %s", code, problems)
	}

	code, out, problems = wharf(t, "", "key", "create", "--name=Sync", "--scope=orders:read,inventory:write")
	if code != exitDone || !strings.HasPrefix(out, "wharf_test_") || strings.Count(out, "\n") != 1 || !strings.Contains(problems, "shown this once") {
		t.Errorf("key create: %d %q %q", code, out, problems)
	}
	if strings.Contains(problems, strings.TrimSpace(out)) {
		t.Error("the key is on the error output too")
	}
	if code, out, _ := wharf(t, "", "key", "create", "--name=Sync", "--env=production"); code != exitDone || !strings.HasPrefix(out, "wharf_live_") {
		t.Errorf("a key for production: %d %s", code, out)
	}
	if code, out, problems := wharf(t, "", "key", "create", "--name=Sync", "--expires=-720h"); code != exitMisuse || out != "" || !strings.Contains(problems, "--expires") {
		t.Errorf("a key that has ended: %d %s%s", code, out, problems)
	}
	if code, out, problems := wharf(t, "", "key", "create", "--name=Sync", "--scope=everything"); code != exitFailed || out != "" || !strings.Contains(problems, "everything") {
		t.Errorf("an unknown scope: %d %s%s", code, out, problems)
	}
}

func TestVerifySaysWhenItCannotLook(t *testing.T) {
	t.Setenv("DATABASE_URL", pgtest.Empty(t))
	if code, _, problems := wharf(t, "", "verify"); code != exitMisuse || !strings.Contains(problems, "wharf migrate up") {
		t.Errorf("%d %s", code, problems)
	}
}

// A wrong folder is no empty shop that is in order.
func TestVerifyWantsAShop(t *testing.T) {
	t.Setenv("DATABASE_URL", "")
	dir := filepath.Join(t.TempDir(), "nowhere")
	for _, command := range []string{"verify", "migrate status"} {
		code, out, problems := wharf(t, "", append(strings.Fields(command), "--data="+dir)...)
		if code == exitDone || out != "" || !strings.Contains(problems, "there is no shop in "+dir) || !strings.Contains(problems, "WHARF_DATA") {
			t.Errorf("%s: %d %s%s", command, code, out, problems)
		}
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("looking made the folder: %v", err)
	}
}

func TestSchema(t *testing.T) {
	t.Parallel()
	code, out, _ := wharf(t, "", "schema")
	if code != exitDone || !strings.Contains(out, "orderPlace(") || !strings.Contains(out, "type Subscription") {
		t.Errorf("schema: %d, %d bytes", code, len(out))
	}
	code, out, _ = wharf(t, "", "schema", "--json")
	var result struct {
		Data struct {
			Schema struct {
				QueryType struct{ Name string }
				Types     []struct{ Name string }
			} `json:"__schema"`
		}
	}
	if err := json.Unmarshal([]byte(out), &result); err != nil || code != exitDone {
		t.Fatalf("schema --json: %d %v", code, err)
	}
	if result.Data.Schema.QueryType.Name != "Query" || len(result.Data.Schema.Types) < 50 {
		t.Errorf("the introspection result has %d types", len(result.Data.Schema.Types))
	}
}

func TestProblemListsAll(t *testing.T) {
	t.Parallel()
	err := errors.Join(fault.New(fault.Invalid, "A", "The name is empty."), fault.New(fault.Invalid, "B", "The role is unknown."))
	if got := message(err); got != "The name is empty.\nThe role is unknown." {
		t.Errorf("message = %q", got)
	}
}
