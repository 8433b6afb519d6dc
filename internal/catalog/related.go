package catalog

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// ProductRecommendationIntent is the kind of products that go with one.
type ProductRecommendationIntent string

// The kinds of products that go with one.
const (
	Complementary ProductRecommendationIntent = "COMPLEMENTARY" // what the shop says completes it
	Related       ProductRecommendationIntent = "RELATED"       // what others bought with it, then what is like it
)

// maxRecommended is how many products are recommended with one.
const maxRecommended = 10

const complementaryProductsSQL = `
select p.id, p.handle, p.title, p.description_html, p.description, p.vendor, p.product_type, p.tags, p.status,
       p.published_at, p.gift_card, p.seo_title, p.seo_description, p.option_names, p.currency, p.min_price,
       p.max_price, p.min_compare_at, p.max_compare_at, p.variants_count, p.units_sold, p.created_at, p.updated_at
from product_complement c
join product p on p.id = c.complement_id
where c.product_id = $1
  and p.status = 'ACTIVE'
  and p.published_at <= now()
order by c.position, p.id
limit $2`

// relatedProductsSQL gathers a bounded number of products that may go with one (those of the same orders, type, vendor,
// collections and tags), and ranks them: what was bought in the same orders most often comes first, then what has most
// in common with it, then what sells best. How many products the shop has matters only to the indexes.
const relatedProductsSQL = `
with this as (
    select id, tag_keys, lower(product_type) as type, lower(vendor) as vendor
    from product
    where id = $1
), candidate as (
    (select c.other_id as id from product_copurchase c where c.product_id = $1)
    union
    (select p.id
     from this
     join product p on lower(p.product_type) = this.type
     where this.type <> '' and p.status = 'ACTIVE' and p.published_at <= now()
     order by p.id desc
     limit 100)
    union
    (select p.id
     from this
     join product p on lower(p.vendor) = this.vendor
     where this.vendor <> '' and p.status = 'ACTIVE' and p.published_at <= now()
     order by p.id desc
     limit 100)
    union
    (select m.product_id
     from (select collection_id from collection_product where product_id = $1 order by collection_id limit 20) o
     cross join lateral (
         select n.product_id from collection_product n where n.collection_id = o.collection_id order by n.position limit 50
     ) m)
    union
    (select p.id
     from this
     join product p on p.tag_keys && this.tag_keys
     where p.status = 'ACTIVE' and p.published_at <= now()
     limit 200)
)
select p.id, p.handle, p.title, p.description_html, p.description, p.vendor, p.product_type, p.tags, p.status,
       p.published_at, p.gift_card, p.seo_title, p.seo_description, p.option_names, p.currency, p.min_price,
       p.max_price, p.min_compare_at, p.max_compare_at, p.variants_count, p.units_sold, p.created_at, p.updated_at
from candidate x
join product p on p.id = x.id
cross join this
left join product_copurchase c on c.product_id = $1 and c.other_id = p.id
cross join lateral (
    select (select count(*) from unnest(p.tag_keys) g(tag) where g.tag = any(this.tag_keys))
         + case when this.type <> '' and lower(p.product_type) = this.type then 3 else 0 end
         + case when this.vendor <> '' and lower(p.vendor) = this.vendor then 1 else 0 end
         + (select count(*)
            from collection_product a
            join collection_product b on b.collection_id = a.collection_id
            where a.product_id = $1 and b.product_id = p.id) as score
) s
where p.id <> $1
  and p.status = 'ACTIVE'
  and p.published_at <= now()
order by coalesce(c.times, 0) desc, s.score desc, p.units_sold desc, p.id
limit $2`

// Recommended are the products that go with one, which the caller must be able to see; one that shoppers don't see is
// recommended to nobody, and none with itself.
func Recommended(ctx context.Context, db pg.DB, actor access.Actor, product id.ProductID, intent ProductRecommendationIntent) ([]Product, error) {
	this, err := ProductsByID(ctx, db, actor, []id.ProductID{product})
	if err != nil {
		return nil, err
	}
	if _, ok := this[product]; !ok {
		return nil, noProduct
	}
	statement, ok := map[ProductRecommendationIntent]string{
		Complementary: complementaryProductsSQL, Related: relatedProductsSQL,
	}[intent]
	if !ok {
		return nil, fault.New(fault.Invalid, "BAD_USER_INPUT", "There is no such kind of recommendations.")
	}
	rows, err := db.Query(ctx, statement, product, maxRecommended)
	if err != nil {
		return nil, fmt.Errorf("recommend products: %w", err)
	}
	products, err := pgx.CollectRows(rows, scanProduct)
	if err != nil {
		return nil, fmt.Errorf("recommend products: %w", err)
	}
	return products, nil
}
