package demo_test

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/demo"
)

func rows(t *testing.T, r io.Reader) []map[string]string {
	t.Helper()
	all, err := csv.NewReader(r).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	named := make([]map[string]string, 0, len(all)-1)
	for _, record := range all[1:] {
		row := map[string]string{}
		for i, cell := range record {
			row[all[0][i]] = cell
		}
		named = append(named, row)
	}
	return named
}

func TestCatalogIsWhole(t *testing.T) {
	t.Parallel()
	products, variants, collections, soldOut, skus := 0, 0, map[string]bool{}, 0, map[string]bool{}
	for _, row := range rows(t, demo.Products()) {
		if row["Title"] != "" {
			products++
			collections[row["Collection"]] = true
			if row["Body (HTML)"] == "" || row["SEO Title"] == "" || len(row["SEO Description"]) > 160 {
				t.Errorf("%s has no body, or no fitting text for search engines", row["Handle"])
			}
		}
		if row["Variant Price"] != "" {
			variants++
			if row["Variant Inventory Qty"] == "0" {
				soldOut++
			}
			if sku := row["Variant SKU"]; sku != "" && skus[sku] {
				t.Errorf("SKU %s occurs twice", sku)
			}
			skus[row["Variant SKU"]] = true
		}
		for _, column := range []string{"Image Src", "Variant Image"} {
			if path := row[column]; path != "" {
				name := strings.TrimSuffix(strings.TrimPrefix(path, "/images/"), ".svg")
				if _, ok := demo.Image(name); !ok {
					t.Errorf("%s of %s: there is no picture %s", column, row["Handle"], path)
				}
			}
		}
	}
	if products != 60 || variants != 163 || len(collections) != 8 || soldOut < 3 {
		t.Errorf("%d products, %d variants, %d collections, %d sold out; want 60, 163, 8 and some", products, variants, len(collections), soldOut)
	}
	var stores []struct{ ID string }
	if err := json.NewDecoder(demo.Stores()).Decode(&stores); err != nil {
		t.Fatal(err)
	}
	if len(stores) != 12 {
		t.Errorf("%d stores, want 12", len(stores))
	}
	known := map[string]bool{}
	for _, store := range stores {
		known[store.ID] = true
	}
	for _, row := range rows(t, demo.Stock()) {
		if !known[row["Location"]] || !skus[row["SKU"]] {
			t.Errorf("stock of %s at %s: no such store or SKU", row["SKU"], row["Location"])
		}
	}
}

func TestImageIsWellFormedAndAlwaysTheSame(t *testing.T) {
	t.Parallel()
	for _, row := range rows(t, demo.Products()) {
		name := strings.TrimSuffix(strings.TrimPrefix(row["Image Src"], "/images/"), ".svg")
		if name == "" {
			continue
		}
		picture, _ := demo.Image(name)
		again, _ := demo.Image(name)
		if string(picture) != string(again) {
			t.Errorf("%s is drawn differently the second time", name)
		}
		decoder := xml.NewDecoder(strings.NewReader(string(picture)))
		for {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Errorf("%s is no XML: %v", name, err)
				break
			}
		}
	}
}

func TestImagesOverHTTP(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method, path string
		status       int
		contentType  string
	}{
		{http.MethodGet, "/images/skerry-mug-fog.svg", http.StatusOK, "image/svg+xml"},
		{http.MethodGet, "/images/no-such-thing.svg", http.StatusNotFound, "text/plain; charset=utf-8"},
		{http.MethodGet, "/images/skerry-mug-fog", http.StatusNotFound, "text/plain; charset=utf-8"},
		{http.MethodPost, "/images/skerry-mug-fog.svg", http.StatusMethodNotAllowed, "text/plain; charset=utf-8"},
	} {
		w := httptest.NewRecorder()
		demo.Images().ServeHTTP(w, httptest.NewRequest(c.method, c.path, nil))
		if w.Code != c.status || w.Header().Get("Content-Type") != c.contentType {
			t.Errorf("%s %s: %d %s, want %d %s", c.method, c.path, w.Code, w.Header().Get("Content-Type"), c.status, c.contentType)
		}
	}
}
