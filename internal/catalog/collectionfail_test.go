package catalog_test

import (
	"bytes"
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
		if err != nil || behind.Of(full.ID) == nil || behind.Of(sound.ID) != nil {
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
