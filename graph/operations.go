package graph

import (
	"context"
	"time"

	"github.com/wharfhq/wharf/internal/access"
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

// OperatorEvents lists what operators should know.
func (r queryResolver) OperatorEvents(ctx context.Context, after, before *string, first *int, from *time.Time, last *int, reverse *bool, types []audit.OperatorEventType, until *time.Time) (*audit.OperatorEventConnection, error) {
	filter := audit.OperatorEventFilter{Types: types, From: from, Until: until}
	list, err := r.shop.Audit.OperatorEvents(ctx, access.From(ctx), filter, paged(after, before, first, last, reverse))
	if err != nil {
		return nil, err
	}
	return &list, nil
}

// OperatorEvents follows what operators should know.
func (r subscriptionResolver) OperatorEvents(ctx context.Context, after *string, types []audit.OperatorEventType) (<-chan *audit.OperatorEventEdge, error) {
	return r.shop.Audit.Follow(ctx, access.From(ctx), after, types)
}
