package content

// ArticleStatements gives the forward statement of each order, for the test of their plans.
func ArticleStatements() map[string]string {
	statements := map[string]string{}
	for key, s := range articleSortings {
		statements[key] = s.forward
	}
	return statements
}
