package inventory_test

import (
	"context"
	"fmt"
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
		`delete from reservation`:                                {ledger, ledger},
		`update reservation set quantity = 2`:                    {ledger, ledger},
		`update reservation set state = 'RELEASED'`:              {ledger, ledger},
		`update reservation set location_id = gen_random_uuid()`: {ledger, ledger},
		`truncate reservation`:                                   {privileges, ledger},
		`insert into reservation (id, order_id, variant_id, location_id, quantity, method, state) select gen_random_uuid(), gen_random_uuid(), variant_id, location_id, 1, method, state from reservation`:       {ledger, ledger},
		`insert into reservation (id, order_id, variant_id, location_id, quantity, method, state) select gen_random_uuid(), gen_random_uuid(), variant_id, gen_random_uuid(), 1, method, state from reservation`: {ledger, ledger}, // on no shelf
		// What the figures add up to.
		`update stock_level set reserved = 0` + mug:                        {ledger, ledger},
		`update stock_level set reserved = reserved + 1`:                   {ledger, ledger},
		`update stock_level set on_hand = on_hand + 1000` + mug:            {ledger, ledger},
		`update stock_level set damaged = 1` + mug:                         {ledger, ledger},
		`update stock_level set incoming = incoming + 1` + mug:             {ledger, ledger},
		`update stock_level set on_hand = on_hand + 2, incoming = 0` + pot: {ledger, ledger},
		`delete from stock_level` + mug:                                    {ledger, ledger},
		`truncate stock_level`:                                             {privileges, ledger},
		`insert into stock_level (variant_id, location_id, on_hand) select l.variant_id, c.id, 1 from stock_level l, location c where not exists (select from stock_level o where o.variant_id = l.variant_id and o.location_id = c.id) limit 1`: {ledger, ledger},
		`insert into stock_movement (id, variant_id, location_id, delta, cause_kind, cause_id, by) select gen_random_uuid(), variant_id, location_id, 5, 'test', 'out of nothing', 'system' from stock_level`:                                    {ledger, ledger},
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

	// Both sides alike, and what undoes itself before the end, are taken.
	for _, sql := range []string{
		`with moved as (insert into stock_movement (id, variant_id, location_id, delta, damaged_delta, cause_kind, cause_id, by)
		                select gen_random_uuid(), variant_id, location_id, 2, 1, 'test', 'found', 'system' from stock_level` + mug + ` returning variant_id, location_id)
		 update stock_level l set on_hand = on_hand + 2, damaged = damaged + 1 from moved m where l.variant_id = m.variant_id and l.location_id = m.location_id`,
		`with gone as (update reservation set state = 'RELEASED' returning variant_id, location_id, quantity)
		 update stock_level l set reserved = reserved - g.quantity from gone g where l.variant_id = g.variant_id and l.location_id = g.location_id`,
		`begin; update stock_level set reserved = 1` + mug + `; update stock_level set reserved = 0` + mug + `; commit`,
		`begin; savepoint s; update stock_level set reserved = 1` + mug + `; rollback to s; commit`,
	} {
		if err := s.direct("none", sql); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
	s.expectFigures("mug@W", "7/0 1 0 0 IN 6")
	s.audited()

	// A shelf that is wrong all the same is found, keeps nobody from right changes, and can be mended.
	if err := s.direct("none", `alter table stock_level disable trigger user; update stock_level set on_hand = on_hand + 1, reserved = 1`+mug+`; alter table stock_level enable trigger user`); err != nil {
		t.Fatal(err)
	}
	var found string
	if err := s.pool.QueryRow(t.Context(), `select string_agg(detail, '; ') from (select detail from audit.s1_violations union all select detail from audit.s3_violations) v`).Scan(&found); err != nil ||
		found != "on hand, damaged and incoming are 8, 1 and 0, the ledger says 7, 1 and 0; reserved is 1, live reservations hold 0" {
		t.Errorf("S1 and S3 say %q %v", found, err)
	}
	for _, variant := range []string{"mug", "pot"} {
		if err := s.reserve(id.NewOrderID(), s.ship(variant, 1)); err != nil {
			t.Errorf("%s: %v", variant, err)
		}
	}
	if err := s.direct("none", `update stock_level set on_hand = 7`+mug); pg.SQLState(err) != ledger {
		t.Errorf("mended by half: %v", err)
	}
	if err := s.direct("none", `update stock_level set on_hand = 7, reserved = 1`+mug); err != nil {
		t.Errorf("mended: %v", err)
	}
	s.audited()
}

// TestADeniedShelfOwesNoMoreThanItHas sends by hand what the program would and what it would not to a shelf that is denied
// more, has owed five and has got two of them since.
func TestADeniedShelfOwesNoMoreThanItHas(t *testing.T) {
	t.Parallel()
	const moves = `with moved as (insert into stock_movement (id, variant_id, location_id, delta, cause_kind, cause_id, by)
		select gen_random_uuid(), variant_id, location_id, %d, 'test', 'by hand', 'system' from stock_level returning variant_id, location_id)
		update stock_level l set on_hand = on_hand + (%[1]d) from moved m where l.variant_id = m.variant_id and l.location_id = m.location_id`
	for sql, c := range map[string]struct{ state, figures string }{
		fmt.Sprintf(moves, -2):                              {"", "10/15 limit 5, denied, covered 0"},
		fmt.Sprintf(moves, -1):                              {"", "11/15 limit 4, denied, covered 1"},
		fmt.Sprintf(moves, -3):                              {check, "12/15 limit 3, denied, covered 2"}, // it never owed six
		fmt.Sprintf(moves, 3):                               {"", "15/15 limit 0, covered 5"},
		fmt.Sprintf(moves, 9):                               {"", "21/15 limit 0, covered 5"},
		`update stock_level set on_hand = on_hand - 2`:      {ledger, "12/15 limit 3, denied, covered 2"},
		`update stock_level set covered = 100`:              {"", "12/15 limit 3, denied, covered 2"}, // it is the table's own
		`update stock_level set covered = -1`:               {"", "12/15 limit 3, denied, covered 2"},
		`update stock_level set backorder_limit = 2`:        {check, "12/15 limit 3, denied, covered 2"},
		`update stock_level set backorder_limit = 9`:        {"", "12/15 limit 9, covered 0"},
		`update stock_level set denied = false`:             {"", "12/15 limit 3, covered 0"},
		`update stock_level set reserved = reserved + 1`:    {check, "12/15 limit 3, denied, covered 2"},
		`update stock_level set denied = true, covered = 9`: {"", "12/15 limit 3, denied, covered 2"},
	} {
		t.Run(sql, func(t *testing.T) {
			t.Parallel()
			s := openStockroom(t, "W,mug,10\n")
			five := 5
			if _, err := s.policy("on", "mug", inventory.InventoryPolicySetInput{InventoryPolicy: &selling, BackorderLimit: &five}); err != nil {
				t.Fatal(err)
			}
			if err := s.reserve(id.NewOrderID(), s.ship("mug", 15)); err != nil {
				t.Fatal(err)
			}
			if _, err := s.policy("off", "mug", inventory.InventoryPolicySetInput{InventoryPolicy: &denying}); err != nil {
				t.Fatal(err)
			}
			if _, err := s.adjust("in", s.change("mug@W", inventory.QuantityOnHand, 2)); err != nil {
				t.Fatal(err)
			}
			for _, role := range []string{"wharf_app", "none"} {
				if c.state == "" && role == "none" {
					break
				}
				if err := s.direct(role, sql); pg.SQLState(err) != c.state || (err != nil) != (c.state != "") {
					t.Errorf("as %s: %v, want %q", role, err, c.state)
				}
			}
			var got string
			const figuresSQL = `
select format('%s/%s limit %s, %scovered %s', on_hand, reserved, backorder_limit, case when denied then 'denied, ' end, covered)
from stock_level`
			if err := s.pool.QueryRow(t.Context(), figuresSQL).Scan(&got); err != nil || got != c.figures {
				t.Errorf("the shelf is %s, want %s, %v", got, c.figures, err)
			}
			s.audited()
		})
	}
}

// direct runs statements as a role; none is the owner of the tables.
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
	_, err = conn.Conn().PgConn().Exec(s.Context(), sql).ReadAll()
	return err
}
