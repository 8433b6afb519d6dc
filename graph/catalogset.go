package graph

import (
	"context"
	"strconv"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/position"
)

// productUserError writes a refusal in the words of the catalog's API. A code that it does not list is INVALID.
func productUserError(f *fault.Fault) ProductUserError {
	e := ProductUserError{Code: ProductErrorCode(f.Code), Field: f.Field, Message: f.Message}
	if !e.Code.IsValid() {
		e.Code = ProductErrorCodeInvalid
	}
	if v, ok := f.Data["currentVersion"].(int); ok {
		e.CurrentVersion = &v
	}
	return e
}

// metafieldUserError is productUserError for metafields; it counts which of them it is.
func metafieldUserError(f *fault.Fault) MetafieldUserError {
	e := MetafieldUserError{Code: MetafieldErrorCode(f.Code), Field: f.Field, Message: f.Message}
	if !e.Code.IsValid() {
		e.Code = MetafieldErrorCodeInvalid
	}
	if len(f.Field) > 2 && f.Field[1] == "metafields" {
		if i, err := strconv.Atoi(f.Field[2]); err == nil {
			e.ElementIndex = &i
		}
	}
	return e
}

// positioned is a position as the API writes it.
func positioned(at int64) *string {
	text := strconv.FormatInt(at, 10)
	return &text
}

// standing is the catalog's position after a write, refused ones excepted. Lists and searches that are asked with it as
// minPosition show the write, of whatever realm it was: they wait until what was changed of the catalog is listed, read the
// rest as it is, the settings as they were within the last second, and are not answered from memory. Where it can't be read the write has been made all the same.
func (r *Resolver) standing(ctx context.Context, refused bool) *string {
	if refused {
		return nil
	}
	at, err := position.Current(ctx, r.shop.Pool)
	if err != nil {
		return nil
	}
	return positioned(at[position.Catalog])
}

func (r mutationResolver) ProductSet(ctx context.Context, input catalog.ProductSetInput) (*ProductSetPayload, error) {
	shop, err := r.shop.Settings.Load(ctx)
	if err != nil {
		return nil, err
	}
	done, err := catalog.SetProduct(ctx, r.shop.Pool, inventory.Bundles, access.From(ctx), shop.Currency, input)
	refused, err := userErrors(err, productUserError)
	if err != nil || len(refused) > 0 {
		return &ProductSetPayload{UserErrors: refused}, err
	}
	r.load(ctx).expectProducts([]catalog.Product{done.Product})
	return &ProductSetPayload{Product: &done.Product, Position: positioned(done.Position), UserErrors: refused}, nil
}

func (r mutationResolver) ProductDelete(ctx context.Context, input catalog.ProductDeleteInput) (*ProductDeletePayload, error) {
	product, at, err := catalog.DeleteProduct(ctx, r.shop.Pool, inventory.Bundles, input)
	refused, err := userErrors(err, productUserError)
	if err != nil || len(refused) > 0 {
		return &ProductDeletePayload{UserErrors: refused}, err
	}
	gone := product.String()
	return &ProductDeletePayload{DeletedProductID: &gone, Position: positioned(at), UserErrors: refused}, nil
}

func (r mutationResolver) ProductPricesSet(ctx context.Context, input catalog.ProductPricesSetInput) (*ProductPricesSetPayload, error) {
	shop, err := r.shop.Settings.Load(ctx)
	if err != nil {
		return nil, err
	}
	variants, at, err := catalog.SetPrices(ctx, r.shop.Pool, shop.Currency, input)
	refused, err := userErrors(err, productUserError)
	if err != nil || len(refused) > 0 {
		return &ProductPricesSetPayload{UserErrors: refused}, err
	}
	r.load(ctx).expectVariants(variants)
	return &ProductPricesSetPayload{Variants: variants, Position: positioned(at), UserErrors: refused}, nil
}

func (r mutationResolver) MetafieldsSet(ctx context.Context, input catalog.MetafieldsSetInput) (*MetafieldsSetPayload, error) {
	written, at, err := catalog.SetMetafields(ctx, r.shop.Pool, input)
	refused, err := userErrors(err, metafieldUserError)
	if err != nil || len(refused) > 0 {
		return &MetafieldsSetPayload{UserErrors: refused}, err
	}
	if written == nil {
		written = []catalog.Metafield{}
	}
	return &MetafieldsSetPayload{Metafields: written, Position: positioned(at), UserErrors: refused}, nil
}

func (r mutationResolver) MetafieldsDelete(ctx context.Context, input catalog.MetafieldsDeleteInput) (*MetafieldsDeletePayload, error) {
	gone, at, err := catalog.DeleteMetafields(ctx, r.shop.Pool, input)
	refused, err := userErrors(err, metafieldUserError)
	if err != nil || len(refused) > 0 {
		return &MetafieldsDeletePayload{UserErrors: refused}, err
	}
	ids := make([]string, len(gone))
	for i, one := range gone {
		ids[i] = one.String()
	}
	return &MetafieldsDeletePayload{DeletedMetafieldIds: ids, Position: positioned(at), UserErrors: refused}, nil
}

// expectVariants says that variants came in one list, and their products with them.
func (l *loaders) expectVariants(variants []catalog.ProductVariant) {
	keys, products := make([]id.ProductVariantID, len(variants)), make([]id.ProductID, len(variants))
	for i, v := range variants {
		keys[i], products[i] = v.ID, v.ProductID
		l.variants.prime(v.ID, v)
	}
	l.variantKeys.expect(keys)
	l.productKeys.expect(products)
}
