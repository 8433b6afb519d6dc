package catalog_test

import (
	"bytes"
	"context"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/inventory"
)

// TestRulesThatFailKeepNobodyWaiting: a collection has no place left for another member, so that each try to follow its rules
// fails, in a search for all members and in one of changed products alike.
func TestRulesThatFailKeepNobodyWaiting(t *testing.T) {
	t.Parallel()
	g := openGrouping(t, shelf)
	var said bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&said, nil))
	follow := func() {
		t.Helper()
		for more := true; more; {
			var err error
			if more, err = catalog.FollowRules(t.Context(), g.pool, inventory.Quantities, logger); err != nil {
				t.Fatal(err)
			}
		}
		if due, err := catalog.RulesDue(t.Context(), g.pool); err != nil || due {
			t.Errorf("something is due: %v, %v", due, err)
		}
	}
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := g.pool.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	follow() // the notes of the import
	full := g.set(catalog.CollectionSetInput{Handle: p("full"), Title: p("Full"), RuleSet: ruleSet(rule(catalog.RuleTag, catalog.RuleEquals, "lamp"))})
	exec(`insert into collection_product (collection_id, product_id, position) select $1, id, $2 from product where handle = 'd-lamp'`, full.ID, math.MaxInt32)
	sound := g.set(catalog.CollectionSetInput{Handle: p("sound"), Title: p("Sound"), RuleSet: ruleSet(rule(catalog.RuleTag, catalog.RuleEquals, "wood"))})
	failing := func(tries int, members string) {
		t.Helper()
		m := g.membership(full)
		if m.State != catalog.MembershipWaiting || m.Tries != tries || m.Failure == nil || !strings.Contains(*m.Failure, "out of range") || g.members(full) != "d" {
			t.Fatalf("it is %+v with members %s", m, g.members(full))
		}
		pause := time.Minute << (tries - 1)
		if left := time.Until(*m.NextTryAt); left > pause || left < pause-30*time.Second {
			t.Errorf("after %d tries it waits %v", tries, left)
		}
		if got, m := sorted(g.members(sound)), g.membership(sound); got != members || m.State != catalog.MembershipDone || m.Tries != 0 || m.Failure != nil {
			t.Errorf("the other collection is %+v with members %s", m, got)
		}
		behind, err := catalog.RulesBehind(t.Context(), g.pool)
		if err != nil || behind.Of(full.ID) == nil || !behind.Aside(full.ID) || behind.Of(sound.ID) != nil || behind.Aside(sound.ID) {
			t.Errorf("behind are %+v, %v", behind, err)
		}
	}
	follow()
	failing(1, "bc")

	importText(t, g.pool, "Handle,Title,Tags,Variant Price\nf-lamp,Wooden,\"wood, lamp\",1\n")
	follow()
	failing(1, "bcf")

	exec(`update collection_membership set next_try = now() where next_try is not null`)
	follow()
	failing(2, "bcf")
	exec(`update collection_membership set next_try = now(), tries = 100 where next_try is not null`)
	follow()
	if m := g.membership(full); m.Tries != 101 || time.Until(*m.NextTryAt) > time.Hour || time.Until(*m.NextTryAt) < 59*time.Minute {
		t.Errorf("after many tries it is %+v", m)
	}

	exec(`update collection_product set position = 1 where collection_id = $1`, full.ID)
	exec(`update collection_membership set next_try = now() where next_try is not null`)
	follow()
	if m := g.membership(full); m.State != catalog.MembershipDone || m.Tries != 0 || m.Failure != nil || m.NextTryAt != nil || m.FinishedAt == nil || sorted(g.members(full)) != "adef" {
		t.Fatalf("it is %+v with members %s", m, g.members(full))
	}
	if n := strings.Count(said.String(), "can't be followed"); n != 1 {
		t.Errorf("the log has %s", said.String())
	}

	// A product that changes is held against all rules at once: the others see it all the same.
	exec(`delete from collection_product where collection_id = $1 and product_id not in (select id from product where handle = 'd-lamp')`, full.ID)
	exec(`update collection_product set position = $2 where collection_id = $1`, full.ID, math.MaxInt32)
	importText(t, g.pool, "Handle,Title,Tags,Variant Price\ng-lamp,Lamp of wood,\"wood, lamp\",1\n")
	follow()
	failing(1, "bcfg")
	if n := strings.Count(said.String(), "can't be followed"); n != 2 {
		t.Errorf("the log has %s", said.String())
	}
	exec(`update collection_product set position = 1 where collection_id = $1`, full.ID)
	full = g.set(catalog.CollectionSetInput{Handle: p("full"), RuleSet: ruleSet(rule(catalog.RuleTag, catalog.RuleEquals, "wood"))})
	if m := g.membership(full); m.Tries != 0 || m.Failure != nil || m.NextTryAt != nil {
		t.Errorf("new rules wait: %+v", m)
	}
	follow()
	if m := g.membership(full); m.State != catalog.MembershipDone || sorted(g.members(full)) != "bcfg" {
		t.Errorf("it is %+v with members %s", m, g.members(full))
	}
}

// TestRulesThatTakeTooLongKeepNobodyWaiting: what holds a membership locked stands for rules that take too long.
func TestRulesThatTakeTooLongKeepNobodyWaiting(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		tries time.Duration
	}{
		{"by halves", time.Minute},
		{"with no time left for halves", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := openGrouping(t, shelf)
			slow := g.set(catalog.CollectionSetInput{Handle: p("slow"), Title: p("Slow"), RuleSet: ruleSet(rule(catalog.RuleTag, catalog.RuleEquals, "lamp"))})
			sound := g.set(catalog.CollectionSetInput{Handle: p("sound"), Title: p("Sound"), RuleSet: ruleSet(rule(catalog.RuleTag, catalog.RuleEquals, "wood"))})
			g.follow()
			holder, err := g.pool.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = holder.Rollback(context.WithoutCancel(t.Context())) }()
			if _, err := holder.Exec(t.Context(), `set local idle_in_transaction_session_timeout = 0`); err != nil {
				t.Fatal(err)
			}
			if _, err := holder.Exec(t.Context(), `select from collection_product where collection_id = $1 for update`, slow.ID); err != nil {
				t.Fatal(err)
			}
			importText(t, g.pool, "Handle,Title,Tags,Variant Price\nd-lamp,Wooden,wood,1\n")
			for more := true; more; {
				if more, err = catalog.FollowRulesWithin(t.Context(), g.pool, inventory.Quantities, slog.New(slog.DiscardHandler), time.Second, test.tries); err != nil {
					t.Fatal(err)
				}
			}
			if m := g.membership(slow); m.State != catalog.MembershipWaiting || m.Tries != 1 || m.Failure == nil || !strings.Contains(*m.Failure, "timeout") {
				t.Errorf("the slow one is %+v", m)
			}
			if m := g.membership(sound); m.State != catalog.MembershipDone || m.Tries != 0 || sorted(g.members(sound)) != "bcd" {
				t.Errorf("the other one is %+v with members %s", m, g.members(sound))
			}
		})
	}
}

// TestRulesPutAsideAreBehind also where it was stock that they could not be held against: what changes from then on waits.
func TestRulesPutAsideAreBehind(t *testing.T) {
	t.Parallel()
	g := openGrouping(t, shelf)
	full := g.set(catalog.CollectionSetInput{Handle: p("full"), Title: p("Full"), RuleSet: ruleSet(rule(catalog.RuleTag, catalog.RuleEquals, "lamp"))})
	g.follow()
	for _, sql := range []string{
		`delete from collection_product where position > 1`,
		`update collection_product set position = 2147483647`,
		`insert into collection_change (product_id) select id from product`,
	} {
		if _, err := g.pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	before := g.at()
	g.follow()
	importText(t, g.pool, "Handle,Title,Tags,Variant Price\ng-lamp,New,lamp,1\n")
	g.follow()
	behind, err := catalog.RulesBehind(t.Context(), g.pool)
	if err != nil || behind.Of(full.ID) == nil || *behind.Of(full.ID) != before || !behind.Aside(full.ID) {
		t.Errorf("behind are %+v, %v; want %d", behind, err, before)
	}
}
