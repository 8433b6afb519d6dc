// Package media holds pictures, videos and models: values that several domains share.
package media

import "github.com/wharfhq/wharf/internal/id"

// Image is a picture with its address. An address that begins with a slash is one of the shop's own server.
type Image struct {
	ID        *id.ProductImageID
	Address   string
	AltText   *string
	Width     *int
	Height    *int
	Thumbhash *string
}

// ImageTransformInput is the form in which a caller would like an image. The shop does not transform images: it gives
// the original, as the vocabulary allows.
type ImageTransformInput struct {
	Crop                 *CropRegion
	MaxHeight            *int
	MaxWidth             *int
	PreferredContentType *ImageContentType
	Scale                *int
}

// CropRegion is the part of an image that is kept.
type CropRegion string

// ImageContentType is a format of images.
type ImageContentType string
