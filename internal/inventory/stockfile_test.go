package inventory_test

import (
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

// TestProblemsOfAStockFileNameTheirLine, which is not that of the row once a cell has a line break in it.
func TestProblemsOfAStockFileNameTheirLine(t *testing.T) {
	t.Parallel()
	f, err := inventory.ReadStock(t.Context(), pgtest.New(t), strings.NewReader("Location,Handle,On hand\n\"No\nwhere\",lamp,1\nW,lamp,many\n"))
	if err != nil || len(f.Problems) != 2 {
		t.Fatalf("%+v, %v", f.Problems, err)
	}
	lines := map[int]int{}
	for _, p := range f.Problems {
		lines[p.Row] = p.Line
	}
	if lines[2] != 2 || lines[3] != 4 {
		t.Errorf("rows 2 and 3 are said to begin at the lines %d and %d, want 2 and 4", lines[2], lines[3])
	}
}
