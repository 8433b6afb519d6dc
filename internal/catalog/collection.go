package catalog

import (
	"time"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/richtext"
)

// Collection is a group of products under a name of its own.
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
	PublishedOn     *time.Time
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
