package graph

import (
	"context"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/fault"
)

// ProductRecommendations are products that go with one; null where the caller sees no such product.
func (r queryResolver) ProductRecommendations(ctx context.Context, intent *catalog.ProductRecommendationIntent, handle, text *string) ([]catalog.Product, error) {
	this, err := r.Product(ctx, handle, text)
	if err != nil || this == nil {
		return nil, err
	}
	kind := catalog.Related
	if intent != nil {
		kind = *intent
	}
	products, err := catalog.Recommended(ctx, r.db(ctx), access.From(ctx), this.ID, kind)
	if fault.IsKind(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r.load(ctx).expectProducts(products)
	return products, nil
}

func (r queryResolver) ProductTags(ctx context.Context, after, before *string, first int, last *int) (*catalog.StringConnection, error) {
	list, err := catalog.Tags(ctx, r.db(ctx), access.From(ctx), paged(after, before, &first, last, nil))
	return &list, err
}

func (r queryResolver) ProductTypes(ctx context.Context, after, before *string, first int, last *int) (*catalog.StringConnection, error) {
	list, err := catalog.Types(ctx, r.db(ctx), access.From(ctx), paged(after, before, &first, last, nil))
	return &list, err
}

// Version counts the changes of a product.
func (r productResolver) Version(ctx context.Context, p *catalog.Product) (int, error) {
	version, _, err := r.load(ctx).versions.load(ctx, p.ID)
	return version, err
}

// EncodedVariantExistence says for which combinations of option values there is a variant.
func (r productResolver) EncodedVariantExistence(ctx context.Context, p *catalog.Product) (*string, error) {
	return r.encoded(ctx, p, func(*catalog.ProductVariant) (bool, error) { return true, nil })
}

// EncodedVariantAvailability says which combinations of option values can be bought now.
func (r productResolver) EncodedVariantAvailability(ctx context.Context, p *catalog.Product) (*string, error) {
	return r.encoded(ctx, p, func(v *catalog.ProductVariant) (bool, error) { return r.forSale(ctx, v) })
}

func (r productResolver) encoded(ctx context.Context, p *catalog.Product, keep func(*catalog.ProductVariant) (bool, error)) (*string, error) {
	options, _, err := r.load(ctx).optionsByProduct.load(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	variants, _, err := r.load(ctx).variantsByProduct.load(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	var kept []catalog.ProductVariant
	for i := range variants {
		wanted, err := keep(&variants[i])
		if err != nil {
			return nil, err
		}
		if wanted {
			kept = append(kept, variants[i])
		}
	}
	text := catalog.EncodeVariants(options, kept)
	return &text, nil
}
