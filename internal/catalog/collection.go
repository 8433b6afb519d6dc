package catalog

import (
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/media"
	"github.com/wharfhq/wharf/internal/richtext"
)

// Collection is a group of products under a name of its own. Its members are put into it by people, or, where it has
// rules, by the shop: every product that meets the rules is in it, and no other.
type Collection struct {
	ID              id.CollectionID
	Handle          string
	Title           string
	DescriptionHTML string // sanitized when it was written
	Text            string // the description without markup
	ImageURL        *string
	ImageAlt        *string
	SEOTitle        *string
	SEODescription  *string
	PublishedOn     *time.Time // nil keeps it back
	SortKey         ProductCollectionSortKeys
	SortReverse     bool
	RuleBased       bool
	AnyRule         bool // one rule is enough; else all must hold
	Version         int
	CreatedAt       time.Time
	UpdatedAt       time.Time
}

// IsNode marks a Collection as a Node of the API.
func (Collection) IsNode() {}

// IsMenuItemResource says that a menu may lead to a Collection.
func (Collection) IsMenuItemResource() {}

// SEO is what search engines are told of the collection.
func (c Collection) SEO() richtext.SEO {
	return richtext.SEO{Title: c.SEOTitle, Description: c.SEODescription}
}

// Description is the description without markup, cut after a number of characters when one is given.
func (c Collection) Description(truncateAt *int) string { return richtext.Truncate(c.Text, truncateAt) }

// Image is the collection's picture; nil where it has none.
func (c Collection) Image() *media.Image {
	if c.ImageURL == nil {
		return nil
	}
	return &media.Image{Address: *c.ImageURL, AltText: c.ImageAlt}
}

// Order turns the order that a shopper asks for into one that a list has: the collection's own, where nothing else is
// asked for. Nothing in a collection is more relevant than the rest, so relevance is its own order too.
func (c Collection) Order(asked ProductCollectionSortKeys, reverse bool) (ProductCollectionSortKeys, bool) {
	if asked == CollectionDefault || asked == CollectionRelevance {
		return c.SortKey, reverse != c.SortReverse
	}
	return asked, reverse
}

// collectionColumns are what fields takes, in its order.
const collectionColumns = `c.id, c.handle, c.title, c.description_html, c.description, c.image_url, c.image_alt, c.seo_title,
       c.seo_description, c.published_at, c.sort_key, c.sort_reverse, c.rule_based, c.any_rule, c.version, c.created_at,
       c.updated_at`

func (c *Collection) fields() []any {
	return []any{
		&c.ID, &c.Handle, &c.Title, &c.DescriptionHTML, &c.Text, &c.ImageURL, &c.ImageAlt, &c.SEOTitle,
		&c.SEODescription, &c.PublishedOn, &c.SortKey, &c.SortReverse, &c.RuleBased, &c.AnyRule, &c.Version, &c.CreatedAt,
		&c.UpdatedAt,
	}
}

func scanCollection(row pgx.CollectableRow) (Collection, error) {
	var c Collection
	err := row.Scan(c.fields()...)
	return c, err
}
