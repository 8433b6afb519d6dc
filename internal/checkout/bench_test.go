package checkout_test

import (
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
)

// BenchmarkPlace places orders of one line, 64 at the same time: over many products, and all on one.
func BenchmarkPlace(b *testing.B) {
	for _, c := range []struct {
		name     string
		products int
	}{{"spread", 100}, {"hot", 1}} {
		b.Run(c.name, func(b *testing.B) {
			s := staffed(b)
			goods := make([]id.ProductVariantID, c.products)
			for i := range goods {
				goods[i] = s.goods("Lamp "+strconv.Itoa(i), 1999, 10_000_000)
			}
			var n atomic.Int64
			b.SetParallelism(32)
			b.ResetTimer()
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					i := int(n.Add(1))
					in := order("k"+strconv.Itoa(i), line(goods[i%len(goods)], 1))
					if _, err := s.Checkout.Place(b.Context(), access.Actor{}, in); err != nil {
						b.Error(err)
						return
					}
				}
			})
			w := s.Checkout.Writing()
			b.ReportMetric(float64(w.Orders)/float64(w.Batches), "orders/batch")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "orders/s")
		})
	}
}
