package graph

import (
	"context"
	"maps"
	"strings"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/media"
	"github.com/wharfhq/wharf/internal/pg"
)

type (
	mediaPresentationResolver struct{ *Resolver }
	model3dSourceResolver     struct{ *Resolver }
	videoSourceResolver       struct{ *Resolver }
)

// MediaPresentation answers the fields of MediaPresentation that are not simply there.
func (r *Resolver) MediaPresentation() MediaPresentationResolver { return mediaPresentationResolver{r} }

// Model3dSource answers the fields of Model3dSource that are not simply there.
func (r *Resolver) Model3dSource() Model3dSourceResolver { return model3dSourceResolver{r} }

// VideoSource answers the fields of VideoSource that are not simply there.
func (r *Resolver) VideoSource() VideoSourceResolver { return videoSourceResolver{r} }

// absolute is an address as a caller can follow it: one of the shop's own is where the caller reached the shop.
func absolute(ctx context.Context, address string) string {
	if strings.HasPrefix(address, "/") {
		return originOf(ctx) + address
	}
	return address
}

func (r model3dSourceResolver) URL(ctx context.Context, source *media.Model3dSource) (string, error) {
	return absolute(ctx, source.Address), nil
}

func (r videoSourceResolver) URL(ctx context.Context, source *media.VideoSource) (string, error) {
	return absolute(ctx, source.Address), nil
}

func (r productResolver) Media(ctx context.Context, p *catalog.Product, after, before *string, first, last *int, reverse *bool, sortKey *catalog.ProductMediaSortKeys) (*media.MediaConnection, error) {
	images, _, err := r.load(ctx).imagesByProduct.load(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	others, _, err := r.load(ctx).media.load(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	all, err := catalog.Gallery(images, others)
	if err != nil {
		return nil, err
	}
	if sortKey != nil {
		catalog.SortMedia(all, *sortKey)
	}
	list, err := pg.Slice(sorted(paged(after, before, first, last, reverse), sortKey), all, media.Media.Key)
	return &list, err
}

// AsJSON is what a component needs that shows the medium: the attributes of a model viewer, or a picture.
func (r mediaPresentationResolver) AsJSON(ctx context.Context, p *media.MediaPresentation, format media.MediaPresentationFormat) (any, error) {
	if format == media.PresentInModelViewer {
		if model, ok := p.Shown.(media.Model3d); ok {
			return viewer(ctx, model), nil
		}
		return nil, nil
	}
	picture := p.Shown.Picture()
	if picture == nil {
		return nil, nil
	}
	return map[string]any{
		"src": absolute(ctx, picture.Address), "alt": picture.AltText, "width": picture.Width, "height": picture.Height,
	}, nil
}

// viewer has the attributes of a model viewer, by their names in HTML.
func viewer(ctx context.Context, model media.Model3d) map[string]any {
	attributes := map[string]any{"ar": true, "camera-controls": true, "alt": model.Alt}
	for name, format := range map[string]string{"src": "glb", "ios-src": "usdz"} {
		if source, ok := model.Source(format); ok {
			attributes[name] = absolute(ctx, source.Address)
		}
	}
	if model.PreviewImage != nil {
		attributes["poster"] = absolute(ctx, model.PreviewImage.Address)
	}
	return attributes
}

// findMedia finds media of any kind, with the way in which one is shown: both have the medium's own number. A medium is
// there for whoever may see its product; what belongs to the brand is there for everybody.
func findMedia(ctx context.Context, r *Resolver, actor access.Actor, ids []id.Global, _ []string) (found, error) {
	byID, err := catalog.MediaByID(ctx, r.db(ctx), actor, kindOf[[16]byte](ids))
	if err != nil {
		return nil, err
	}
	shop, err := r.settings(ctx)
	if err != nil {
		return nil, err
	}
	all := maps.Clone(byID)
	for _, image := range shop.Brand.Images() {
		all[image.ID] = image
	}
	return func(global id.Global, text string) Node {
		medium, ok := all[global.UUID]
		if !ok {
			return nil
		}
		if global.Kind == "MediaPresentation" {
			return medium.Presentation()
		}
		if node, ok := medium.(Node); ok && medium.Key() == text {
			return node
		}
		return nil
	}, nil
}
