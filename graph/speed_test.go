package graph_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wharfhq/wharf/graph"
)

// BenchmarkReads is what one read costs on the road from the request's bytes to the answer's, the database's part
// included: the two reads that shops make most.
func BenchmarkReads(b *testing.B) {
	m := openMarket(b)
	server, err := graph.New(m.Shop.Shop, graph.Options{Log: slog.New(slog.DiscardHandler), NoRateLimit: true})
	if err != nil {
		b.Fatal(err)
	}
	for name, query := range map[string]string{
		"ListOf24": `{ products(first: 24) { nodes { id handle title priceRange { minVariantPrice { amount currencyCode } }
			variants(first: 10) { nodes { id title sku availableForSale price { amount currencyCode } } } } pageInfo { hasNextPage endCursor } } }`,
		"ProductByHandle": `{ product(handle: "lamp-aa") { id handle title descriptionHtml vendor productType tags
			options { name optionValues { name } }
			priceRange { minVariantPrice { amount currencyCode } maxVariantPrice { amount currencyCode } }
			variants(first: 10) { nodes { id title sku availableForSale quantityAvailable price { amount currencyCode } selectedOptions { name value } } } } }`,
	} {
		b.Run(name, func(b *testing.B) {
			body := fmt.Sprintf(`{"query":%q}`, strings.Join(strings.Fields(query), " "))
			ask := func() *httptest.ResponseRecorder {
				r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(body))
				r.Header.Set("Content-Type", "application/json")
				w := httptest.NewRecorder()
				server.ServeHTTP(w, r)
				return w
			}
			want := ask().Body.String()
			if !strings.Contains(want, "lamp-aa") || strings.Contains(want, `"errors"`) {
				b.Fatalf("%.500s", want)
			}
			b.ReportAllocs()
			before := cpu(b)
			for b.Loop() {
				if w := ask(); w.Code != http.StatusOK || w.Body.Len() != len(want) {
					b.Fatalf("%d %.500s", w.Code, w.Body)
				}
			}
			b.ReportMetric(float64(cpu(b)-before)/float64(b.N), "cpu-ns/op")
		})
	}
}

// cpu is the time that this process has computed: unlike the time that passes it says little of what else the machine
// does. What the database computes is not in it.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
