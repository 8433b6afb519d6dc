package catalog

import (
	"time"

	"github.com/wharfhq/wharf/internal/id"
)

// ProductImage is a picture of a product. An address that begins with a slash is one of the shop's own.
type ProductImage struct {
	ID        id.ProductImageID
	ProductID id.ProductID
	Position  int
	Address   string
	AltText   *string
	Width     *int
	Height    *int
	CreatedAt time.Time
}
