package search

import "context"

// Statements gives statements by name, for the test of their plans.
func Statements() map[string]string {
	statements := map[string]string{
		"facets of collections": facetsOfCollectionsSQL, "whole facets of collections": wholeFacetsOfCollectionsSQL,
		"search": foundRankDownSQL, "searched facets": facetsOfFoundSQL,
		"whole searched facets": wholeFacetsOfFoundSQL,
		"count of a search":     foundCountSQL, "predicted": predictedSQL, "predicted in": predictedInSQL,
	}
	for sort, s := range sortings {
		statements["products "+string(sort)] = s.forward
		statements["products back "+string(sort)] = s.backward
	}
	for sort, s := range collectionSortings {
		statements["members "+string(sort)] = s.forward
	}
	return statements
}

// Narrowed counts the facets of a list without filters as if it had some, which must give the same.
func (s *Search) Narrowed(ctx context.Context, list Filterable) ([]Filter, error) {
	asked := *list.asked
	for _, c := range []tally{facetsOfAll, facetsOfFound, facetsOfWhole, facetsOfCollections} {
		if asked.statement == c.whole {
			asked.statement = c.narrowed
			lists, err := s.facets(ctx, &asked)
			return lists[list.list], err
		}
	}
	panic("the list has filters")
}

// Filterable is what was found as a list.
func (c SearchResultItemConnection) Filterable() Filterable { return Filterable{asked: c.facets} }
