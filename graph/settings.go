package graph

import (
	"context"

	"github.com/wharfhq/wharf/internal/settings"
)

// Shop is the shop itself.
func (r queryResolver) Shop(ctx context.Context) (*settings.Shop, error) {
	shop, err := r.shop.Settings.Load(ctx)
	if err != nil {
		return nil, err
	}
	return &shop, nil
}
