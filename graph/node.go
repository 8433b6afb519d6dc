package graph

import (
	"context"
	"iter"
	"maps"
	"slices"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/payment"
)

// Node is anything with a global id.
type Node = id.Node

// maxNodes is how many ids one call of nodes may name.
const maxNodes = 250

// found gives what one id names, nil where there is nothing that the caller may see.
type found func(id.Global, string) Node

// finders say, for each kind of thing that has a global id, how many of them are found at once. Each asks the
// domain's own read, which decides what the caller may see: a thing reached by its id is no freer than one reached by
// any other way. Kinds that stand only inside others (a cart's lines, an order's addresses) are not found by an id
// alone, since the id does not show whose they are; an address of a customer's book is.
var finders = map[string]func(context.Context, *Resolver, access.Actor, []id.Global, []string) (found, error){
	"ApiKey":             findAPIKeys,
	"Article":            findArticles,
	"Blog":               findBlogs,
	"Cart":               findCarts,
	"Collection":         findCollections,
	"Customer":           findCustomers,
	"GiftCard":           findGiftCards,
	"Location":           findLocations,
	"ExternalVideo":      findMedia,
	"MailingAddress":     findAddresses,
	"MediaImage":         findMedia,
	"MediaPresentation":  findMedia,
	"Menu":               findMenus,
	"MenuItem":           findMenuItems,
	"Metafield":          findMetafields,
	"Model3d":            findMedia,
	"Order":              findOrders,
	"Page":               findPages,
	"Payment":            findPayments,
	"PaymentAttempt":     findAttempts,
	"Product":            findProducts,
	"ProductOption":      findOptions,
	"ProductOptionValue": findOptions,
	"ProductVariant":     findVariants,
	"Promotion":          findPromotions,
	"Shop":               findShop,
	"ShopPolicy":         findPolicies,
	"Video":              findMedia,
}

// Node finds anything by its id; null where there is nothing that the caller may see.
func (r queryResolver) Node(ctx context.Context, id string) (Node, error) {
	nodes, err := r.Nodes(ctx, []string{id})
	if err != nil {
		return nil, err
	}
	return nodes[0], nil
}

// Nodes finds many things by their ids, each kind with one look, and gives them in the order asked.
func (r queryResolver) Nodes(ctx context.Context, ids []string) ([]Node, error) {
	if len(ids) > maxNodes {
		return nil, fault.Newf(fault.Invalid, "BAD_USER_INPUT", "Ask for at most %d ids at once.", maxNodes)
	}
	type kind struct {
		ids   []id.Global
		texts []string
	}
	kinds := map[string]*kind{}
	asked := make([]id.Global, len(ids))
	for i, text := range ids {
		global, err := id.Parse(text)
		if err != nil {
			return nil, err
		}
		asked[i] = global
		if kinds[global.Kind] == nil {
			kinds[global.Kind] = &kind{}
		}
		kinds[global.Kind].ids = append(kinds[global.Kind].ids, global)
		kinds[global.Kind].texts = append(kinds[global.Kind].texts, text)
	}
	looks := map[string]found{}
	for name, wanted := range kinds {
		find, ok := finders[name]
		if !ok {
			continue
		}
		look, err := find(ctx, r.Resolver, access.From(ctx), wanted.ids, wanted.texts)
		if err != nil {
			return nil, err
		}
		looks[name] = look
	}
	nodes := make([]Node, len(ids))
	for i, global := range asked {
		if look := looks[global.Kind]; look != nil {
			nodes[i] = look(global, ids[i])
		}
	}
	return nodes, nil
}

// kindOf turns ids into those of one kind.
func kindOf[K ~[16]byte](ids []id.Global) []K {
	out := make([]K, len(ids))
	for i, global := range ids {
		out[i] = global.UUID
	}
	return out
}

// in looks ids up in what was found.
func in[K ~[16]byte, V Node](byID map[K]V) found {
	return func(global id.Global, _ string) Node {
		if thing, ok := byID[K(global.UUID)]; ok {
			return thing
		}
		return nil
	}
}

func findShop(ctx context.Context, r *Resolver, _ access.Actor, _ []id.Global, _ []string) (found, error) {
	shop, err := r.settings(ctx)
	return func(global id.Global, _ string) Node {
		if id.ShopID(global.UUID) != shop.ID {
			return nil
		}
		return shop
	}, err
}

func findProducts(ctx context.Context, r *Resolver, actor access.Actor, ids []id.Global, _ []string) (found, error) {
	products, err := catalog.ProductsByID(ctx, r.db(ctx), actor, kindOf[id.ProductID](ids))
	return in(products), err
}

func findCollections(ctx context.Context, r *Resolver, actor access.Actor, ids []id.Global, _ []string) (found, error) {
	collections, err := catalog.CollectionsByID(ctx, r.db(ctx), actor, kindOf[id.CollectionID](ids))
	return in(collections), err
}

// A variant is there for whoever may see its product.
func findVariants(ctx context.Context, r *Resolver, actor access.Actor, ids []id.Global, _ []string) (found, error) {
	variants, err := catalog.VariantsByID(ctx, r.db(ctx), kindOf[id.ProductVariantID](ids))
	if err != nil {
		return nil, err
	}
	owners := make([]id.ProductID, 0, len(variants))
	for _, variant := range variants {
		owners = append(owners, variant.ProductID)
	}
	products, err := catalog.ProductsByID(ctx, r.db(ctx), actor, owners)
	if err != nil {
		return nil, err
	}
	for key, variant := range variants {
		if _, ok := products[variant.ProductID]; !ok {
			delete(variants, key)
		}
	}
	return in(variants), nil
}

// An option, and an option's value, is there for whoever may see its product.
func findOptions(ctx context.Context, r *Resolver, actor access.Actor, ids []id.Global, _ []string) (found, error) {
	owners, err := catalog.OptionProducts(ctx, r.db(ctx), kindOf[id.ProductOptionID](ids))
	if err != nil {
		return nil, err
	}
	products, err := catalog.ProductsByID(ctx, r.db(ctx), actor, owners)
	if err != nil {
		return nil, err
	}
	options, err := catalog.OptionsByProduct(ctx, r.db(ctx), owners)
	if err != nil {
		return nil, err
	}
	byID, byValue := map[id.ProductOptionID]catalog.ProductOption{}, map[id.ProductOptionValueID]catalog.ProductOptionValue{}
	for owner := range products {
		for _, option := range options[owner] {
			byID[option.ID] = option
			for _, value := range option.OptionValues {
				byValue[value.ID] = value
			}
		}
	}
	return func(global id.Global, text string) Node {
		if global.Kind == "ProductOptionValue" {
			return in(byValue)(global, text)
		}
		return in(byID)(global, text)
	}, nil
}

func findLocations(ctx context.Context, r *Resolver, _ access.Actor, ids []id.Global, _ []string) (found, error) {
	locations, err := inventory.LocationsByID(ctx, r.db(ctx), kindOf[id.LocationID](ids))
	return in(locations), err
}

// A cart's id holds its secret, so the text decides and not only the uuid in it.
func findCarts(ctx context.Context, r *Resolver, _ access.Actor, _ []id.Global, texts []string) (found, error) {
	byText := map[string]cart.Cart{}
	for _, text := range texts {
		name, ok := cart.ParseID(text)
		if !ok {
			continue
		}
		switch opened, err := r.shop.Carts.Open(ctx, name); {
		case fault.IsKind(err, fault.NotFound):
		case err != nil:
			return nil, err
		default:
			byText[text] = opened
		}
	}
	return func(_ id.Global, text string) Node {
		if opened, ok := byText[text]; ok {
			return opened
		}
		return nil
	}, nil
}

func findCustomers(ctx context.Context, r *Resolver, actor access.Actor, ids []id.Global, _ []string) (found, error) {
	visible, err := r.shop.Customers.VisibleByID(ctx, actor, kindOf[id.CustomerID](ids))
	return in(visible), err
}

func findGiftCards(ctx context.Context, r *Resolver, actor access.Actor, ids []id.Global, _ []string) (found, error) {
	visible, err := r.shop.Promotions.VisibleByID(ctx, actor, kindOf[id.GiftCardID](ids))
	return in(visible), err
}

func findPromotions(ctx context.Context, r *Resolver, actor access.Actor, ids []id.Global, _ []string) (found, error) {
	visible, err := r.shop.Promotions.PromotionsByID(ctx, actor, kindOf[id.PromotionID](ids))
	return in(visible), err
}

func findAPIKeys(ctx context.Context, r *Resolver, actor access.Actor, ids []id.Global, _ []string) (found, error) {
	visible, err := r.shop.Partners.VisibleByID(ctx, actor, kindOf[id.ApiKeyID](ids))
	return in(visible), err
}

func findOrders(ctx context.Context, r *Resolver, actor access.Actor, ids []id.Global, _ []string) (found, error) {
	visible, err := r.shop.Orders.VisibleByID(ctx, actor, kindOf[id.OrderID](ids))
	return in(visible), err
}

func findPayments(ctx context.Context, r *Resolver, actor access.Actor, ids []id.Global, _ []string) (found, error) {
	belongs, err := payment.OrdersOfPayments(ctx, r.db(ctx), kindOf[id.PaymentID](ids))
	if err != nil {
		return nil, err
	}
	byID := map[id.PaymentID]payment.Payment{}
	payments, err := r.paymentsOf(ctx, actor, maps.Values(belongs))
	for _, p := range payments {
		byID[p.ID] = p
	}
	return in(byID), err
}

func findAttempts(ctx context.Context, r *Resolver, actor access.Actor, ids []id.Global, _ []string) (found, error) {
	belongs, err := payment.OrdersOfAttempts(ctx, r.db(ctx), kindOf[id.PaymentAttemptID](ids))
	if err != nil {
		return nil, err
	}
	byID := map[id.PaymentAttemptID]payment.PaymentAttempt{}
	payments, err := r.paymentsOf(ctx, actor, maps.Values(belongs))
	for _, p := range payments {
		for _, attempt := range p.Attempts {
			byID[attempt.ID] = attempt
		}
	}
	return in(byID), err
}

// paymentsOf gives the payments of those of the orders that the caller may see: a payment is there for whoever may see
// its order.
func (r *Resolver) paymentsOf(ctx context.Context, actor access.Actor, owners iter.Seq[id.OrderID]) ([]payment.Payment, error) {
	visible, err := r.shop.Orders.VisibleByID(ctx, actor, slices.Collect(owners))
	if err != nil {
		return nil, err
	}
	byOrder, err := payment.PaymentsByOrder(ctx, r.db(ctx), slices.Collect(maps.Keys(visible)))
	if err != nil {
		return nil, err
	}
	return slices.Concat(slices.Collect(maps.Values(byOrder))...), nil
}
