package jobs

import (
	"context"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
)

// RelateProducts counts what was bought together of late, for the products that are recommended with one.
type RelateProducts struct{}

// Kind is the job's stored name; it never changes.
func (RelateProducts) Kind() string { return "relate_products" }

// InsertOpts puts the job into its queue.
func (RelateProducts) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueMaintenance, MaxAttempts: 3}
}

func (j *Jobs) addCatalogWorkers(workers *river.Workers) {
	work(workers, func(ctx context.Context, _ RelateProducts, _ *rivertype.JobRow, _ payment.Done) error {
		var pairs []catalog.BoughtTogether
		err := orders.BoughtTogether(ctx, j.shop.Pool, func(product, other id.ProductID, n int64) {
			pairs = append(pairs, catalog.BoughtTogether{Product: product, Other: other, Orders: n})
		})
		if err != nil {
			return err
		}
		return catalog.SetBoughtTogether(ctx, j.shop.Pool, pairs)
	})
}
