package media

import (
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// Media is something that a thing is shown with: an image, a video, a model.
type Media interface {
	IsMedia()
	// Key is the medium's id as a text.
	Key() string
	// Picture stands for the medium; nil where it has none.
	Picture() *Image
	// Presentation is how the medium is shown.
	Presentation() *MediaPresentation
}

// MediaConnection is one page of media.
type MediaConnection = pg.Connection[Media]

// MediaEdge is one medium of a page.
type MediaEdge = pg.Edge[Media]

// The kinds of media.
const (
	KindImage         MediaContentType = "IMAGE"
	KindVideo         MediaContentType = "VIDEO"
	KindExternalVideo MediaContentType = "EXTERNAL_VIDEO"
	KindModel3d       MediaContentType = "MODEL_3D"
)

// MediaPresentation is a way to show a medium, made for whoever asks in the form that they ask for.
type MediaPresentation struct {
	ID    id.MediaPresentationID
	Shown Media
}

// IsNode marks a MediaPresentation as a Node of the API.
func (MediaPresentation) IsNode() {}

// MediaPresentationFormat is the form of a presentation.
type MediaPresentationFormat string

// The forms of presentations.
const (
	PresentAsImage       MediaPresentationFormat = "IMAGE"
	PresentInModelViewer MediaPresentationFormat = "MODEL_VIEWER"
)

// Presentation is how an image is shown.
func (m MediaImage) Presentation() *MediaPresentation {
	return &MediaPresentation{ID: id.MediaPresentationID(m.ID), Shown: m}
}

// Presentation is how a video is shown.
func (v Video) Presentation() *MediaPresentation {
	return &MediaPresentation{ID: id.MediaPresentationID(v.ID), Shown: v}
}

// Presentation is how a video on another site is shown.
func (v ExternalVideo) Presentation() *MediaPresentation {
	return &MediaPresentation{ID: id.MediaPresentationID(v.ID), Shown: v}
}

// Presentation is how a model is shown.
func (m Model3d) Presentation() *MediaPresentation {
	return &MediaPresentation{ID: id.MediaPresentationID(m.ID), Shown: m}
}

// Picture is the image itself.
func (m MediaImage) Picture() *Image { return m.Image() }

// Picture stands for the video.
func (v Video) Picture() *Image { return v.PreviewImage }

// Picture stands for the video.
func (v ExternalVideo) Picture() *Image { return v.PreviewImage }

// Picture stands for the model.
func (m Model3d) Picture() *Image { return m.PreviewImage }
