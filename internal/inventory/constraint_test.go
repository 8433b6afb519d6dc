package inventory_test

import (
	"context"
	"testing"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/pg"
)

// SQLSTATEs.
const (
	check      = "23514"
	foreign    = "23503"
	unique     = "23505"
	ledger     = "23000" // what the triggers of a ledger say
	privileges = "42501"
)

// TestStockConstraints sends what no program of ours would as the application and as the owner of the tables: the
// database refuses it whoever asks, and nothing of it stays.
func TestStockConstraints(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,5\nW,pot,3\n")
	order := id.NewOrderID()
	if err := s.reserve(order, s.ship("mug", 3)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.send("t", "", "W", "pot", 2); err != nil {
		t.Fatal(err)
	}
	if _, err := s.bundle("b", "card", "1 mug, 1 pot"); err != nil {
		t.Fatal(err)
	}
	limit := 2
	if _, err := s.policy("p", "pot", inventory.InventoryPolicySetInput{InventoryPolicy: &selling, BackorderLimit: &limit}); err != nil {
		t.Fatal(err)
	}
	const mug = ` where variant_id = (select v.id from product_variant v join product p on p.id = v.product_id where p.handle = 'mug')`
	const pot = ` where variant_id = (select v.id from product_variant v join product p on p.id = v.product_id where p.handle = 'pot')`
	const card = `(select v.id from product_variant v join product p on p.id = v.product_id where p.handle = 'card')`
	for sql, states := range map[string][2]string{
		// Figures of a shelf.
		`update stock_level set on_hand = -1` + pot:                                       {check, check},
		`update stock_level set on_hand = 2` + mug:                                        {check, check}, // three are promised
		`update stock_level set on_hand = 1000000001` + mug:                               {check, check},
		`update stock_level set reserved = -1` + pot:                                      {check, check},
		`update stock_level set reserved = 6` + mug:                                       {check, check},
		`update stock_level set reserved = 6` + pot:                                       {check, check}, // three and two beyond them
		`update stock_level set reserved = reserved + 3` + mug:                            {check, check},
		`update stock_level set damaged = -1` + pot:                                       {check, check},
		`update stock_level set damaged = 3` + mug:                                        {check, check}, // two are left for three promises
		`update stock_level set damaged = 6` + pot:                                        {check, check},
		`update stock_level set incoming = -1` + pot:                                      {check, check},
		`update stock_level set safety_stock = -1` + pot:                                  {check, check},
		`update stock_level set low_stock = -1` + pot:                                     {check, check},
		`update stock_level set backorder_limit = -1` + pot:                               {check, check},
		`update stock_level set version = version, location_id = gen_random_uuid()` + pot: {foreign, foreign},
		// What orders hold.
		`update reservation set quantity = 0`:         {check, check},
		`update reservation set quantity = -3`:        {check, check},
		`update reservation set state = 'LOST'`:       {check, check},
		`update reservation set method = 'BY_DONKEY'`: {check, check},
		`insert into reservation (id, order_id, variant_id, location_id, quantity, method, state) select gen_random_uuid(), order_id, variant_id, location_id, 1, method, state from reservation`: {unique, unique},
		// The ledgers.
		`update stock_movement set delta = 1`:          {privileges, ledger},
		`delete from stock_movement`:                   {privileges, ledger},
		`truncate stock_movement`:                      {privileges, ledger},
		`update stock_adjustment set reason = 'OTHER'`: {privileges, ledger},
		`delete from stock_adjustment`:                 {privileges, ledger},
		`insert into stock_movement (id, variant_id, location_id, delta, cause_kind, cause_id, by) select gen_random_uuid(), variant_id, location_id, 1, cause_kind, cause_id, by from stock_movement where cause_kind = 'import'`: {unique, unique},
		`insert into stock_movement (id, variant_id, location_id, delta, cause_kind, cause_id, by) select gen_random_uuid(), variant_id, location_id, 0, 'import', 'nothing', 'system' from stock_level`:                           {check, check},
		`insert into stock_movement (id, variant_id, location_id, delta, cause_kind, cause_id, by) select gen_random_uuid(), variant_id, location_id, 1, 'adjustment', 'nobody', 'system' from stock_level`:                        {check, check},
		// What is on its way.
		`update stock_transfer_line set received = 3`:              {check, check},
		`update stock_transfer_line set damaged = 1`:               {check, check},
		`update stock_transfer_line set received = -1`:             {check, check},
		`update stock_transfer_line set missing = 1, received = 2`: {check, check},
		// Bundles.
		`insert into stock_level (variant_id, location_id, on_hand) select ` + card + `, location_id, 0 from stock_level limit 1`:                  {foreign, foreign},
		`insert into stock_level (variant_id, location_id, on_hand, of_bundle) select ` + card + `, location_id, 0, true from stock_level limit 1`: {check, check},
		`update stock_item set is_bundle = true` + mug:                                                                                                  {foreign, foreign},
		`update stock_item set is_bundle = false where variant_id = ` + card:                                                                            {foreign, foreign},
		`insert into bundle_component (bundle_id, component_id, position, quantity) values (` + card + `, ` + card + `, 3, 1)`:                          {foreign, foreign},
		`insert into bundle_component (bundle_id, component_id, position, quantity) select component_id, bundle_id, 3, 1 from bundle_component limit 1`: {foreign, foreign},
		`update bundle_component set quantity = 0`:                                                                                                      {check, check},
		`delete from stock_item` + pot:                                                                                                                  {foreign, foreign},
		`update stock_item set restock_days = -1`:                                                                                                       {check, check},
	} {
		for i, role := range []string{"wharf_app", "none"} {
			err := s.direct(role, sql)
			if got := pg.SQLState(err); got != states[i] {
				t.Errorf("%s as %s: %v, want %s", sql, role, err, states[i])
			}
		}
	}
	s.expectFigures("mug@W", "5/3 0 0 0 IN 2")
	s.expectFigures("pot@W", "3/0 0 0 2 IN 3")

	// A shelf that is possible and not what its ledger says is found.
	if err := s.direct("wharf_app", `update stock_level set on_hand = on_hand + 1`+mug); err != nil {
		t.Fatal(err)
	}
	var found string
	if err := s.pool.QueryRow(t.Context(), `select string_agg(detail, '; ') from audit.s1_violations`).Scan(&found); err != nil || found != "on hand, damaged and incoming are 6, 0 and 0, the ledger says 5, 0 and 0" {
		t.Errorf("S1 says %q %v", found, err)
	}
}

// direct runs a statement as a role; none is the owner of the tables.
func (s *stockroom) direct(role, sql string) error {
	s.Helper()
	conn, err := s.pool.Acquire(context.WithoutCancel(s.Context()))
	if err != nil {
		s.Fatal(err)
	}
	defer conn.Release()
	defer func() {
		if _, err := conn.Exec(context.WithoutCancel(s.Context()), `set role wharf_app`); err != nil {
			s.Error(err)
		}
	}()
	if _, err := conn.Exec(s.Context(), `set role `+role); err != nil {
		s.Fatal(err)
	}
	_, err = conn.Exec(s.Context(), sql)
	return err
}
