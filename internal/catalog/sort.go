package catalog

// ProductSortKeys is an order in which products can be listed.
type ProductSortKeys string

// The orders of products. The best selling and the most relevant come first; all else ascends.
const (
	SortBestSelling ProductSortKeys = "BEST_SELLING"
	SortCreatedAt   ProductSortKeys = "CREATED_AT"
	SortID          ProductSortKeys = "ID"
	SortPrice       ProductSortKeys = "PRICE"
	SortProductType ProductSortKeys = "PRODUCT_TYPE"
	SortRelevance   ProductSortKeys = "RELEVANCE"
	SortTitle       ProductSortKeys = "TITLE"
	SortUpdatedAt   ProductSortKeys = "UPDATED_AT"
	SortVendor      ProductSortKeys = "VENDOR"
)

// ProductCollectionSortKeys is an order in which a collection's products can be listed.
type ProductCollectionSortKeys string

// The orders of a collection's products. Its own order is the one in which they were put.
const (
	CollectionBestSelling ProductCollectionSortKeys = "BEST_SELLING"
	CollectionDefault     ProductCollectionSortKeys = "COLLECTION_DEFAULT"
	CollectionCreated     ProductCollectionSortKeys = "CREATED"
	CollectionID          ProductCollectionSortKeys = "ID"
	CollectionManual      ProductCollectionSortKeys = "MANUAL"
	CollectionPrice       ProductCollectionSortKeys = "PRICE"
	CollectionRelevance   ProductCollectionSortKeys = "RELEVANCE"
	CollectionTitle       ProductCollectionSortKeys = "TITLE"
)
