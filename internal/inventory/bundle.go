package inventory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/idempotency"
	"github.com/wharfhq/wharf/internal/pg"
)

// ProductBundle is a variant whose stock is that of other variants.
type ProductBundle struct {
	VariantID  id.ProductVariantID
	Components []Component // none when it is a bundle no more
	Version    int         // of the variant's InventoryItem
}

// ProductBundleSetInput says what a bundle is made of.
type ProductBundleSetInput struct {
	IdempotencyKey  string
	VariantID       string
	Components      []ProductBundleComponentInput // none: it is a bundle no more
	ExpectedVersion *int
}

// ProductBundleComponentInput is so many units of a variant in each bundle.
type ProductBundleComponentInput struct {
	VariantID string
	Quantity  int
}

// BundleChanged tells what a variant is made of from now on; of nothing, when it is a bundle no more.
type BundleChanged struct {
	Components []Component `json:"components"`
}

// Kind is inventory.bundle_changed.
func (BundleChanged) Kind() string { return "inventory.bundle_changed" }

// The bounds of a bundle.
const (
	maxComponents = 50
	maxPerBundle  = 1000
)

var (
	errIsBundle  = fault.New(fault.Conflict, "IS_BUNDLE", "The stock of a bundle is its components'.")
	errNested    = fault.New(fault.Conflict, "NESTED_BUNDLE", "A bundle can't be part of a bundle.")
	errAllPlaces = fault.New(fault.Forbidden, "FORBIDDEN", "This concerns all locations, and you work at some of them.")
)

// SetBundle says what a variant is made of. A variant that has been on a shelf becomes a bundle once nothing of it is
// there, promised or on its way; without components it is a bundle no more and has no units until some are counted.
func (inv *Inventory) SetBundle(ctx context.Context, actor access.Actor, in ProductBundleSetInput) (ProductBundle, error) {
	if err := idempotency.Check(in.IdempotencyKey); err != nil {
		return ProductBundle{}, err
	}
	if actor.Bound {
		return ProductBundle{}, errAllPlaces
	}
	bundle, components, err := inv.bundleOf(ctx, in)
	if err != nil {
		return ProductBundle{}, err
	}
	hash, err := idempotency.Hash(inv.keys, []any{bundle, components, in.ExpectedVersion})
	if err != nil {
		return ProductBundle{}, err
	}
	_, err = inv.once(ctx, actor, "productBundleSet", in.IdempotencyKey, hash, func(ctx context.Context, tx pgx.Tx) ([16]byte, error) {
		return bundle, inv.setBundle(ctx, tx, actor, bundle, components, in.ExpectedVersion)
	})
	if err != nil {
		return ProductBundle{}, err
	}
	item, err := inv.Item(ctx, bundle)
	if err != nil {
		return ProductBundle{}, err
	}
	made, err := Components(ctx, inv.pool, []id.ProductVariantID{bundle})
	return ProductBundle{VariantID: bundle, Components: made[bundle], Version: item.Version}, err
}

// bundleOf checks what the caller names, before anything is locked.
func (inv *Inventory) bundleOf(ctx context.Context, in ProductBundleSetInput) (id.ProductVariantID, []Component, error) {
	bundle, err := id.ParseProductVariantID(in.VariantID)
	if err != nil {
		return bundle, nil, errNoVariant.At("input", "variantId")
	}
	if len(in.Components) > maxComponents {
		return bundle, nil, fault.Newf(fault.Invalid, "INVALID", "A bundle has at most %d components.", maxComponents).At("input", "components")
	}
	named := []shelf{{variant: bundle}}
	components := make([]Component, len(in.Components))
	var refused []error
	for i, c := range in.Components {
		at := func(field string) []string { return []string{"input", "components", strconv.Itoa(i), field} }
		component, err := id.ParseProductVariantID(c.VariantID)
		switch {
		case err != nil:
			refused = append(refused, errNoVariant.At(at("variantId")...))
		case component == bundle:
			refused = append(refused, errNested.At(at("variantId")...))
		case slices.ContainsFunc(components[:i], func(other Component) bool { return other.VariantID == component }):
			refused = append(refused, fault.New(fault.Invalid, "INVALID", "Name each variant once.").At(at("variantId")...))
		case c.Quantity < 1 || c.Quantity > maxPerBundle:
			refused = append(refused, fault.Newf(fault.Invalid, "QUANTITY_OUT_OF_RANGE", "A quantity is 1 to %d.", maxPerBundle).At(at("quantity")...))
		}
		components[i] = Component{component, c.Quantity}
		named = append(named, shelf{variant: component})
	}
	if len(refused) > 0 {
		return bundle, nil, errors.Join(refused...)
	}
	variants, _, err := inv.known(ctx, named)
	if err != nil {
		return bundle, nil, err
	}
	if !variants[bundle] {
		return bundle, nil, errNoVariant.At("input", "variantId")
	}
	for i, c := range components {
		if !variants[c.VariantID] {
			refused = append(refused, errNoVariant.At("input", "components", strconv.Itoa(i), "variantId"))
		}
	}
	return bundle, components, errors.Join(refused...)
}

// Components says what each bundle is made of, in the order in which staff named it. A variant that is none is absent.
func Components(ctx context.Context, db pg.DB, variants []id.ProductVariantID) (map[id.ProductVariantID][]Component, error) {
	rows, err := db.Query(ctx, componentsSQL, variants)
	if err != nil {
		return nil, fmt.Errorf("read what bundles are made of: %w", err)
	}
	bundles, err := scanComponents(rows)
	if err != nil {
		return nil, fmt.Errorf("read what bundles are made of: %w", err)
	}
	return bundles, nil
}
