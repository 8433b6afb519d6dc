package graph

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
)

// catalogLoaders are the "by many keys" questions about what products have besides themselves: media, versions, and
// metafields by their names.
type catalogLoaders struct {
	media    *loader[id.ProductID, []catalog.ProductMedium]
	versions *loader[id.ProductID, int]

	mu           sync.Mutex
	ofProduct    map[string]*loader[id.ProductID, []*catalog.Metafield]
	ofVariant    map[string]*loader[id.ProductVariantID, []*catalog.Metafield]
	ofCollection map[string]*loader[id.CollectionID, []*catalog.Metafield]
}

func newCatalogLoaders(l *loaders) *catalogLoaders {
	c := &catalogLoaders{
		ofProduct:    map[string]*loader[id.ProductID, []*catalog.Metafield]{},
		ofVariant:    map[string]*loader[id.ProductVariantID, []*catalog.Metafield]{},
		ofCollection: map[string]*loader[id.CollectionID, []*catalog.Metafield]{},
	}
	c.media = newLoader(&l.productKeys, func(ctx context.Context, ids []id.ProductID) (map[id.ProductID][]catalog.ProductMedium, error) {
		return catalog.MediaByProduct(ctx, l.db, ids)
	})
	c.versions = newLoader(&l.productKeys, func(ctx context.Context, ids []id.ProductID) (map[id.ProductID]int, error) {
		return catalog.Versions(ctx, l.db, ids)
	})
	return c
}

// metafieldsOf is the question for the metafields of these names, asked of one kind of things.
func metafieldsOf[K interface {
	~[16]byte
	comparable
}](l *loaders, asked map[string]*loader[K, []*catalog.Metafield], keys *together[K], names []catalog.HasMetafieldsIdentifier) *loader[K, []*catalog.Metafield] {
	text, err := json.Marshal(names)
	if err != nil {
		panic("names that can't be written: " + err.Error()) // texts always can
	}
	l.catalogLoaders.mu.Lock()
	defer l.catalogLoaders.mu.Unlock()
	if asked[string(text)] == nil {
		asked[string(text)] = newLoader(keys, func(ctx context.Context, ids []K) (map[K][]*catalog.Metafield, error) {
			by, err := catalog.MetafieldsByOwner(ctx, l.db, ids, names)
			var all []*catalog.Metafield
			for _, owner := range ids {
				all = append(all, by[owner]...)
			}
			l.expectReferences(all)
			return by, err
		})
	}
	return asked[string(text)]
}

// expectReferences says that metafields came in one list: what they lead to will be asked of all.
func (l *loaders) expectReferences(list []*catalog.Metafield) {
	byKind := map[string][]id.Global{}
	for _, m := range list {
		if m == nil {
			continue
		}
		for _, to := range m.References() {
			byKind[to.Kind] = append(byKind[to.Kind], to)
		}
	}
	l.productKeys.expect(kindOf[id.ProductID](byKind["Product"]))
	l.variantKeys.expect(kindOf[id.ProductVariantID](byKind["ProductVariant"]))
	l.collectionKeys.expect(kindOf[id.CollectionID](byKind["Collection"]))
}
