package inventory

import (
	"context"
	"slices"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// incomplete says which bundles, however they are named, can't be had whatever lies on the shelves: those of which some
// part is not offered. What a shopper can't see in the shop is not sold inside something else either. Without bundles
// nothing is read.
func incomplete[K comparable](ctx context.Context, db pg.DB, parts map[K][]id.ProductVariantID) (map[K]bool, error) {
	var all []id.ProductVariantID
	for _, list := range parts {
		all = append(all, list...)
	}
	if len(all) == 0 {
		return nil, nil
	}
	variants, err := catalog.VariantsByID(ctx, db, all)
	if err != nil {
		return nil, err
	}
	missing := map[K]bool{}
	for bundle, list := range parts {
		missing[bundle] = slices.ContainsFunc(list, func(part id.ProductVariantID) bool { return !variants[part].Offered })
	}
	return missing, nil
}

// close takes from the ground the bundles that can't be had: without parts each is on no shelf.
func (g *ground) close(ctx context.Context, db pg.DB) error {
	parts := make(map[id.ProductVariantID][]id.ProductVariantID, len(g.bundles))
	for bundle, components := range g.bundles {
		for _, c := range components {
			parts[bundle] = append(parts[bundle], c.VariantID)
		}
	}
	missing, err := incomplete(ctx, db, parts)
	for bundle, gone := range missing {
		if gone {
			delete(g.bundles, bundle)
		}
	}
	return err
}
