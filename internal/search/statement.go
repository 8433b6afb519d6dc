package search

// The pieces of the statements that list products. An index can serve only an order that stands in the statement itself,
// so there is one statement per order; a list of all products and one of a collection differ in where they begin. Every
// key is followed by the id, so that pages neither repeat nor skip a product, and comes back as text, to be the cursor.
//
// In all of them $1 is whether the caller sees what is not published, and $2 to $5 are the filters: groups of keys that
// products and variants must meet, the prices, and what must be available. What is said of variants must hold for one
// and the same. A group is an array, written as text, of keys of which one must be there. These five stand in selects of
// their own, which lets the statements keep their plans: docs/decisions/0007.
const (
	seesAllAsked   = `(select $1::boolean)`
	productGroups  = `(select $2::text[])`
	variantGroups  = `(select $3::text[])`
	pricesAsked    = `(select $4::int8multirange)`
	availableAsked = `(select $5::boolean)`

	visible = `l.copy = (select s.live from listing_state s)
  and (` + seesAllAsked + ` or (l.active and l.published_at <= now()))`

	filtered = `
  and (cardinality(` + productGroups + `) = 0 or not exists (
      select from unnest(` + productGroups + `) g(alternatives) where not l.facet_keys && g.alternatives::text[]))
  and case when cardinality(` + variantGroups + `) = 0 and ` + pricesAsked + ` is null
      then ` + availableAsked + ` is null or l.available = ` + availableAsked + `
      else (
          select bool_or(v.available)
          from listing_variant v
          where v.copy = l.copy
            and v.product_id = l.product_id
            and (` + pricesAsked + ` is null or v.price <@ ` + pricesAsked + `)
            and (cardinality(` + variantGroups + `) = 0 or not exists (
                select from unnest(` + variantGroups + `) g(alternatives) where not v.facet_keys && g.alternatives::text[]))
      ) in (coalesce(` + availableAsked + `, true), coalesce(` + availableAsked + `, false)) end`

	// $7 to $17 are the search in the storefront's syntax, which collections have none of. Words that say nothing in a
	// text, such as "about", are looked for in titles when there are no others.
	asked = `
  and ($7::text = '' or numnode(plainto_tsquery('simple', $7)) = 0 or l.search @@ plainto_tsquery('english', $7)
       or numnode(plainto_tsquery('english', $7)) = 0 and to_tsvector('simple', l.title) @@ plainto_tsquery('simple', $7))
  and (cardinality($8::integer[]) = 0 or listing_matches(l, $8, $9::text[], $10::text[], $11::text[], $12::boolean[]))
  and (cardinality($13::text[]) = 0 or l.tag_keys @> $13)
  and (cardinality($14::text[]) = 0 or not l.tag_keys && $14)
  and ($15::text is null or l.vendor_key = $15)
  and ($16::text is null or l.type_key = $16)
  and ($17::boolean is null or l.available = $17)`

	ofAll = `$6::uuid is null
  and ` + visible + asked
	ofEach = `m.collection_id = g.collection_id
  and ` + visible

	products = `
select 1, l.product_id, k.key::text
from (select $18::text as key, $19::uuid as id) start
cross join listing l
cross join lateral (select `
	productsWhere = ` as key) k
where ` + ofAll + filtered

	perPage = `$20`

	// The lists of many collections, which $6 names, are read together, each with a page of its own.
	members = `
select g.place, x.product_id, x.key::text
from (select (select $7::text) as key, (select $8::uuid) as id) start
cross join unnest((select $6::uuid[])) with ordinality g(collection_id, place)
cross join lateral (
select l.product_id, k.key
from collection_member m
join listing l on l.product_id = m.product_id
cross join lateral (select `
	membersWhere = ` as key) k
where ` + ofEach + filtered
	membersUp = `(select $9::integer)
) x
order by g.place, x.key, x.product_id`
	membersDown = `(select $9::integer)
) x
order by g.place, x.key desc, x.product_id desc`
)

// The page begins after a key and an id; how many are read is said at its end.
const (
	after = `
  and (start.id is null or (k.key, l.product_id) `
	ascends = `, start.id))
order by k.key, l.product_id
limit `
	descends = `, start.id))
order by k.key desc, l.product_id desc
limit `

	idUp      = after + `> (start.key::uuid` + ascends
	idDown    = after + `< (start.key::uuid` + descends
	textUp    = after + `> (start.key` + ascends
	textDown  = after + `< (start.key` + descends
	timeUp    = after + `> (start.key::timestamptz` + ascends
	timeDown  = after + `< (start.key::timestamptz` + descends
	wholeUp   = after + `> (start.key::bigint` + ascends
	wholeDown = after + `< (start.key::bigint` + descends
	rankUp    = after + `> (start.key::float8` + ascends
	rankDown  = after + `< (start.key::float8` + descends

	rank = `case when l.title_key = lower($7) then 10 else 0 end + ts_rank(l.search, plainto_tsquery('english', $7))::float8`
)

const (
	productsIDUpSQL        = products + `l.product_id` + productsWhere + idUp + perPage
	productsIDDownSQL      = products + `l.product_id` + productsWhere + idDown + perPage
	productsTitleUpSQL     = products + `l.title_key` + productsWhere + textUp + perPage
	productsTitleDownSQL   = products + `l.title_key` + productsWhere + textDown + perPage
	productsTypeUpSQL      = products + `l.type_key` + productsWhere + textUp + perPage
	productsTypeDownSQL    = products + `l.type_key` + productsWhere + textDown + perPage
	productsVendorUpSQL    = products + `l.vendor_key` + productsWhere + textUp + perPage
	productsVendorDownSQL  = products + `l.vendor_key` + productsWhere + textDown + perPage
	productsCreatedUpSQL   = products + `l.created_at` + productsWhere + timeUp + perPage
	productsCreatedDownSQL = products + `l.created_at` + productsWhere + timeDown + perPage
	productsUpdatedUpSQL   = products + `l.updated_at` + productsWhere + timeUp + perPage
	productsUpdatedDownSQL = products + `l.updated_at` + productsWhere + timeDown + perPage
	productsPriceUpSQL     = products + `l.price` + productsWhere + wholeUp + perPage
	productsPriceDownSQL   = products + `l.price` + productsWhere + wholeDown + perPage
	productsSoldUpSQL      = products + `l.units_sold` + productsWhere + wholeUp + perPage
	productsSoldDownSQL    = products + `l.units_sold` + productsWhere + wholeDown + perPage
	productsRankUpSQL      = products + rank + productsWhere + rankUp + perPage
	productsRankDownSQL    = products + rank + productsWhere + rankDown + perPage

	membersIDUpSQL        = members + `l.product_id` + membersWhere + idUp + membersUp
	membersIDDownSQL      = members + `l.product_id` + membersWhere + idDown + membersDown
	membersTitleUpSQL     = members + `l.title_key` + membersWhere + textUp + membersUp
	membersTitleDownSQL   = members + `l.title_key` + membersWhere + textDown + membersDown
	membersCreatedUpSQL   = members + `l.created_at` + membersWhere + timeUp + membersUp
	membersCreatedDownSQL = members + `l.created_at` + membersWhere + timeDown + membersDown
	membersPriceUpSQL     = members + `l.price` + membersWhere + wholeUp + membersUp
	membersPriceDownSQL   = members + `l.price` + membersWhere + wholeDown + membersDown
	membersSoldUpSQL      = members + `l.units_sold` + membersWhere + wholeUp + membersUp
	membersSoldDownSQL    = members + `l.units_sold` + membersWhere + wholeDown + membersDown
	membersPlaceUpSQL     = members + `m.position` + membersWhere + wholeUp + membersUp
	membersPlaceDownSQL   = members + `m.position` + membersWhere + wholeDown + membersDown
)
