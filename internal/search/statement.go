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

	// $6 are the collections; $7 to $17 are the search in the storefront's syntax.
	asked = `
  and ($7::text = '' or numnode(plainto_tsquery('english', $7)) = 0 or l.search @@ plainto_tsquery('english', $7))
  and (cardinality($8::integer[]) = 0 or listing_matches(l, $8, $9::text[], $10::text[], $11::text[], $12::boolean[]))
  and (cardinality($13::text[]) = 0 or l.tag_keys @> $13)
  and (cardinality($14::text[]) = 0 or not l.tag_keys && $14)
  and ($15::text is null or l.vendor_key = $15)
  and ($16::text is null or l.type_key = $16)
  and ($17::boolean is null or l.available = $17)`

	ofAll = `$6::uuid is null
  and ` + visible + asked
	ofEach = `m.collection_id = g.collection_id
  and ` + visible + asked

	products = `
select 1, l.product_id, k.key::text
from listing l
cross join lateral (select `
	productsWhere = ` as key) k
where ` + ofAll + filtered

	// The lists of many collections, which $6 names, are read together, each with a page of its own.
	members = `
select g.place, x.product_id, x.key::text
from unnest($6::uuid[]) with ordinality g(collection_id, place)
cross join lateral (
select l.product_id, k.key
from collection_member m
join listing l on l.product_id = m.product_id
cross join lateral (select `
	membersWhere = ` as key) k
where ` + ofEach + filtered
	membersUp = `
) x
order by g.place, x.key, x.product_id`
	membersDown = `
) x
order by g.place, x.key desc, x.product_id desc`
)

// The page: $18 and $19 are the key and the id after which it begins, $20 is how many are read.
const (
	after = `
  and ($19::uuid is null or (k.key, l.product_id) `
	ascends = `, $19))
order by k.key, l.product_id
limit $20`
	descends = `, $19))
order by k.key desc, l.product_id desc
limit $20`

	idUp      = after + `> ($18::text::uuid` + ascends
	idDown    = after + `< ($18::text::uuid` + descends
	textUp    = after + `> ($18::text` + ascends
	textDown  = after + `< ($18::text` + descends
	timeUp    = after + `> ($18::text::timestamptz` + ascends
	timeDown  = after + `< ($18::text::timestamptz` + descends
	wholeUp   = after + `> ($18::text::bigint` + ascends
	wholeDown = after + `< ($18::text::bigint` + descends
	rankUp    = after + `> ($18::text::float8` + ascends
	rankDown  = after + `< ($18::text::float8` + descends

	rank = `ts_rank(l.search, plainto_tsquery('english', $7))::float8`
)

const (
	productsIDUpSQL        = products + `l.product_id` + productsWhere + idUp
	productsIDDownSQL      = products + `l.product_id` + productsWhere + idDown
	productsTitleUpSQL     = products + `l.title_key` + productsWhere + textUp
	productsTitleDownSQL   = products + `l.title_key` + productsWhere + textDown
	productsTypeUpSQL      = products + `l.type_key` + productsWhere + textUp
	productsTypeDownSQL    = products + `l.type_key` + productsWhere + textDown
	productsVendorUpSQL    = products + `l.vendor_key` + productsWhere + textUp
	productsVendorDownSQL  = products + `l.vendor_key` + productsWhere + textDown
	productsCreatedUpSQL   = products + `l.created_at` + productsWhere + timeUp
	productsCreatedDownSQL = products + `l.created_at` + productsWhere + timeDown
	productsUpdatedUpSQL   = products + `l.updated_at` + productsWhere + timeUp
	productsUpdatedDownSQL = products + `l.updated_at` + productsWhere + timeDown
	productsPriceUpSQL     = products + `l.price` + productsWhere + wholeUp
	productsPriceDownSQL   = products + `l.price` + productsWhere + wholeDown
	productsSoldUpSQL      = products + `l.units_sold` + productsWhere + wholeUp
	productsSoldDownSQL    = products + `l.units_sold` + productsWhere + wholeDown
	productsRankUpSQL      = products + rank + productsWhere + rankUp
	productsRankDownSQL    = products + rank + productsWhere + rankDown

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
