package graph

import (
	"context"
	"slices"
	"strings"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/media"
	"github.com/wharfhq/wharf/internal/pg"
)

type (
	productResolver            struct{ *Resolver }
	productVariantResolver     struct{ *Resolver }
	productOptionValueResolver struct{ *Resolver }
	collectionResolver         struct{ *Resolver }
)

// Product answers the fields of Product that are not simply there.
func (r *Resolver) Product() ProductResolver { return productResolver{r} }

// ProductVariant answers the fields of ProductVariant that are not simply there.
func (r *Resolver) ProductVariant() ProductVariantResolver { return productVariantResolver{r} }

// ProductOptionValue answers the fields of ProductOptionValue that are not simply there.
func (r *Resolver) ProductOptionValue() ProductOptionValueResolver {
	return productOptionValueResolver{r}
}

// Collection answers the fields of Collection that are not simply there.
func (r *Resolver) Collection() CollectionResolver { return collectionResolver{r} }

// paged puts the arguments of a list together.
func paged(after, before *string, first, last *int, reverse *bool) pg.Page {
	return pg.Page{First: first, Last: last, After: after, Before: before, Reverse: isTrue(reverse)}
}

// sorted names the order of what a product has: that of its positions, where none is asked for.
func sorted[K ~string](page pg.Page, key *K) pg.Page {
	if key == nil {
		return page.Sorted("POSITION")
	}
	return page.Sorted(string(*key))
}

func isTrue(b *bool) bool { return b != nil && *b }

// absent turns "there is none" into null.
func absent[T any](thing T, err error) (*T, error) {
	switch {
	case fault.IsKind(err, fault.NotFound):
		return nil, nil
	case err != nil:
		return nil, err
	default:
		return &thing, nil
	}
}

var oneOfHandleAndID = fault.New(fault.Invalid, "BAD_USER_INPUT", "Give a handle or an id.")

func (r queryResolver) Product(ctx context.Context, handle, text *string) (*catalog.Product, error) {
	var p *catalog.Product
	switch {
	case text != nil:
		product, err := id.ParseProductID(*text)
		if err != nil {
			return nil, err
		}
		found, ok, err := r.load(ctx).products.load(ctx, product)
		if err != nil || !ok || handle != nil && found.Handle != *handle {
			return nil, err
		}
		p = &found
	case handle != nil:
		found, err := absent(catalog.ProductByHandle(ctx, r.db(ctx), access.From(ctx), *handle))
		if err != nil || found == nil {
			return nil, err
		}
		p = found
	default:
		return nil, oneOfHandleAndID
	}
	r.load(ctx).expectProducts([]catalog.Product{*p})
	return p, nil
}

func (r queryResolver) Collection(ctx context.Context, handle, text *string) (*catalog.Collection, error) {
	actor := access.From(ctx)
	switch {
	case text != nil:
		collection, err := id.ParseCollectionID(*text)
		if err != nil {
			return nil, err
		}
		found, err := catalog.CollectionsByID(ctx, r.db(ctx), actor, []id.CollectionID{collection})
		c, ok := found[collection]
		if err != nil || !ok || handle != nil && c.Handle != *handle {
			return nil, err
		}
		return &c, nil
	case handle != nil:
		return absent(catalog.CollectionByHandle(ctx, r.db(ctx), actor, *handle))
	default:
		return nil, oneOfHandleAndID
	}
}

func (r queryResolver) Collections(ctx context.Context, after, before *string, first, last *int, query *string, reverse *bool, sortKey *catalog.CollectionSortKeys) (*catalog.CollectionConnection, error) {
	sort, search := catalog.CollectionsByIDs, ""
	if sortKey != nil {
		sort = *sortKey
	}
	if query != nil {
		search = *query
	}
	warnUnread(ctx, query, catalog.CollectionFields)
	list, err := catalog.Collections(ctx, r.db(ctx), access.From(ctx), search, sort, paged(after, before, first, last, reverse))
	if err != nil {
		return nil, err
	}
	r.load(ctx).expectCollections(ctx, list.Nodes)
	return &list, nil
}

func (r collectionResolver) Image(_ context.Context, c *catalog.Collection) (*media.Image, error) {
	if c.ImageURL == nil {
		return nil, nil
	}
	return &media.Image{Address: *c.ImageURL, AltText: c.ImageAlt}, nil
}

func (r collectionResolver) OnlineStoreURL(ctx context.Context, c *catalog.Collection) (*string, error) {
	return r.storefront(ctx, "/collections/"+c.Handle)
}

// TrackingParameters is null: the shop does not measure its own lists.
func (r collectionResolver) TrackingParameters(context.Context, *catalog.Collection) (*string, error) {
	return nil, nil
}

// storefront is a page of the shop's storefront, null where the shop was never told that it has one.
func (r *Resolver) storefront(ctx context.Context, path string) (*string, error) {
	shop, err := r.settings(ctx)
	if err != nil || !shop.HasStorefront() {
		return nil, err
	}
	page := strings.TrimSuffix(shop.URL, "/") + path
	return &page, nil
}

func (r productResolver) OnlineStoreURL(ctx context.Context, p *catalog.Product) (*string, error) {
	return r.storefront(ctx, "/products/"+p.Handle)
}

// TrackingParameters is null: the shop does not measure its own lists.
func (r productResolver) TrackingParameters(context.Context, *catalog.Product) (*string, error) {
	return nil, nil
}

func (r productResolver) VariantsCount(_ context.Context, p *catalog.Product) (*Count, error) {
	return &Count{Count: p.VariantCount, Precision: CountPrecisionExact}, nil
}

func (r productResolver) Options(ctx context.Context, p *catalog.Product, first *int) ([]catalog.ProductOption, error) {
	options, _, err := r.load(ctx).optionsByProduct.load(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	if first != nil {
		options = options[:min(max(*first, 0), len(options))]
	}
	return options, nil
}

func (r productResolver) Collections(ctx context.Context, p *catalog.Product, after, before *string, first, last *int, reverse *bool) (*catalog.CollectionConnection, error) {
	collections, _, err := r.load(ctx).collections.load(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	r.load(ctx).expectCollections(ctx, collections)
	list, err := pg.Slice(paged(after, before, first, last, reverse), collections, func(c catalog.Collection) string { return c.ID.String() })
	return &list, err
}

func (r productResolver) FeaturedImage(ctx context.Context, p *catalog.Product) (*media.Image, error) {
	images, _, err := r.load(ctx).imagesByProduct.load(ctx, p.ID)
	if err != nil || len(images) == 0 {
		return nil, err
	}
	return &images[0].Image, nil
}

func (r productResolver) Images(ctx context.Context, p *catalog.Product, after, before *string, first, last *int, reverse *bool, sortKey *catalog.ProductImageSortKeys) (*media.ImageConnection, error) {
	images, _, err := r.load(ctx).imagesByProduct.load(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	if sortKey != nil {
		images = slices.Clone(images)
		catalog.SortImages(images, *sortKey)
	}
	plain := make([]media.Image, len(images))
	for i, image := range images {
		plain[i] = image.Image
	}
	list, err := pg.Slice(sorted(paged(after, before, first, last, reverse), sortKey), plain, func(i media.Image) string { return i.ID.String() })
	return &list, err
}

func (r productResolver) Variants(ctx context.Context, p *catalog.Product, after, before *string, first, last *int, reverse *bool, sortKey *catalog.ProductVariantSortKeys) (*catalog.ProductVariantConnection, error) {
	variants, _, err := r.load(ctx).variantsByProduct.load(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	if sortKey != nil {
		variants = slices.Clone(variants)
		catalog.SortVariants(variants, *sortKey)
	}
	list, err := pg.Slice(sorted(paged(after, before, first, last, reverse), sortKey), variants, func(v catalog.ProductVariant) string { return v.ID.String() })
	return &list, err
}

func (r productResolver) VariantBySelectedOptions(ctx context.Context, p *catalog.Product, caseInsensitive, ignoreUnknown *bool, options []catalog.SelectedOptionInput) (*catalog.ProductVariant, error) {
	variants, _, err := r.load(ctx).variantsByProduct.load(ctx, p.ID)
	selection := catalog.Selection{Options: options, IgnoreCase: isTrue(caseInsensitive), IgnoreUnknown: isTrue(ignoreUnknown)}
	if i := slices.IndexFunc(variants, selection.Matches); i >= 0 {
		return &variants[i], err
	}
	return nil, err
}

func (r productResolver) SelectedOrFirstAvailableVariant(ctx context.Context, p *catalog.Product, caseInsensitive, ignoreUnknown *bool, options []catalog.SelectedOptionInput) (*catalog.ProductVariant, error) {
	if len(options) > 0 {
		if v, err := r.VariantBySelectedOptions(ctx, p, caseInsensitive, ignoreUnknown, options); v != nil || err != nil {
			return v, err
		}
	}
	variants, _, err := r.load(ctx).variantsByProduct.load(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	// Who has selected a color and no size yet is shown that color, where the product comes in it.
	partly := catalog.Selection{Options: options, IgnoreCase: isTrue(caseInsensitive), IgnoreUnknown: isTrue(ignoreUnknown), IgnoreUnmatched: true}
	var selected []catalog.ProductVariant
	for _, v := range variants {
		if partly.Matches(v) {
			selected = append(selected, v)
		}
	}
	if len(selected) > 0 {
		variants = selected
	}
	return r.firstAvailable(ctx, variants)
}

// firstAvailable is the first variant that can be bought, else the first.
func (r *Resolver) firstAvailable(ctx context.Context, variants []catalog.ProductVariant) (*catalog.ProductVariant, error) {
	for i := range variants {
		available, err := r.forSale(ctx, &variants[i])
		if err != nil {
			return nil, err
		}
		if available {
			return &variants[i], nil
		}
	}
	if len(variants) == 0 {
		return nil, nil
	}
	return &variants[0], nil
}

func (r productResolver) AdjacentVariants(ctx context.Context, p *catalog.Product, caseInsensitive, ignoreUnknown *bool, options []catalog.SelectedOptionInput) ([]catalog.ProductVariant, error) {
	variants, _, err := r.load(ctx).variantsByProduct.load(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	if isTrue(ignoreUnknown) {
		options = catalog.KnownOptions(options, variants, isTrue(caseInsensitive))
	}
	if len(options) == 0 {
		first, err := r.firstAvailable(ctx, variants)
		if err != nil || first == nil {
			return []catalog.ProductVariant{}, err
		}
		for _, o := range first.SelectedOptions() {
			options = append(options, catalog.SelectedOptionInput(o))
		}
	}
	selection := catalog.Selection{Options: options, IgnoreCase: isTrue(caseInsensitive), IgnoreUnknown: isTrue(ignoreUnknown)}
	adjacent := []catalog.ProductVariant{}
	for _, v := range variants {
		if selection.Adjacent(v) {
			adjacent = append(adjacent, v)
		}
	}
	catalog.SortVariants(adjacent, catalog.VariantsByIDs)
	return adjacent, nil
}

func (r productOptionValueResolver) FirstSelectableVariant(ctx context.Context, value *catalog.ProductOptionValue) (*catalog.ProductVariant, error) {
	variants, _, err := r.load(ctx).variantsByProduct.load(ctx, value.ProductID)
	if err != nil {
		return nil, err
	}
	options, _, err := r.load(ctx).optionsByProduct.load(ctx, value.ProductID)
	if err != nil {
		return nil, err
	}
	return catalog.FirstWith(*value, options, variants), nil
}

// Product is there for whoever was given the variant, also when it is not offered any more: who has it in a cart has to
// see what it is to take it out.
func (r productVariantResolver) Product(ctx context.Context, v *catalog.ProductVariant) (*catalog.Product, error) {
	p, ok, err := r.load(ctx).products.load(ctx, v.ProductID)
	if err == nil && !ok {
		p, ok, err = r.load(ctx).withdrawn.load(ctx, v.ProductID)
	}
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "NOT_FOUND", "There is no such product.")
	}
	return &p, err
}

func (r productVariantResolver) Image(ctx context.Context, v *catalog.ProductVariant) (*media.Image, error) {
	images, _, err := r.load(ctx).imagesByProduct.load(ctx, v.ProductID)
	if err != nil || len(images) == 0 {
		return nil, err
	}
	if v.ImageID != nil {
		if i := slices.IndexFunc(images, func(i catalog.ProductImage) bool { return *i.ID == *v.ImageID }); i >= 0 {
			return &images[i].Image, nil
		}
	}
	return &images[0].Image, nil
}
