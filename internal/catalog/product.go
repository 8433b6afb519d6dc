package catalog

import (
	"time"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/richtext"
)

// ProductStatus says whether a product is offered, being prepared or put away.
type ProductStatus string

// The statuses of a product. Only an active product that is published is seen by shoppers.
const (
	Active   ProductStatus = "ACTIVE"
	Draft    ProductStatus = "DRAFT"
	Archived ProductStatus = "ARCHIVED"
)

// Product is what a shopper looks at; what is bought is one of its variants. Every product has at least one.
type Product struct {
	ID              id.ProductID
	Handle          string
	Title           string
	DescriptionHTML string // sanitized when it was written
	Text            string // the description without markup
	Vendor          string
	ProductType     string
	Tags            []string // sorted
	Status          ProductStatus
	PublishedOn     *time.Time // nil for a product that is kept back
	IsGiftCard      bool
	SEOTitle        *string
	SEODescription  *string
	OptionNames     []string
	Currency        money.Currency
	MinPrice        int64
	MaxPrice        int64
	MinCompareAt    *int64
	MaxCompareAt    *int64
	VariantCount    int
	UnitsSold       int64
	CreatedAt       time.Time
	UpdatedAt       time.Time
}

// IsNode marks a Product as a Node of the API.
func (Product) IsNode() {}

// IsMenuItemResource says that a menu may lead to a Product.
func (Product) IsMenuItemResource() {}

// IsSearchResultItem says that a search may find a Product.
func (Product) IsSearchResultItem() {}

// Published says whether shoppers see the product.
func (p Product) Published(now time.Time) bool {
	return p.Status == Active && p.PublishedOn != nil && !p.PublishedOn.After(now)
}

// PublishedAt is when shoppers first saw the product; for one that is kept back, when it was made.
func (p Product) PublishedAt() time.Time {
	if p.PublishedOn == nil {
		return p.CreatedAt
	}
	return *p.PublishedOn
}

// SEO is what search engines are told of the product.
func (p Product) SEO() richtext.SEO {
	return richtext.SEO{Title: p.SEOTitle, Description: p.SEODescription}
}

// Description is the description without markup, cut after a number of characters when one is given.
func (p Product) Description(truncateAt *int) string { return richtext.Truncate(p.Text, truncateAt) }

// ProductPriceRange is the cheapest and the dearest variant of a product.
type ProductPriceRange struct {
	MinVariantPrice money.Money
	MaxVariantPrice money.Money
}

// PriceRange is the range of the variants' prices.
func (p Product) PriceRange() ProductPriceRange {
	return ProductPriceRange{money.New(p.MinPrice, p.Currency), money.New(p.MaxPrice, p.Currency)}
}

// CompareAtPriceRange is the range of the variants' former prices, zero when no variant has one.
func (p Product) CompareAtPriceRange() ProductPriceRange {
	if p.MinCompareAt == nil || p.MaxCompareAt == nil {
		return ProductPriceRange{money.Zero(p.Currency), money.Zero(p.Currency)}
	}
	return ProductPriceRange{money.New(*p.MinCompareAt, p.Currency), money.New(*p.MaxCompareAt, p.Currency)}
}
