package media

import "github.com/wharfhq/wharf/internal/id"

// Model3d is a model in three dimensions, to be turned around on a screen or put into the shopper's own room.
type Model3d struct {
	ID           id.Model3dID
	Alt          *string
	PreviewImage *Image
	Sources      []Model3dSource
}

// Model3dSource is one file of a model.
type Model3dSource struct {
	Address  string `json:"url"`
	Format   string `json:"format"`
	MimeType string `json:"mimeType"`
	Filesize int    `json:"filesize"`
}

// IsNode marks a Model3d as a Node of the API.
func (Model3d) IsNode() {}

// IsMedia marks a Model3d as a medium.
func (Model3d) IsMedia() {}

// Key is the model's id.
func (m Model3d) Key() string { return m.ID.String() }

// MediaContentType is MODEL_3D.
func (Model3d) MediaContentType() MediaContentType { return KindModel3d }

// Source is the model's file of a format, such as glb.
func (m Model3d) Source(format string) (Model3dSource, bool) {
	for _, source := range m.Sources {
		if source.Format == format {
			return source, true
		}
	}
	return Model3dSource{}, false
}
