package search

// The statements that search the whole shop. $1 to $6 are the filters of products; $7 is the text and $8 whether its
// last word may be the beginning of one; $9 to $11 are whether products, pages and articles are wanted; $12 is what
// becomes of what can't be bought, and $13 the fields that are searched, null for all.
//
// What is misspelled is looked for only when nothing is spelled as asked: a shopper who spells right is not shown what
// merely looks alike.
const (
	hits = `
with asked as materialized (
    select search_query($7, $8) as query, lower($7) as text
), spelled as materialized (
    select l.product_id
    from listing l
    where $9
      and $7 <> ''
      and ` + visible + `
      and l.search @@ (select a.query from asked a)
      and ($13::text[] is null or to_tsvector('english', ` + productFields + `) @@ (select a.query from asked a))
    union
    select l.product_id
    from listing l
    where $9
      and $7 <> ''
      and ` + visible + `
      and l.skus @> array[lower($7)]
      and ($13::text[] is null or 'VARIANTS_SKU' = any($13))
), document as materialized (
    select d.kind, d.id, d.title, ts_rank(d.search, (select a.query from asked a)) as rank
    from content_document d
    where ($10 and d.kind = 'Page' or $11 and d.kind = 'Article')
      and ($1 or d.published_at <= now())
      and ($7 = '' or d.search @@ (select a.query from asked a))
      and ($13::text[] is null or $7 = '' or to_tsvector('english', ` + documentFields + `) @@ (select a.query from asked a))
), misspelled as materialized (
    select l.product_id, search_resemblance(l.words, (select a.text from asked a)) as resemblance
    from listing l
    where $9
      and char_length($7) > 3 -- less is like too much
      and not exists (select from spelled)
      and not exists (select from document)
      and ` + visible + `
      and search_resembles(l.words, (select a.text from asked a))
      and ($13::text[] is null or search_resembles(lower(` + productFields + `), (select a.text from asked a)))
), hit as (
    select s.product_id, 0::real as resemblance
    from spelled s
    union all
    select m.product_id, m.resemblance
    from misspelled m
    union all
    select l.product_id, 0
    from listing l
    where $9
      and $7 = ''
      and ` + visible + `
)`
	productFields = `concat_ws(' ',
          case when 'TITLE' = any($13) then l.title end,
          case when 'VENDOR' = any($13) then l.vendor end,
          case when 'PRODUCT_TYPE' = any($13) then l.product_type end,
          case when 'TAG' = any($13) then l.tags end,
          case when 'BODY' = any($13) then l.body end,
          case when 'VARIANTS_TITLE' = any($13) then l.variant_titles end,
          case when 'VARIANTS_SKU' = any($13) then array_to_string(l.skus, ' ') end,
          case when 'VARIANTS_BARCODE' = any($13) then array_to_string(l.barcodes, ' ') end)`
	documentFields = `concat_ws(' ',
          case when 'TITLE' = any($13) then d.title end,
          case when 'AUTHOR' = any($13) then d.author end,
          case when 'TAG' = any($13) then array_to_string(d.tags, ' ') end,
          case when 'BODY' = any($13) then d.body end)`

	shownProducts = `
      and ($12 <> 'HIDE' or l.available)`

	// A title or a stock keeping unit that is just what was asked comes first, then a title that begins so; among the
	// rest words count by where they stand.
	found = hits + `, found as (
    select 'Product' as kind, l.product_id as id, l.title, l.price, l.available,
           case when l.title_key = a.text or a.text = any(l.skus) or a.text = any(l.barcodes) then 10
                when a.text <> '' and starts_with(l.title_key, a.text) then 1
                else 0 end
           + (ts_rank(l.search, a.query) + h.resemblance)::numeric as rank
    from hit h
    cross join asked a
    join listing l on l.product_id = h.product_id
    where ` + visible + shownProducts + filtered + `
    union all
    select d.kind, d.id, d.title, null, true,
           case when lower(d.title) = a.text then 10 when a.text <> '' and starts_with(lower(d.title), a.text) then 1 else 0 end
           + d.rank::numeric
    from document d
    cross join asked a
)`
)

// The page: $14 is a number beyond all ranks and prices, positive when what comes last has the highest key; $15 and $16
// are the key and the id after which the page begins, $17 is how many are read.
const (
	foundKeyed = `
select f.kind, f.id, k.key::text
from found f
cross join lateral (select `
	byRank     = `f.rank`
	byPrice    = `coalesce(f.price, $14::bigint)`
	foundAfter = ` + case when $12 = 'LAST' and not f.available then 2 * $14::bigint else 0 end as key) k
where ($16::uuid is null or (k.key, f.id) `
	foundUp = `> ($15::text::numeric, $16))
order by k.key, f.id
limit $17`
	foundDown = `< ($15::text::numeric, $16))
order by k.key desc, f.id desc
limit $17`

	foundRankUpSQL    = found + foundKeyed + byRank + foundAfter + foundUp
	foundRankDownSQL  = found + foundKeyed + byRank + foundAfter + foundDown
	foundPriceUpSQL   = found + foundKeyed + byPrice + foundAfter + foundUp
	foundPriceDownSQL = found + foundKeyed + byPrice + foundAfter + foundDown

	foundCountSQL = found + `
select count(*)
from found`
)

// What is offered while a shopper types: the best of each kind. $14 is whether collections are wanted, $15 how many of
// each kind are read.
const predictedSQL = found + `, named as (
    select f.kind, f.id, f.title, f.rank + case when $12 = 'LAST' and not f.available then -1000 else 0 end as rank
    from found f
    union all
    select 'Collection', c.id, c.title,
           case when lower(c.title) = a.text then 10 when starts_with(lower(c.title), a.text) then 1 else 0 end
           + ts_rank(to_tsvector('english', c.title), a.query)::numeric
    from collection_named c
    cross join asked a
    where $14
      and $7 <> ''
      and ($1 or c.published_at <= now())
      and ($13::text[] is null or 'TITLE' = any($13))
      and to_tsvector('english', c.title) @@ a.query
), placed as (
    select n.kind, n.id, n.title, row_number() over (partition by n.kind order by n.rank desc, n.id) as place
    from named n
)
select kind, id, title
from placed
where place <= $15
order by kind, place`
