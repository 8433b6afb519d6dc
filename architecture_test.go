package main_test

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/wharfhq/wharf"

// The tiers of internal/, from the bottom up. A package imports from tiers below its own; what a tier may see of its
// own is said in mayImport.
var (
	kit = []string{
		"access", "address", "answers", "attribute", "clock", "contact", "demo", "event", "failpoint", "fault", "id", "idempotency",
		"input", "live", "locale", "media", "money", "observe", "operations", "pg", "pg/embedded", "pg/pgtest", "position", "remote", "richtext",
		"scalar", "searchsyntax", "together",
	}
	things    = []string{"catalog", "content", "customers", "partners", "orders", "settings"}
	rules     = []string{"inventory", "pricing", "promotions", "tax"}
	flows     = []string{"cart", "files", "payment", "fulfillment", "search"}
	longFlows = []string{"checkout", "privacy", "returns"}
	reactions = []string{"webhooks", "notifications"}
)

// forTests are the packages that only tests import, and each other.
var forTests = []string{"internal/shoptest", "internal/pg/pgtest", "internal/payment/paymenttest", "examples/internal/try"}

// outside are the packages that play the world around a shop: tests, the chaos run and the examples meet them, and no
// shop is built with them.
var outside = []string{"internal/payment/simulator"}

// advice says what to do instead of the import that a rule refuses.
var advice = map[string]string{
	"kit":       "the kit knows nothing of a shop: pass the value or a function in, or move the code up to the domain that owns the idea",
	"things":    "things do not know each other: keep the other thing's id, and let a rule or a flow bring the two together",
	"rules":     "rules know things and the kit: let the flow that needs both call both",
	"flows":     "flows know rules and things, and report to orders; what needs two flows belongs in checkout or returns",
	"longflows": "long flows compose flows, rules and things; shared code belongs below them",
	"reactions": "reactions follow events of things; do not call them from a domain, add a line to jobs/on.go",
	"vendor":    "a vendor knows the interface above it and the kit; what it needs more is passed in by main",
	"shop":      "only graph, jobs, main and tests see the whole shop; a domain gets what it needs through New",
	"plugged":   "main alone names the vendors that are plugged in: pass the interface in, and add a line to the list in shop.go of the main package",
	"tests":     "this package is for tests, which are in files named _test.go: production code must not need it",
	"outside":   "the simulator is the world outside a shop: only tests, chaos and examples meet it, a shop never holds it",
	"library":   "this library has one home: River in jobs, migrations and main; gqlgen and gorilla/websocket in graph (the demo's client in main); golang-migrate in migrations",
}

func TestWhoMayImportWhom(t *testing.T) {
	for _, p := range packages(t) {
		name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		for _, imported := range p.Imports {
			if rule := refused(name, imported); rule != "" {
				t.Errorf("%s imports %s.\n\tInstead: %s.", called(name), strings.TrimPrefix(imported, module+"/"), advice[rule])
			}
		}
	}
}

// TestTheTableRefuses holds some imports against the table that nobody must ever write.
func TestTheTableRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ from, imported, want string }{
		{"internal/money", "internal/orders", "kit"},
		{"internal/catalog", "internal/orders", "things"},
		{"internal/inventory", "internal/cart", "rules"},
		{"internal/payment", "internal/checkout", "flows"},
		{"internal/checkout", "internal/notifications", "longflows"},
		{"internal/notifications", "internal/checkout", "reactions"},
		{"internal/payment/manual", "internal/orders", "vendor"},
		{"internal/payment", "internal/payment/manual", "plugged"},
		{"internal/shop", "internal/payment/testprovider", "plugged"},
		{"graph", "internal/notifications/smtp", "plugged"},
		{"jobs", "internal/fulfillment/flatrate", "plugged"},
		{"internal/cart", "internal/shop", "shop"},
		{"graph", "jobs", "shop"},
		{"jobs", "graph", "shop"},
		{"", "internal/shoptest", "tests"},
		{"bench", "internal/pg/pgtest", "tests"},
		{"internal/checkout", "internal/pg/pgtest", "tests"},
		{"", "internal/payment/simulator", "outside"},
		{"internal/payment", "internal/payment/simulator", "outside"},
		{"internal/payment/simulator", "internal/orders", "vendor"},
		{"internal/orders", "github.com/riverqueue/river", "library"},
		{"graph", "github.com/jackc/pgx/v5", "library"},
		{"internal/newcomer", "internal/money", "kit"},
		{"", "internal/payment/manual", ""},
		{"graph", "internal/checkout", ""},
		{"internal/checkout", "internal/payment", ""},
		{"internal/shoptest", "internal/payment/testprovider", ""},
		{"internal/pg/pgtest", "migrations", ""},
		{"chaos", "internal/payment/simulator", ""},
		{"chaos/provider", "internal/payment/simulator", ""},
	} {
		imported := c.imported
		if !strings.Contains(imported, ".") {
			imported = module + "/" + imported
		}
		if got := refused(c.from, imported); got != c.want || got != "" && advice[got] == "" {
			t.Errorf("%s imports %s: refused by the rule %q, want %q", called(c.from), c.imported, got, c.want)
		}
	}
}

func called(name string) string {
	if name == "" {
		return "main"
	}
	return name
}

// refused names the rule that an import breaks, or nothing.
func refused(from, imported string) string {
	if rule := refusedLibrary(from, imported); rule != "" {
		return rule
	}
	target, ours := strings.CutPrefix(imported, module+"/")
	if !ours {
		return ""
	}
	toShop := target == "internal/shop" || target == "internal/shoptest"
	switch {
	case slices.Contains(forTests, target) && !slices.Contains(forTests, from):
		return "tests"
	case slices.Contains(outside, target):
		return when(!slices.Contains(forTests, from) && !within(from, "chaos", "examples"), "outside")
	case vendor(strings.TrimPrefix(target, "internal/")) && from != "" && !slices.Contains(forTests, from):
		return "plugged"
	}
	switch top, _, _ := strings.Cut(from, "/"); top {
	case "", "bench", "examples", "chaos":
		return ""
	case "graph":
		return when(target == "jobs", "shop")
	case "jobs":
		return when(target == "graph", "shop")
	case "migrations":
		return when(!strings.HasPrefix(target, "internal/pg"), "kit")
	case "internal":
	default:
		return ""
	}
	self, other := strings.TrimPrefix(from, "internal/"), strings.TrimPrefix(target, "internal/")
	switch {
	case self == "shoptest":
		return ""
	case self == "shop":
		return when(!strings.HasPrefix(target, "internal/"), "shop")
	case toShop:
		return "shop"
	case slices.Contains(kit, self):
		pgtest := self == "pg/pgtest" && target == "migrations" // the template is a migrated database
		return when(!slices.Contains(kit, other) && !pgtest, "kit")
	case vendor(self):
		parent, _, _ := strings.Cut(self, "/")
		return when(other != parent && !slices.Contains(kit, other), "vendor")
	case slices.Contains(things, self):
		return when(!in(other, kit), "things")
	case slices.Contains(rules, self):
		return when(!in(other, kit, things), "rules")
	case slices.Contains(flows, self):
		return when(!in(other, kit, things, rules), "flows")
	case slices.Contains(longFlows, self):
		return when(!in(other, kit, things, rules, flows), "longflows")
	case slices.Contains(reactions, self):
		return when(!in(other, kit, []string{"orders", "customers", "partners", "catalog", "settings"}), "reactions")
	case self == "audit":
		return when(!in(other, kit, things, rules, flows), "longflows")
	}
	return "kit" // a package that no tier names: add it above
}

// vendor says whether a package is one vendor of an interface, below the domain that owns the interface.
func vendor(self string) bool {
	parent, _, below := strings.Cut(self, "/")
	return below && in(parent, things, rules, flows, reactions)
}

func refusedLibrary(from, imported string) string {
	homes := map[string][]string{
		"github.com/riverqueue":               {"jobs", "migrations", "", "internal/shoptest", "bench", "chaos"},
		"riverqueue.com":                      {"jobs", ""},
		"github.com/99designs/gqlgen":         {"graph"},
		"github.com/vektah/gqlparser":         {"graph", ""},
		"github.com/gorilla/websocket":        {"graph", "", "bench", "examples", "chaos"},
		"github.com/golang-migrate":           {"migrations"},
		"github.com/fergusstrange":            {"internal/pg/embedded"},
		"github.com/jackc/pgx":                {"internal", "jobs", "migrations", "", "bench", "chaos"},
		"github.com/microcosm-cc/bluemonday":  {"internal/richtext"},
		"github.com/wneessen/go-mail":         {"internal/notifications"},
		"github.com/prometheus/client_golang": {"internal/observe"},
	}
	for library, at := range homes {
		if imported != library && !strings.HasPrefix(imported, library+"/") {
			continue
		}
		if !slices.ContainsFunc(at, func(home string) bool {
			return from == home || (home != "" && strings.HasPrefix(from, home+"/"))
		}) {
			return "library"
		}
	}
	return ""
}

// within says whether a package is one of these or below it.
func within(name string, tops ...string) bool {
	return slices.ContainsFunc(tops, func(top string) bool { return name == top || strings.HasPrefix(name, top+"/") })
}

func in(name string, tiers ...[]string) bool {
	return slices.ContainsFunc(tiers, func(tier []string) bool { return slices.Contains(tier, name) })
}

func when(broken bool, rule string) string {
	if broken {
		return rule
	}
	return ""
}

type goPackage struct {
	ImportPath, Dir string
	Imports         []string
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Dir,Imports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var p goPackage
		if err := d.Decode(&p); err != nil {
			t.Fatalf("read go list: %v", err)
		}
		all = append(all, p)
	}
	return all
}
