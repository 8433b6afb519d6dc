package media

import "github.com/wharfhq/wharf/internal/pg"

// ImageConnection is one page of images.
type ImageConnection = pg.Connection[Image]

// ImageEdge is one image of a page.
type ImageEdge = pg.Edge[Image]
