package settings

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/input"
	"github.com/wharfhq/wharf/internal/media"
)

// Brand is how the shop looks and what it says of itself.
type Brand struct {
	Slogan           *string           `json:"slogan,omitempty"`
	ShortDescription *string           `json:"shortDescription,omitempty"`
	Primary          []BrandColorGroup `json:"primary,omitempty"`
	Secondary        []BrandColorGroup `json:"secondary,omitempty"`
	Logo             *media.MediaImage `json:"logo,omitempty"`
	SquareLogo       *media.MediaImage `json:"squareLogo,omitempty"`
	CoverImage       *media.MediaImage `json:"coverImage,omitempty"`
}

// BrandColorGroup is a color with the one that is read on it.
type BrandColorGroup struct {
	Background *string `json:"background,omitempty"`
	Foreground *string `json:"foreground,omitempty"`
}

// BrandColors are the colors of a brand.
type BrandColors struct {
	Primary   []BrandColorGroup
	Secondary []BrandColorGroup
}

// Colors are the colors of the brand.
func (b Brand) Colors() BrandColors { return BrandColors{Primary: b.Primary, Secondary: b.Secondary} }

// Images are the pictures that the brand has.
func (b Brand) Images() []media.MediaImage {
	var images []media.MediaImage
	for _, image := range []*media.MediaImage{b.Logo, b.SquareLogo, b.CoverImage} {
		if image != nil {
			images = append(images, *image)
		}
	}
	return images
}

// maxColors is how many groups of colors a brand has of each kind.
const maxColors = 10

var color = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)

// check tells of what no storefront can show.
func (b Brand) check(invalid func(field, message string)) {
	for _, text := range []struct {
		field string
		text  *string
	}{{"slogan", b.Slogan}, {"shortDescription", b.ShortDescription}} {
		if text.text != nil && utf8.RuneCountInString(*text.text) > 500 {
			invalid("brand."+text.field, "The text is longer than 500 characters.")
		}
	}
	checkColors("brand.colors.primary", b.Primary, invalid)
	checkColors("brand.colors.secondary", b.Secondary, invalid)
	for _, image := range []struct {
		field string
		image *media.MediaImage
	}{{"logo", b.Logo}, {"squareLogo", b.SquareLogo}, {"coverImage", b.CoverImage}} {
		if image.image != nil {
			checkImage("brand."+image.field, *image.image, invalid)
		}
	}
}

func checkColors(field string, groups []BrandColorGroup, invalid func(field, message string)) {
	if len(groups) > maxColors {
		invalid(field, "There are more than 10 groups of colors.")
		return
	}
	for i, group := range groups {
		if group.Background == nil && group.Foreground == nil {
			invalid(field+"."+strconv.Itoa(i), "A group of colors has a background, a foreground, or both.")
		}
		for _, c := range []struct {
			part  string
			color *string
		}{{"background", group.Background}, {"foreground", group.Foreground}} {
			if c.color != nil && !color.MatchString(*c.color) {
				invalid(field+"."+strconv.Itoa(i)+"."+c.part, "A color is written like #6A8CAF.")
			}
		}
	}
}

func checkImage(field string, image media.MediaImage, invalid func(field, message string)) {
	if !shown(image.URL) {
		invalid(field+".url", "An image is at an address that begins with https:// or http://, or at a path that begins with /.")
	}
	if image.Alt != nil && utf8.RuneCountInString(*image.Alt) > input.MaxShort {
		invalid(field+".altText", "The text is longer than "+strconv.Itoa(input.MaxShort)+" characters.")
	}
	for _, side := range []struct {
		field string
		n     *int
	}{{"width", image.Width}, {"height", image.Height}} {
		if side.n != nil && *side.n < 1 {
			invalid(field+"."+side.field, "It is below 1.")
		}
	}
}

// shown says whether an address is one at which a storefront can load an image.
func shown(address string) bool {
	parsed, err := url.Parse(address)
	if err != nil || len(address) > 2048 {
		return false
	}
	own := parsed.Scheme == "" && parsed.Host == "" && strings.HasPrefix(address, "/")
	return own || parsed.Host != "" && (parsed.Scheme == "https" || parsed.Scheme == "http")
}

// BrandInput is what changes of the brand; what is nil stays, an empty text or address goes.
type BrandInput struct {
	Slogan           *string
	ShortDescription *string
	Colors           *BrandColorsInput
	Logo             *BrandImageInput
	SquareLogo       *BrandImageInput
	CoverImage       *BrandImageInput
}

// BrandColorsInput are the colors of the brand.
type BrandColorsInput struct {
	Primary   []BrandColorGroup
	Secondary []BrandColorGroup
}

// BrandImageInput is a picture of the brand.
type BrandImageInput struct {
	URL     string
	AltText *string
	Width   *int
	Height  *int
}

// apply writes what is wanted over a brand.
func (in BrandInput) apply(b *Brand) {
	for _, text := range []struct{ given, to **string }{{&in.Slogan, &b.Slogan}, {&in.ShortDescription, &b.ShortDescription}} {
		replace(*text.given, text.to)
	}
	if in.Colors != nil {
		if in.Colors.Primary != nil {
			b.Primary = in.Colors.Primary
		}
		if in.Colors.Secondary != nil {
			b.Secondary = in.Colors.Secondary
		}
	}
	in.Logo.apply(&b.Logo)
	in.SquareLogo.apply(&b.SquareLogo)
	in.CoverImage.apply(&b.CoverImage)
}

// replace writes a text over another; an empty one takes it away.
func replace(given *string, to **string) {
	if given == nil {
		return
	}
	*to = nil
	if text := strings.TrimSpace(*given); text != "" {
		*to = &text
	}
}

// apply writes a picture over another. The same address is the same picture, and keeps its id.
func (in *BrandImageInput) apply(to **media.MediaImage) {
	switch {
	case in == nil:
		return
	case in.URL == "":
		*to = nil
		return
	}
	image := media.MediaImage{ID: id.NewMediaImageID(), URL: in.URL, Alt: in.AltText, Width: in.Width, Height: in.Height}
	if *to != nil && (*to).URL == in.URL {
		image.ID = (*to).ID
	}
	*to = &image
}

// Empty says that the shop has said nothing of its brand.
func (b Brand) Empty() bool {
	return b.Slogan == nil && b.ShortDescription == nil && len(b.Primary)+len(b.Secondary)+len(b.Images()) == 0
}
