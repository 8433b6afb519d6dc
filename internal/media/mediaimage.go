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
}

// IsNode marks a MediaImage as a Node of the API.
func (MediaImage) IsNode() {}

// IsMedia marks a MediaImage as a medium.
func (MediaImage) IsMedia() {}

// MediaContentType is IMAGE.
func (MediaImage) MediaContentType() MediaContentType { return "IMAGE" }

// Image is the picture itself.
func (m MediaImage) Image() *Image {
	return &Image{Address: m.URL, AltText: m.Alt, Width: m.Width, Height: m.Height}
}

// PreviewImage is the picture that stands for the medium: of an image, itself.
func (m MediaImage) PreviewImage() *Image { return m.Image() }
