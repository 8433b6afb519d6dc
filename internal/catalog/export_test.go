package catalog

// Statements gives the forward statement of each order, for the test of their plans.
func Statements() map[ProductSortKeys]string {
	statements := map[ProductSortKeys]string{}
	for sort, s := range sortings {
		statements[sort] = s.forward
	}
	return statements
}
