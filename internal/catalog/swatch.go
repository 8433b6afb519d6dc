package catalog

import (
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/media"
)

// ProductOptionValueSwatch is how an option's value looks: a color, a picture, or both.
type ProductOptionValueSwatch struct {
	Color    *string // as #RRGGBB
	ImageURL *string
	ImageAlt *string

	value id.ProductOptionValueID
}

// Swatch is how the value looks; nil where nobody said.
func (v ProductOptionValue) Swatch() *ProductOptionValueSwatch {
	if v.Look.Color == nil && v.Look.ImageURL == nil {
		return nil
	}
	return &v.Look
}

// Image is the picture of the swatch; nil without one. Its id is made of the value's.
func (s ProductOptionValueSwatch) Image() media.Media {
	if s.ImageURL == nil {
		return nil
	}
	return media.MediaImage{ID: id.MediaImageID(s.value), URL: *s.ImageURL, Alt: s.ImageAlt}
}
