package graph

import (
	"context"
	"strconv"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

type metafieldResolver struct{ *Resolver }

// Metafield answers the fields of Metafield that are not simply there.
func (r *Resolver) Metafield() MetafieldResolver { return metafieldResolver{r} }

// maxMetafieldNames is how many metafields are asked for at once.
const maxMetafieldNames = 250

// metafields loads the metafields of a thing by their names.
func metafields[K comparable](ctx context.Context, of *loader[K, []*catalog.Metafield], thing K, names []catalog.HasMetafieldsIdentifier) ([]*catalog.Metafield, error) {
	if len(names) > maxMetafieldNames {
		return nil, fault.Newf(fault.Invalid, "BAD_USER_INPUT", "Ask for at most %d metafields at once.", maxMetafieldNames)
	}
	found, ok, err := of.load(ctx, thing)
	if !ok {
		found = make([]*catalog.Metafield, len(names))
	}
	return found, err
}

// onlyMetafield is the one of a list that asked for one name.
func onlyMetafield(found []*catalog.Metafield, err error) (*catalog.Metafield, error) {
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

func named(key string, namespace *string) []catalog.HasMetafieldsIdentifier {
	return []catalog.HasMetafieldsIdentifier{{Namespace: namespace, Key: key}}
}

func (r productResolver) Metafields(ctx context.Context, p *catalog.Product, names []catalog.HasMetafieldsIdentifier) ([]*catalog.Metafield, error) {
	l := r.load(ctx)
	return metafields(ctx, metafieldsOf(l, l.ofProduct, &l.productKeys, names), p.ID, names)
}

func (r productResolver) Metafield(ctx context.Context, p *catalog.Product, key string, namespace *string) (*catalog.Metafield, error) {
	return onlyMetafield(r.Metafields(ctx, p, named(key, namespace)))
}

func (r productVariantResolver) Metafields(ctx context.Context, v *catalog.ProductVariant, names []catalog.HasMetafieldsIdentifier) ([]*catalog.Metafield, error) {
	l := r.load(ctx)
	return metafields(ctx, metafieldsOf(l, l.ofVariant, &l.variantKeys, names), v.ID, names)
}

func (r productVariantResolver) Metafield(ctx context.Context, v *catalog.ProductVariant, key string, namespace *string) (*catalog.Metafield, error) {
	return onlyMetafield(r.Metafields(ctx, v, named(key, namespace)))
}

func (r collectionResolver) Metafields(ctx context.Context, c *catalog.Collection, names []catalog.HasMetafieldsIdentifier) ([]*catalog.Metafield, error) {
	l := r.load(ctx)
	return metafields(ctx, metafieldsOf(l, l.ofCollection, &l.collectionKeys, names), c.ID, names)
}

func (r collectionResolver) Metafield(ctx context.Context, c *catalog.Collection, key string, namespace *string) (*catalog.Metafield, error) {
	return onlyMetafield(r.Metafields(ctx, c, named(key, namespace)))
}

// thing is a product, a variant or a collection of an id; nil where shoppers see none and the caller neither.
func (r *Resolver) thing(ctx context.Context, kind string, key [16]byte) (any, error) {
	l := r.load(ctx)
	switch kind {
	case "Product":
		if p, ok, err := l.products.load(ctx, key); ok || err != nil {
			return p, err
		}
	case "ProductVariant":
		v, ok, err := l.variants.load(ctx, key)
		if err != nil || !ok {
			return nil, err
		}
		if _, ok, err := l.products.load(ctx, v.ProductID); ok || err != nil {
			return v, err
		}
	case "Collection":
		if c, ok, err := l.collectionsByID.load(ctx, key); ok || err != nil {
			return c, err
		}
	}
	return nil, nil
}

// ownerKinds are the kinds of ids that own metafields.
var ownerKinds = map[catalog.MetafieldOwner]string{
	catalog.OfProduct: "Product", catalog.OfVariant: "ProductVariant", catalog.OfCollection: "Collection",
}

func (r metafieldResolver) ParentResource(ctx context.Context, m *catalog.Metafield) (MetafieldParentResource, error) {
	owner, err := r.thing(ctx, ownerKinds[m.Owner], m.OwnerID)
	if err == nil && owner == nil {
		err = fault.New(fault.NotFound, "NOT_FOUND", "There is no such thing.")
	}
	return owner, err
}

func (r metafieldResolver) Reference(ctx context.Context, m *catalog.Metafield) (MetafieldReference, error) {
	to := m.References()
	if m.List() || len(to) == 0 {
		return nil, nil
	}
	return r.thing(ctx, to[0].Kind, to[0].UUID)
}

func (r metafieldResolver) References(ctx context.Context, m *catalog.Metafield, after, before *string, first, last *int) (*MetafieldReferenceConnection, error) {
	to := m.References()
	if !m.List() || to == nil {
		return nil, nil
	}
	type reference struct {
		place string
		thing MetafieldReference
	}
	var there []reference
	for i, one := range to {
		thing, err := r.thing(ctx, one.Kind, one.UUID)
		if err != nil {
			return nil, err
		}
		if thing != nil {
			there = append(there, reference{strconv.Itoa(i), thing})
		}
	}
	list, err := pg.Slice(paged(after, before, first, last, nil), there, func(one reference) string { return one.place })
	if err != nil {
		return nil, err
	}
	page := &MetafieldReferenceConnection{Edges: []MetafieldReferenceEdge{}, Nodes: []MetafieldReference{}, PageInfo: list.PageInfo}
	for _, edge := range list.Edges {
		page.Edges = append(page.Edges, MetafieldReferenceEdge{Cursor: edge.Cursor, Node: edge.Node.thing})
		page.Nodes = append(page.Nodes, edge.Node.thing)
	}
	return page, nil
}

func findMetafields(ctx context.Context, r *Resolver, actor access.Actor, ids []id.Global, _ []string) (found, error) {
	metafields, err := catalog.MetafieldsByID(ctx, r.db(ctx), actor, kindOf[id.MetafieldID](ids))
	return in(metafields), err
}
