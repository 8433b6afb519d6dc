package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/media"
	"github.com/wharfhq/wharf/internal/pg"
)

// ProductMedium is a video or a model in its place among all of a product's media.
type ProductMedium struct {
	ID        [16]byte
	ProductID id.ProductID
	Kind      media.MediaContentType
	Position  int
	Address   string // what it is known by: where it came from, or its first source
	Alt       *string
	Preview   *media.Image
	Host      *media.MediaHost
	EmbedURL  *string
	Sources   json.RawMessage
	CreatedAt time.Time
}

const mediaByProductSQL = `
select id, product_id, kind, position, address, alt, preview_url, preview_width, preview_height, host, embed_url,
       sources::text, created_at
from product_media
where product_id = any((select $1::uuid[])::uuid[])
order by product_id, position, id`

// MediaByProduct reads the products' videos and models, each product's in their order.
func MediaByProduct(ctx context.Context, db pg.DB, products []id.ProductID) (map[id.ProductID][]ProductMedium, error) {
	rows, err := db.Query(ctx, mediaByProductSQL, products)
	if err != nil {
		return nil, fmt.Errorf("read media: %w", err)
	}
	found, err := pgx.CollectRows(rows, scanMedium)
	if err != nil {
		return nil, fmt.Errorf("read media: %w", err)
	}
	by := make(map[id.ProductID][]ProductMedium, len(products))
	for _, m := range found {
		by[m.ProductID] = append(by[m.ProductID], m)
	}
	return by, nil
}

func scanMedium(row pgx.CollectableRow) (ProductMedium, error) {
	var m ProductMedium
	var preview *string
	var picture media.Image
	var sources string
	err := row.Scan(&m.ID, &m.ProductID, &m.Kind, &m.Position, &m.Address, &m.Alt, &preview, &picture.Width,
		&picture.Height, &m.Host, &m.EmbedURL, &sources, &m.CreatedAt)
	if preview != nil {
		picture.Address, picture.AltText = *preview, m.Alt
		m.Preview = &picture
	}
	m.Sources = json.RawMessage(sources)
	return m, err
}

// Shown is the medium as shoppers see it.
func (m ProductMedium) Shown() (media.Media, error) {
	switch m.Kind {
	case media.KindExternalVideo:
		return media.ExternalVideo{
			ID: m.ID, Alt: m.Alt, PreviewImage: m.Preview, Host: *m.Host, EmbedURL: *m.EmbedURL, OriginURL: m.Address,
		}, nil
	case media.KindVideo:
		video := media.Video{ID: m.ID, Alt: m.Alt, PreviewImage: m.Preview}
		return video, wrap(json.Unmarshal(m.Sources, &video.Sources), "read a video's sources")
	default:
		model := media.Model3d{ID: m.ID, Alt: m.Alt, PreviewImage: m.Preview}
		return model, wrap(json.Unmarshal(m.Sources, &model.Sources), "read a model's sources")
	}
}

// Gallery puts all of a product's media in their order: the videos and models at the places that they have, the images
// in those that are left.
func Gallery(images []ProductImage, others []ProductMedium) ([]media.Media, error) {
	all := make([]media.Media, 0, len(images)+len(others))
	for len(images) > 0 || len(others) > 0 {
		if len(others) > 0 && (len(images) == 0 || others[0].Position <= len(all)+1) {
			shown, err := others[0].Shown()
			if err != nil {
				return nil, err
			}
			all, others = append(all, shown), others[1:]
			continue
		}
		all, images = append(all, media.Of(images[0].Image)), images[1:]
	}
	return all, nil
}

// ProductMediaSortKeys is an order in which a product's media can be listed.
type ProductMediaSortKeys string

// The orders of media.
const (
	GalleryByID        ProductMediaSortKeys = "ID"
	GalleryByPosition  ProductMediaSortKeys = "POSITION"
	GalleryByRelevance ProductMediaSortKeys = "RELEVANCE"
)

// SortMedia puts a product's media, which come in the order of their positions, into another order.
func SortMedia(list []media.Media, sort ProductMediaSortKeys) {
	if sort == GalleryByID {
		slices.SortStableFunc(list, func(a, b media.Media) int { return strings.Compare(bare(a), bare(b)) })
	}
}

// bare is a medium's id without its kind, so that media of several kinds stand in the order in which they were made.
func bare(m media.Media) string {
	key := m.Key()
	return key[strings.LastIndexByte(key, '/')+1:]
}

const mediaOwnersSQL = `
select m.id, m.product_id
from product_media m
join product p on p.id = m.product_id
where m.id = any($1::uuid[])
  and ($2 or (p.status = 'ACTIVE' and p.published_at <= now()))
union all
select i.id, i.product_id
from product_image i
join product p on p.id = i.product_id
where i.id = any($1::uuid[])
  and ($2 or (p.status = 'ACTIVE' and p.published_at <= now()))
union all
select v.id, o.product_id
from product_option_value v
join product_option o on o.id = v.option_id
join product p on p.id = o.product_id
where v.id = any($1::uuid[])
  and v.swatch_image_url is not null
  and ($2 or (p.status = 'ACTIVE' and p.published_at <= now()))`

// MediaByID reads media by their ids, the pictures of swatches among them. A medium is there for whoever may see its
// product.
func MediaByID(ctx context.Context, db pg.DB, actor access.Actor, ids [][16]byte) (map[[16]byte]media.Media, error) {
	rows, err := db.Query(ctx, mediaOwnersSQL, ids, SeesAll(actor))
	if err != nil {
		return nil, fmt.Errorf("read the products of media: %w", err)
	}
	owner := map[[16]byte]id.ProductID{}
	var one [16]byte
	var product id.ProductID
	if _, err := pgx.ForEachRow(rows, []any{&one, &product}, func() error {
		owner[one] = product
		return nil
	}); err != nil {
		return nil, fmt.Errorf("read the products of media: %w", err)
	}
	products := make([]id.ProductID, 0, len(owner))
	for _, product := range owner {
		products = append(products, product)
	}
	by := make(map[[16]byte]media.Media, len(owner))
	if len(products) == 0 {
		return by, nil
	}
	images, err := ImagesByProduct(ctx, db, products)
	if err != nil {
		return nil, err
	}
	others, err := MediaByProduct(ctx, db, products)
	if err != nil {
		return nil, err
	}
	options, err := OptionsByProduct(ctx, db, products)
	if err != nil {
		return nil, err
	}
	keep := func(key [16]byte, medium media.Media) {
		if _, ok := owner[key]; ok && medium != nil {
			by[key] = medium
		}
	}
	for _, product := range products {
		for _, image := range images[product] {
			keep(*image.ID, media.Of(image.Image))
		}
		for _, other := range others[product] {
			shown, err := other.Shown()
			if err != nil {
				return nil, err
			}
			keep(other.ID, shown)
		}
		for _, option := range options[product] {
			for _, value := range option.OptionValues {
				keep(value.ID, value.Look.Image())
			}
		}
	}
	return by, nil
}
