package search_test

import (
	"testing"

	"github.com/wharfhq/wharf/internal/search"
)

// names has titles and vendors that look alike.
const names = `Handle,Title,Vendor,Type,Tags,Body (HTML),Variant SKU,Variant Price,Variant Inventory Qty,Published
mug,Skerry Mug,Harbor Clay,Mug,,,M-1,10,5,true
socks,Wool Socks,Skerry Knits,Socks,,,S-1,10,5,true
whittler,Whittling Knife,Harbor Steel,Tool,,,K-1,10,5,true
block,Block for Knives,Harbor Steel,Tool,,,B-1,10,5,true
boots,Boots,Harbor Steel,Shoe,,For the feet of a child,O-1,10,5,true
`

// TestATitleIsMeantRatherThanAVendor, where neither is spelled as asked.
func TestATitleIsMeantRatherThanAVendor(t *testing.T) {
	t.Parallel()
	m := open(t, names)
	if got := letters(m.search(search.Wanted{Query: "skery"}, first(9))); got != "ms" {
		t.Errorf("skery finds %q, want the mug of that name and then the vendor's socks", got)
	}
}

func TestPluralsThatNoStemmerUndoes(t *testing.T) {
	t.Parallel()
	m := open(t, names)
	for asked, want := range map[string]string{
		"knife": "bw", "knives": "bw", "whittling knives": "w", "block knife": "b", "foot": "b", "children": "b", "knifed": "bw", "man": "",
	} {
		got := letters(m.search(search.Wanted{Query: asked}, first(9)))
		if len(got) == 2 && got[0] > got[1] {
			got = got[1:] + got[:1]
		}
		if got != want {
			t.Errorf("%s finds %q, want %q", asked, got, want)
		}
	}
	// Each pair is written as the stemmer writes its words.
	for one, many := range map[string]string{
		"calf": "calves", "child": "children", "dwarf": "dwarves", "elf": "elves", "foot": "feet", "goose": "geese", "half": "halves",
		"hoof": "hooves", "knife": "knives", "leaf": "leaves", "loaf": "loaves", "man": "men", "mouse": "mice", "person": "people",
		"scarf": "scarves", "shelf": "shelves", "tooth": "teeth", "wolf": "wolves", "woman": "women",
	} {
		var found bool
		const sql = `select to_tsvector('english', $1) @@ search_query($2, false) and to_tsvector('english', $2) @@ search_query($1, false)`
		if err := m.Pool.QueryRow(t.Context(), sql, one, many).Scan(&found); err != nil || !found {
			t.Errorf("%s and %s do not find each other (%v)", one, many, err)
		}
	}
}
