package catalog

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/media"
	"github.com/wharfhq/wharf/internal/pg"
)

// ProductImage is a picture in its place among a product's.
type ProductImage struct {
	media.Image
	ProductID id.ProductID
	Position  int
	CreatedAt time.Time
}

const imagesByProductSQL = `
select id, product_id, position, url, alt_text, width, height, created_at
from product_image
where product_id = any((select $1::uuid[])::uuid[])
order by product_id, position, id`

// ImagesByProduct reads the products' images, each product's in their order.
func ImagesByProduct(ctx context.Context, db pg.DB, products []id.ProductID) (map[id.ProductID][]ProductImage, error) {
	rows, err := db.Query(ctx, imagesByProductSQL, products)
	if err != nil {
		return nil, fmt.Errorf("read images: %w", err)
	}
	images, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (ProductImage, error) {
		var i ProductImage
		err := row.Scan(&i.ID, &i.ProductID, &i.Position, &i.Address, &i.AltText, &i.Width, &i.Height, &i.CreatedAt)
		return i, err
	})
	if err != nil {
		return nil, fmt.Errorf("read images: %w", err)
	}
	by := make(map[id.ProductID][]ProductImage, len(products))
	for _, i := range images {
		by[i.ProductID] = append(by[i.ProductID], i)
	}
	return by, nil
}

// ProductImageSortKeys is an order in which a product's images can be listed.
type ProductImageSortKeys string

// The orders of images.
const (
	ImagesByCreation  ProductImageSortKeys = "CREATED_AT"
	ImagesByID        ProductImageSortKeys = "ID"
	ImagesByPosition  ProductImageSortKeys = "POSITION"
	ImagesByRelevance ProductImageSortKeys = "RELEVANCE"
)

// SortImages puts a product's images, which come in the order of their positions, into another order.
func SortImages(images []ProductImage, sort ProductImageSortKeys) {
	switch sort {
	case ImagesByCreation:
		slices.SortStableFunc(images, func(a, b ProductImage) int { return a.CreatedAt.Compare(b.CreatedAt) })
	case ImagesByID:
		slices.SortStableFunc(images, func(a, b ProductImage) int { return strings.Compare(a.ID.String(), b.ID.String()) })
	}
}
