package search

// Statements gives statements by name, for the test of their plans.
func Statements() map[string]string {
	statements := map[string]string{
		"facets of collections": facetsOfCollectionsSQL,
		"search":                foundRankDownSQL, "searched facets": facetsOfFoundSQL,
		"count of a search": foundCountSQL, "predicted": predictedSQL, "predicted in": predictedInSQL,
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
