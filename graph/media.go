package graph

import (
	"context"
	"net/http"
	"strings"

	"github.com/wharfhq/wharf/internal/media"
)

type imageResolver struct{ *Resolver }

// Image answers the fields of Image that are not simply there.
func (r *Resolver) Image() ImageResolver { return imageResolver{r} }

// URL is where the image is. One of the shop's own is at the address under which the caller reached the shop. The shop
// does not transform images: it gives the original.
func (r imageResolver) URL(ctx context.Context, image *media.Image, _ *media.ImageTransformInput) (string, error) {
	return absolute(ctx, image.Address), nil
}

type originKey struct{}

// withOrigin remembers under which address the caller reached the shop: the one that the operator names, else what the
// request says.
func withOrigin(r *http.Request, public string) *http.Request {
	if public != "" {
		return r.WithContext(context.WithValue(r.Context(), originKey{}, strings.TrimSuffix(public, "/")))
	}
	scheme := "http"
	if r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https") {
		scheme = "https"
	}
	return r.WithContext(context.WithValue(r.Context(), originKey{}, scheme+"://"+r.Host))
}

func originOf(ctx context.Context) string {
	origin, _ := ctx.Value(originKey{}).(string)
	return origin
}
