package catalog

import (
	"encoding/json"
	"reflect"
	"slices"

	"github.com/wharfhq/wharf/internal/id"
)

const dropMediaSQL = `
delete from product_media
where product_id = $1
  and id <> all($2::uuid[])`

const keepMediumSQL = `
insert into product_media (id, product_id, kind, position, address, alt, preview_url, preview_width, preview_height,
                           host, embed_url, sources, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::text::jsonb, $13)
on conflict (id) do update
set position = excluded.position, alt = excluded.alt, preview_url = excluded.preview_url,
    preview_width = excluded.preview_width, preview_height = excluded.preview_height, sources = excluded.sources`

// media queues what makes the shop's videos and models the given ones, and says whether anything is different.
func (w *importWrite) media(product id.ProductID, old, to []ProductMedium) bool {
	if slices.EqualFunc(old, to, sameMedium) {
		return false
	}
	kept := make([][16]byte, len(to))
	for i, m := range to {
		kept[i] = m.ID
	}
	w.batch.Queue(dropMediaSQL, product, kept)
	for _, m := range to {
		var preview *string
		var width, height *int
		if m.Preview != nil {
			preview, width, height = &m.Preview.Address, m.Preview.Width, m.Preview.Height
		}
		w.batch.Queue(keepMediumSQL, m.ID, m.ProductID, m.Kind, m.Position, m.Address, m.Alt, preview, width, height,
			m.Host, m.EmbedURL, string(m.Sources), m.CreatedAt)
	}
	return true
}

// sameMedium compares two media; of their sources, what they say and not how it is written.
func sameMedium(a, b ProductMedium) bool {
	var sourcesA, sourcesB any
	if json.Unmarshal(a.Sources, &sourcesA) != nil || json.Unmarshal(b.Sources, &sourcesB) != nil {
		return false
	}
	a.Sources, b.Sources = nil, nil
	return reflect.DeepEqual(sourcesA, sourcesB) && !differ(a, b)
}
