package search

import (
	"context"
	"slices"
	"strings"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/media"
)

// Look is the color or the image that stands for an option's value.
type Look struct {
	Color *string
	Image *media.MediaImage
}

// paint gives the values of options their looks, those of all lists at once.
func (s *Search) paint(ctx context.Context, lists [][]Filter) error {
	var values []string
	for _, f := range slices.Concat(lists...) {
		if strings.HasPrefix(f.ID, optionFilterID) {
			for _, v := range f.Values {
				values = append(values, strings.ToLower(v.Label))
			}
		}
	}
	if len(values) == 0 {
		return nil
	}
	slices.Sort(values)
	looks, err := catalog.Looks(ctx, s.from, slices.Compact(values))
	if err != nil {
		return err
	}
	by := make(map[string]catalog.Look, len(looks))
	for _, l := range looks {
		by[optionGroup(l.Option)+separator+l.Value] = l
	}
	for _, list := range lists {
		for i := range list {
			list[i].paint(by)
		}
	}
	return nil
}

func (f *Filter) paint(looks map[string]catalog.Look) {
	option, ok := strings.CutPrefix(f.ID, optionFilterID)
	if !ok {
		return
	}
	for i, v := range f.Values {
		if look, has := looks[optionPrefix+option+separator+clean(v.Label)]; has {
			f.Values[i].Swatch = lookOf(look)
			swatch := PresentSwatch
			f.Presentation = &swatch
		}
	}
}

func lookOf(l catalog.Look) *Look {
	look := Look{Color: l.Color}
	if l.ImageURL != nil {
		look.Image = &media.MediaImage{ID: l.ImageID, URL: *l.ImageURL, Alt: l.Alt}
	}
	return &look
}
