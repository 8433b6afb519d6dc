package inventory

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/idempotency"
)

// InventoryPolicy says whether a variant is sold when none is on a shelf.
type InventoryPolicy string

// The policies.
const (
	PolicyDeny     InventoryPolicy = "DENY"
	PolicyContinue InventoryPolicy = "CONTINUE"
)

// InventoryItem is how a variant is stocked and sold, over all its shelves.
type InventoryItem struct {
	VariantID       id.ProductVariantID
	Tracked         bool
	IsBundle        bool
	InventoryPolicy InventoryPolicy // CONTINUE where some shelf may promise more beyond itself
	AvailableFrom   *time.Time      // when it comes on sale; until then it can be ordered in advance
	RestockDays     *int            // how long new units take
	Version         int             // 0 while nobody has said anything of it
}

// InventoryPolicySetInput says how a variant is sold beyond its shelves.
type InventoryPolicySetInput struct {
	IdempotencyKey  string
	VariantID       string
	InventoryPolicy *InventoryPolicy // nil leaves the shelves' limits as they are
	BackorderLimit  *int             // of each shelf, for CONTINUE; nil is without a bound
	LocationIDs     []string         // the shelves that are meant; nil is all there are
	AvailableFrom   *time.Time       // nil leaves it as it is, unless it is
	NotFrom         bool             // to be taken away
	RestockDays     *int             // nil leaves it as it is, unless there are
	NoRestockDays   bool             // to be none
	ExpectedVersion *int
}

// PolicyChanged tells how a variant is sold beyond its shelves from now on.
type PolicyChanged struct {
	Policy         *InventoryPolicy `json:"policy,omitempty"`
	BackorderLimit *int             `json:"backorderLimit,omitempty"`
	LocationIDs    []id.LocationID  `json:"locationIds,omitempty"`
	AvailableFrom  *time.Time       `json:"availableFrom,omitempty"`
	RestockDays    *int             `json:"restockDays,omitempty"`
}

// Kind is inventory.policy_changed.
func (PolicyChanged) Kind() string { return "inventory.policy_changed" }

const itemSQL = `
select i.is_bundle, i.available_from, i.restock_days, i.version,
       exists (select from stock_part p join stock_level l on l.variant_id = p.item_id
               where p.variant_id = i.variant_id and l.backorder_limit > 0 and not l.denied)
from stock_item i
where i.variant_id = $1`

// Item reads how a variant is stocked. One that nobody has counted is not tracked and always for sale.
func (inv *Inventory) Item(ctx context.Context, variant id.ProductVariantID) (InventoryItem, error) {
	i := InventoryItem{VariantID: variant, Tracked: true, InventoryPolicy: PolicyDeny}
	var beyond bool
	err := inv.pool.QueryRow(ctx, itemSQL, variant).Scan(&i.IsBundle, &i.AvailableFrom, &i.RestockDays, &i.Version, &beyond)
	if errors.Is(err, pgx.ErrNoRows) {
		return InventoryItem{VariantID: variant, InventoryPolicy: PolicyContinue}, nil
	}
	if err != nil {
		return InventoryItem{}, fmt.Errorf("read how %s is stocked: %w", variant, err)
	}
	if beyond {
		i.InventoryPolicy = PolicyContinue
	}
	return i, nil
}

const maxRestockDays = 3650

const setTermsSQL = `
update stock_item
set available_from = case when not $3 then coalesce($2, available_from) end,
    restock_days = case when not $5 then coalesce($4, restock_days) end,
    version = version + 1,
    told_version = told_version + 1
where variant_id = $1
returning available_from, restock_days`

// denySQL remembers of shelves that still owe something that they are to promise nothing more beyond themselves: the
// table then takes their limit down with what they owe.
const denySQL = `
update stock_level
set denied = $3
where variant_id = $1
  and location_id = any($2::uuid[])
  and denied <> $3
  and backorder_limit > 0`

const shelvesOfSQL = `
select location_id
from stock_level
where variant_id = $1
order by location_id`

// SetPolicy says how a variant is sold beyond its shelves and by when it can be promised. What the input leaves out stays.
// With DENY no shelf promises more than it has promised already, nor again what was given back. A variant that was not
// tracked is from now on.
func (inv *Inventory) SetPolicy(ctx context.Context, actor access.Actor, in InventoryPolicySetInput) (InventoryItem, error) {
	if actor.Bound {
		return InventoryItem{}, errAllPlaces
	}
	variant, locations, err := inv.policyOf(ctx, in)
	if err != nil {
		return InventoryItem{}, err
	}
	news := PolicyChanged{in.InventoryPolicy, in.BackorderLimit, locations, in.AvailableFrom, in.RestockDays}
	said := []any{variant, news, in.ExpectedVersion}
	if in.NotFrom || in.NoRestockDays {
		said = append(said, in.NotFrom, in.NoRestockDays)
	}
	hash, err := idempotency.Hash(inv.keys, said)
	if err != nil {
		return InventoryItem{}, err
	}
	_, err = inv.once(ctx, actor, "inventoryPolicySet", in.IdempotencyKey, hash, func(ctx context.Context, tx pgx.Tx) ([16]byte, error) {
		items, err := lockItems(ctx, tx, variant, nil)
		if err != nil {
			return variant, err
		}
		was := items[variant]
		switch {
		case in.ExpectedVersion != nil && *in.ExpectedVersion != was.version:
			return variant, conflict(was.version).At("input", "expectedVersion")
		case was.bundle && in.InventoryPolicy != nil:
			return variant, errIsBundle.At("input", "inventoryPolicy")
		}
		if !was.bundle {
			if err := inv.setLimits(ctx, tx, actor, variant, news); err != nil {
				return variant, err
			}
		}
		err = tx.QueryRow(ctx, setTermsSQL, variant, in.AvailableFrom, in.NotFrom, in.RestockDays, in.NoRestockDays).
			Scan(&news.AvailableFrom, &news.RestockDays)
		if err != nil {
			return variant, fmt.Errorf("write how %s is sold: %w", variant, err)
		}
		_, err = inv.log.Append(ctx, tx, variant, was.told, actor.By(), "inventoryPolicySet", news)
		return variant, err
	})
	if err != nil {
		return InventoryItem{}, err
	}
	return inv.Item(ctx, variant)
}

// policyOf checks what the caller says, before anything is locked.
func (inv *Inventory) policyOf(ctx context.Context, in InventoryPolicySetInput) (variant id.ProductVariantID, locations []id.LocationID, err error) {
	if err := idempotency.Check(in.IdempotencyKey); err != nil {
		return variant, nil, err
	}
	if variant, err = id.ParseProductVariantID(in.VariantID); err != nil {
		return variant, nil, errNoVariant.At("input", "variantId")
	}
	selling := in.InventoryPolicy != nil && *in.InventoryPolicy == PolicyContinue
	switch limit, days := in.BackorderLimit, in.RestockDays; {
	case limit != nil && !selling:
		return variant, nil, fault.New(fault.Invalid, "INVALID", "A limit goes with the policy CONTINUE.").At("input", "backorderLimit")
	case limit != nil && (*limit < 1 || *limit > maxUnits):
		return variant, nil, fault.New(fault.Invalid, "QUANTITY_OUT_OF_RANGE", "A limit is 1 to a thousand million.").At("input", "backorderLimit")
	case days != nil && (*days < 0 || *days > maxRestockDays):
		return variant, nil, fault.Newf(fault.Invalid, "QUANTITY_OUT_OF_RANGE", "New units take 0 to %d days.", maxRestockDays).At("input", "restockDays")
	case in.LocationIDs != nil && in.InventoryPolicy == nil:
		return variant, nil, fault.New(fault.Invalid, "INVALID", "Locations go with a policy.").At("input", "locationIds")
	case len(in.LocationIDs) > maxShelves:
		return variant, nil, fault.Newf(fault.Invalid, "INVALID", "Name at most %d locations.", maxShelves).At("input", "locationIds")
	case in.LocationIDs != nil && len(in.LocationIDs) == 0:
		return variant, nil, fault.New(fault.Invalid, "INVALID", "Name at least one location, or none for all.").At("input", "locationIds")
	}
	named := []shelf{{variant: variant}}
	var refused []error
	for i, text := range in.LocationIDs {
		location, err := id.ParseLocationID(text)
		if err != nil {
			refused = append(refused, errNoLocation.At("input", "locationIds", strconv.Itoa(i)))
		}
		locations = append(locations, location)
		named = append(named, shelf{variant, location})
	}
	if len(refused) > 0 {
		return variant, nil, errors.Join(refused...)
	}
	variants, there, err := inv.known(ctx, named)
	if err != nil {
		return variant, nil, err
	}
	if !variants[variant] {
		return variant, nil, errNoVariant.At("input", "variantId")
	}
	for i, location := range locations {
		if !there[location] {
			refused = append(refused, errNoLocation.At("input", "locationIds", strconv.Itoa(i)))
		}
	}
	return variant, locations, errors.Join(refused...)
}

// setLimits says how far the shelves may promise beyond themselves. A variant without a shelf gets one.
func (inv *Inventory) setLimits(ctx context.Context, tx pgx.Tx, actor access.Actor, variant id.ProductVariantID, p PolicyChanged) error {
	locations := p.LocationIDs
	if locations == nil {
		rows, err := tx.Query(ctx, shelvesOfSQL, variant)
		if err != nil {
			return fmt.Errorf("read the shelves of %s: %w", variant, err)
		}
		if locations, err = pgx.CollectRows(rows, pgx.RowTo[id.LocationID]); err != nil {
			return fmt.Errorf("read the shelves of %s: %w", variant, err)
		}
		if len(locations) == 0 {
			location, err := DefaultLocation(ctx, tx)
			if err != nil {
				return err
			}
			locations = []id.LocationID{location}
		}
	}
	shelves := make([]shelf, len(locations))
	for i, location := range locations {
		shelves[i] = shelf{variant, location}
	}
	levels, err := lockLevels(ctx, tx, shelves)
	if err != nil {
		return err
	}
	if p.Policy == nil {
		return nil
	}
	before := make(map[shelf]StockLevel, len(levels))
	for s, l := range levels {
		before[s] = *l
		switch {
		case *p.Policy == PolicyDeny:
			l.BackorderLimit = max(l.Reserved-(l.OnHand-l.Damaged), 0)
		case p.BackorderLimit == nil:
			l.BackorderLimit = unlimited
		default:
			l.BackorderLimit = *p.BackorderLimit
		}
		if l.BackorderLimit != before[s].BackorderLimit {
			l.covered = 0
		}
		if f := l.possible(); f != nil {
			return f.At("input", "backorderLimit")
		}
	}
	change := InventoryAdjustment{ID: id.NewInventoryAdjustmentID(), Operation: "inventoryPolicySet", Reason: ReasonOther, By: actor.By()}
	if err := writeLevels(ctx, tx, change, before, levels); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, denySQL, variant, locations, *p.Policy == PolicyDeny); err != nil {
		return fmt.Errorf("write how far the shelves of %s may promise: %w", variant, err)
	}
	return nil
}
