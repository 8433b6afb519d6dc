package graph

import (
	"context"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/wharfhq/wharf/internal/id"
)

// placeOf is where a field stands in the operation: the keys that lead to it, the same for all things of a list.
func placeOf(field *graphql.FieldContext) string {
	var keys []string
	for _, step := range field.Path() {
		if key, ok := step.(ast.PathName); ok {
			keys = append(keys, string(key))
		}
	}
	return strings.Join(keys, ".")
}

// listAbove is the place of the list of which a field's thing is an element; what stands alone is in the list that its
// thing's own field would have given.
func listAbove(field *graphql.FieldContext) string {
	above := field.Parent
	for above.Index != nil || strings.HasSuffix(above.Object, "Connection") || strings.HasSuffix(above.Object, "Edge") {
		above = above.Parent
	}
	return placeOf(above)
}

// collectionsAt knows which collections came in one list at a place.
func (l *loaders) collectionsAt(place string) *together[id.CollectionID] {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.placed == nil {
		l.placed = map[string]*together[id.CollectionID]{}
	}
	if l.placed[place] == nil {
		l.placed[place] = &together[id.CollectionID]{}
	}
	return l.placed[place]
}

// asksFilters says whether what a list can be filtered by is selected of it here.
func asksFilters(ctx context.Context) bool {
	return slices.ContainsFunc(graphql.CollectFieldsCtx(ctx, []string{"ProductConnection"}),
		func(f graphql.CollectedField) bool { return f.Name == "filters" })
}
