package catalog

import (
	"encoding/json"
	"fmt"
	"mime"
	"slices"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/media"
)

// maxSources is how many files a video or a model has.
const maxSources = 10

// The media types of files, with the formats that the vocabulary calls them by.
var (
	videoFormats = map[string]string{"video/mp4": "mp4", "video/webm": "webm", "video/quicktime": "mov", "application/x-mpegURL": "m3u8"}
	modelFormats = map[string]string{"model/gltf-binary": "glb", "model/vnd.usdz+zip": "usdz"}
)

// gallery lays what a product is shown with. A medium is what it was where it is at the address where it was.
func (l *laying) gallery(to *whole) {
	if l.in.Media == nil {
		return
	}
	if len(l.in.Media) > maxImages {
		l.refuse("TOO_MANY", fmt.Sprintf("A product is shown with at most %d media.", maxImages), "media")
		return
	}
	to.images, to.media = nil, nil
	seen := map[string]bool{}
	for i, given := range l.in.Media {
		kinds := 0
		for _, there := range []bool{given.Image != nil, given.Video != nil, given.ExternalVideo != nil, given.Model3d != nil} {
			if there {
				kinds++
			}
		}
		if kinds != 1 {
			l.refuse("INVALID", "Give exactly one of image, video, externalVideo and model3d.", "media", number(i))
			continue
		}
		var address string
		if given.Image != nil {
			image := l.image(to.Product.ID, given, len(to.images)+1, i)
			address, to.images = image.Address, append(to.images, image)
		} else {
			medium := l.medium(to.Product.ID, given, i)
			address, to.media = medium.Address, append(to.media, medium)
		}
		if seen[address] {
			l.refuse("DUPLICATE", "The medium is there twice.", "media", number(i))
		}
		seen[address] = true
	}
}

func (l *laying) image(product id.ProductID, given ProductMediaInput, position, i int) ProductImage {
	l.measured(*given.Image, "media", number(i), "image")
	image := l.imageAt(product, given.Image.URL, position)
	if given.Image.Width != nil || given.Image.Height != nil {
		image.Width, image.Height = given.Image.Width, given.Image.Height
	}
	l.words(given.Alt, &image.AltText, "media", number(i), "alt")
	return image
}

// measured checks a picture.
func (l *laying) measured(given ProductImageInput, path ...string) {
	l.p.Address(given.URL, append(slices.Clone(path), "url")...)
	for field, size := range map[string]*int{"width": given.Width, "height": given.Height} {
		if size != nil && (*size < 1 || *size > 100_000) {
			l.refuse("INVALID", "A picture is between 1 and 100,000 pixels wide and high.", append(slices.Clone(path), field)...)
		}
	}
}

func (l *laying) medium(product id.ProductID, given ProductMediaInput, i int) ProductMedium {
	m := ProductMedium{ID: id.New(), ProductID: product, Sources: json.RawMessage("[]"), CreatedAt: l.now}
	switch {
	case given.ExternalVideo != nil:
		m.Kind, m.Address = media.KindExternalVideo, given.ExternalVideo.URL
		host, embed, ok := media.Embed(given.ExternalVideo.URL)
		if !ok {
			l.refuse("INVALID", "This is no address of a video on YouTube or Vimeo.", "media", number(i), "externalVideo", "url")
		}
		m.Host, m.EmbedURL = &host, &embed
	case given.Video != nil:
		m.Kind = media.KindVideo
		m.Address, m.Sources = l.videoSources(given.Video.Sources, "media", number(i), "video", "sources")
	default:
		m.Kind = media.KindModel3d
		m.Address, m.Sources = l.modelSources(given.Model3d.Sources, "media", number(i), "model3d", "sources")
	}
	if at := slices.IndexFunc(l.was.media, func(o ProductMedium) bool { return o.Kind == m.Kind && o.Address == m.Address }); at >= 0 {
		m.ID, m.CreatedAt, m.Alt, m.Preview = l.was.media[at].ID, l.was.media[at].CreatedAt, l.was.media[at].Alt, l.was.media[at].Preview
	}
	m.Position = i + 1
	l.words(given.Alt, &m.Alt, "media", number(i), "alt")
	if given.PreviewImage != nil {
		l.measured(*given.PreviewImage, "media", number(i), "previewImage")
		m.Preview = &media.Image{Address: given.PreviewImage.URL, Width: given.PreviewImage.Width, Height: given.PreviewImage.Height}
	}
	if m.Preview != nil {
		preview := *m.Preview
		preview.AltText = m.Alt
		m.Preview = &preview
	}
	return m
}

func (l *laying) videoSources(given []ProductVideoSourceInput, path ...string) (string, json.RawMessage) {
	sources := make([]media.VideoSource, len(given))
	for i, source := range given {
		format, ok := videoFormats[source.MimeType]
		l.source(source.URL, source.MimeType, ok, append(slices.Clone(path), number(i)))
		if source.Width < 1 || source.Height < 1 || source.Width > 100_000 || source.Height > 100_000 {
			l.refuse("INVALID", "A video is between 1 and 100,000 pixels wide and high.", append(slices.Clone(path), number(i))...)
		}
		sources[i] = media.VideoSource{Address: source.URL, Format: format, MimeType: source.MimeType, Width: source.Width, Height: source.Height}
	}
	return first(l, sources, path, func(s media.VideoSource) string { return s.Address })
}

func (l *laying) modelSources(given []ProductModel3dSourceInput, path ...string) (string, json.RawMessage) {
	sources := make([]media.Model3dSource, len(given))
	for i, source := range given {
		format, ok := modelFormats[source.MimeType]
		l.source(source.URL, source.MimeType, ok, append(slices.Clone(path), number(i)))
		if source.Filesize < 1 {
			l.refuse("INVALID", "A file has at least one byte.", append(slices.Clone(path), number(i), "filesize")...)
		}
		sources[i] = media.Model3dSource{Address: source.URL, Format: format, MimeType: source.MimeType, Filesize: source.Filesize}
	}
	return first(l, sources, path, func(s media.Model3dSource) string { return s.Address })
}

func (l *laying) source(address, mimeType string, known bool, path []string) {
	l.p.Address(address, append(slices.Clone(path), "url")...)
	if _, _, err := mime.ParseMediaType(mimeType); err != nil || !known {
		l.refuse("INVALID", fmt.Sprintf("%q is no media type of such a file.", clip(mimeType)), append(slices.Clone(path), "mimeType")...)
	}
}

// first writes a medium's sources for its row, with the address that it is known by.
func first[S any](l *laying, sources []S, path []string, address func(S) string) (string, json.RawMessage) {
	if len(sources) == 0 {
		l.refuse("BLANK", "It has at least one file.", path...)
		return "", nil
	}
	if len(sources) > maxSources {
		l.refuse("TOO_MANY", fmt.Sprintf("It has at most %d files.", maxSources), path...)
		return "", nil
	}
	text, err := json.Marshal(sources)
	if err != nil {
		panic("sources that can't be written: " + err.Error()) // texts and numbers always can
	}
	return address(sources[0]), text
}
