package graph

import (
	"context"

	"github.com/wharfhq/wharf/internal/audit"
)

// ConsistencyReport is what the sentinel has found.
func (r queryResolver) ConsistencyReport(ctx context.Context) (*audit.ConsistencyReport, error) {
	report, err := r.shop.Audit.Consistency(ctx, r.shop.Pool)
	if err != nil {
		return nil, err
	}
	return &report, nil
}
