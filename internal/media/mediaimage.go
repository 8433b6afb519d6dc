package media

import "github.com/wharfhq/wharf/internal/id"

// MediaContentType is what kind of medium a thing is shown with.
type MediaContentType string

// MediaImage is an image among the media of a thing, such as the logo of a brand.
type MediaImage struct {
	ID     id.MediaImageID `json:"id"`
	URL    string          `json:"url"`
	Alt    *string         `json:"alt,omitempty"`
	Width  *int            `json:"width,omitempty"`
	Height *int            `json:"height,omitempty"`

	of *Image // the image that it is, where that has an id of its own
}

// Of makes an image a medium under the image's own id.
func Of(image Image) MediaImage {
	m := MediaImage{URL: image.Address, Alt: image.AltText, Width: image.Width, Height: image.Height, of: &image}
	if image.ID != nil {
		m.ID = id.MediaImageID(*image.ID)
	}
	return m
}

// IsNode marks a MediaImage as a Node of the API.
func (MediaImage) IsNode() {}

// IsMedia marks a MediaImage as a medium.
func (MediaImage) IsMedia() {}

// Key is the medium's id.
func (m MediaImage) Key() string { return m.ID.String() }

// MediaContentType is IMAGE.
func (MediaImage) MediaContentType() MediaContentType { return KindImage }

// Image is the picture itself.
func (m MediaImage) Image() *Image {
	if m.of != nil {
		return m.of
	}
	return &Image{Address: m.URL, AltText: m.Alt, Width: m.Width, Height: m.Height}
}

// PreviewImage is the picture that stands for the medium: of an image, itself.
func (m MediaImage) PreviewImage() *Image { return m.Image() }
