package graph

import (
	"context"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/shop"
)

// loaders are the "by many keys" questions of one answer. They die with it, so nothing is ever stale.
type loaders struct {
	*contentLoaders
	*catalogLoaders
	searchLoaders
	*fileLoaders

	productKeys  together[id.ProductID]
	variantKeys  together[id.ProductVariantID]
	locationKeys together[id.LocationID]
	orderKeys    together[id.OrderID]

	products          *loader[id.ProductID, catalog.Product] // that the caller may find
	withdrawn         *loader[id.ProductID, catalog.Product] // that are not offered, of variants which the caller has
	variantsByProduct *loader[id.ProductID, []catalog.ProductVariant]
	optionsByProduct  *loader[id.ProductID, []catalog.ProductOption]
	imagesByProduct   *loader[id.ProductID, []catalog.ProductImage]
	collections       *loader[id.ProductID, []catalog.Collection]
	variants          *loader[id.ProductVariantID, catalog.ProductVariant]
	available         *loader[id.ProductVariantID, inventory.Available]
	components        *loader[id.ProductVariantID, []inventory.Component]
	promises          *loader[id.ProductVariantID, inventory.Promise]
	locations         *loader[id.LocationID, inventory.Location]
	payments          *loader[id.OrderID, []payment.Payment]
	hindered          *loader[id.OrderID, orders.Hindered]
	ofCustomers       *customerLoaders

	outlooks
	source

	mu      sync.Mutex
	stores  map[address.Coordinate]*loader[id.ProductVariantID, []inventory.StoreAvailability]
	nowhere *loader[id.ProductVariantID, []inventory.StoreAvailability] // asked from no place
}

func newLoaders(s *shop.Shop, from source, actor access.Actor) *loaders {
	db := from.db
	l := &loaders{source: from, contentLoaders: newContentLoaders(db, actor), fileLoaders: newFileLoaders(s.Files), stores: map[address.Coordinate]*loader[id.ProductVariantID, []inventory.StoreAvailability]{}}
	l.catalogLoaders = newCatalogLoaders(l)
	l.products = newLoader(&l.productKeys, func(ctx context.Context, ids []id.ProductID) (map[id.ProductID]catalog.Product, error) {
		return catalog.ProductsByID(ctx, db, actor, ids)
	})
	l.withdrawn = newLoader(&l.productKeys, func(ctx context.Context, ids []id.ProductID) (map[id.ProductID]catalog.Product, error) {
		return catalog.ProductsByID(ctx, db, access.SystemActor, ids)
	})
	l.variantsByProduct = newLoader(&l.productKeys, func(ctx context.Context, ids []id.ProductID) (map[id.ProductID][]catalog.ProductVariant, error) {
		by, err := catalog.VariantsByProduct(ctx, db, ids)
		var all []id.ProductVariantID
		for _, product := range ids {
			for _, v := range by[product] {
				all = append(all, v.ID)
			}
		}
		l.variantKeys.expect(all)
		return by, err
	})
	l.optionsByProduct = newLoader(&l.productKeys, func(ctx context.Context, ids []id.ProductID) (map[id.ProductID][]catalog.ProductOption, error) {
		return catalog.OptionsByProduct(ctx, db, ids)
	})
	l.imagesByProduct = newLoader(&l.productKeys, func(ctx context.Context, ids []id.ProductID) (map[id.ProductID][]catalog.ProductImage, error) {
		return catalog.ImagesByProduct(ctx, db, ids)
	})
	l.collections = newLoader(&l.productKeys, func(ctx context.Context, ids []id.ProductID) (map[id.ProductID][]catalog.Collection, error) {
		return catalog.CollectionsByProduct(ctx, db, actor, ids)
	})
	l.variants = newLoader(&l.variantKeys, func(ctx context.Context, ids []id.ProductVariantID) (map[id.ProductVariantID]catalog.ProductVariant, error) {
		by, err := catalog.VariantsByID(ctx, db, ids)
		products := make([]id.ProductID, 0, len(by))
		for _, v := range by {
			products = append(products, v.ProductID)
		}
		l.productKeys.expect(products)
		return by, err
	})
	l.available = newLoader(&l.variantKeys, func(ctx context.Context, ids []id.ProductVariantID) (map[id.ProductVariantID]inventory.Available, error) {
		return inventory.Availability(ctx, db, ids)
	})
	l.components = newLoader(&l.variantKeys, func(ctx context.Context, ids []id.ProductVariantID) (map[id.ProductVariantID][]inventory.Component, error) {
		by, err := inventory.Components(ctx, db, ids)
		var parts []id.ProductVariantID
		for _, components := range by {
			for _, c := range components {
				parts = append(parts, c.VariantID)
			}
		}
		l.variantKeys.expect(parts)
		return by, err
	})
	l.promises = newLoader(&l.variantKeys, func(ctx context.Context, ids []id.ProductVariantID) (map[id.ProductVariantID]inventory.Promise, error) {
		route, err := routeOf(ctx, from.settings)
		if err != nil {
			return nil, err
		}
		return inventory.Promises(ctx, db, ids, route)
	})
	l.locations = newLoader(&l.locationKeys, func(ctx context.Context, ids []id.LocationID) (map[id.LocationID]inventory.Location, error) {
		return inventory.LocationsByID(ctx, db, ids)
	})
	l.payments = newLoader(&l.orderKeys, func(ctx context.Context, ids []id.OrderID) (map[id.OrderID][]payment.Payment, error) {
		return payment.PaymentsByOrder(ctx, db, ids)
	})
	l.hindered = newLoader(&l.orderKeys, func(ctx context.Context, ids []id.OrderID) (map[id.OrderID]orders.Hindered, error) {
		return payment.HinderedByOrder(ctx, db, ids)
	})
	l.ofCustomers = newCustomerLoaders(s)
	return l
}

// expectOrders says that orders came in one list: what is asked of one, and of its lines, will be asked of all.
func (l *loaders) expectOrders(list []pg.Edge[orders.Order]) {
	keys := make([]id.OrderID, len(list))
	var lines []orders.OrderLineItem
	for i, edge := range list {
		keys[i] = edge.Node.ID
		lines = append(lines, edge.Node.Lines...)
	}
	l.orderKeys.expect(keys)
	l.expectLines(lines)
}

// expectProducts says that products came in one list: what is asked of one will be asked of all.
func (l *loaders) expectProducts(products []catalog.Product) {
	keys := make([]id.ProductID, len(products))
	for i, p := range products {
		keys[i] = p.ID
		l.products.prime(p.ID, p)
	}
	l.productKeys.expect(keys)
}

// expectLines says that an order's lines came in one list.
func (l *loaders) expectLines(lines []orders.OrderLineItem) {
	keys := make([]id.ProductVariantID, len(lines))
	for i, line := range lines {
		keys[i] = line.VariantID
	}
	l.variantKeys.expect(keys)
}

// expectCart says that what is on a cart's lines came in one list, with the parts of its bundles.
func (l *loaders) expectCart(c *cart.Cart) {
	var variants []id.ProductVariantID
	var products []id.ProductID
	for _, line := range c.AllLines {
		for _, one := range append([]cart.CartLine{line}, line.Components()...) {
			variants, products = append(variants, one.VariantID), append(products, one.Variant.ProductID)
			l.variants.prime(one.VariantID, one.Variant)
		}
	}
	l.variantKeys.expect(variants)
	l.productKeys.expect(products)
}

// expectLevels says that shelves came in one list.
func (l *loaders) expectLevels(levels []inventory.StockLevel) {
	variants, places := make([]id.ProductVariantID, len(levels)), make([]id.LocationID, len(levels))
	for i, level := range levels {
		variants[i], places[i] = level.VariantID, level.LocationID
	}
	l.variantKeys.expect(variants)
	l.locationKeys.expect(places)
}

// storesNear is the question where variants can be collected, asked from one place.
func (l *loaders) storesNear(near *address.Coordinate) *loader[id.ProductVariantID, []inventory.StoreAvailability] {
	l.mu.Lock()
	defer l.mu.Unlock()
	ask := func() *loader[id.ProductVariantID, []inventory.StoreAvailability] {
		return newLoader(&l.variantKeys, func(ctx context.Context, ids []id.ProductVariantID) (map[id.ProductVariantID][]inventory.StoreAvailability, error) {
			return inventory.StoreAvailabilities(ctx, l.db, ids, near)
		})
	}
	if near == nil {
		if l.nowhere == nil {
			l.nowhere = ask()
		}
		return l.nowhere
	}
	if l.stores[*near] == nil {
		l.stores[*near] = ask()
	}
	return l.stores[*near]
}

type loadersKey struct{}

// loadersOf holds one answer's loaders; they are made when the first field asks.
type loadersOf struct {
	from source
	once sync.Once
	*loaders
}

// freshLoaders gives every answer loaders of its own: each event of a subscription is one answer.
func freshLoaders(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	of := &loadersOf{}
	if from, ok := ctx.Value(sourceKey{}).(source); ok {
		of.from = from
	}
	return next(context.WithValue(ctx, loadersKey{}, of))
}

// freshForEachMutation gives each mutation of an operation loaders of its own: they run one after the other, and what the
// first was answered with is not how things are after the second.
func freshForEachMutation(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	if graphql.GetOperationContext(ctx).Operation.Operation == ast.Mutation {
		ctx = context.WithValue(ctx, loadersKey{}, &loadersOf{})
	}
	return next(ctx)
}

// load gives the loaders of the answer that is being made.
func (r *Resolver) load(ctx context.Context) *loaders {
	of, ok := ctx.Value(loadersKey{}).(*loadersOf)
	if !ok {
		of = &loadersOf{}
	}
	of.once.Do(func() {
		if of.from.db == nil {
			of.from = source{db: r.shop.Pool, settings: r.shop.Settings.Load}
		}
		of.loaders = newLoaders(r.shop, of.from, access.From(ctx))
	})
	return of.loaders
}
