package search

// The statements that find what is offered while a shopper types: of each kind the best, without a look at all that is
// said of them. $1 to $11 are those of a search; $12 is whether collections are wanted, $13 how many of each kind are
// read. A shopper who types looks for names, which have a vector of their own; where other fields are to be searched, $14
// names them, and what the whole vector finds is compared once more.
const (
	predictedHead = `
with suited as materialized (
    select 'Product' as kind, l.product_id as id, l.title, `
	predictedFrom = ` + case when $11 = 'LAST' and not l.available then -1000 else 0 end as rank
    from listing l
    where $8
      and ` + visible + shownProducts + filtered + `
      and `
	predictedBest = `
    order by rank desc, id
    limit $13
)`
	predictedRest = `, misspelled as materialized (
    select 'Product', l.product_id, l.title, ` + titledSo + ` + ` + resemblance + `
           + case when $11 = 'LAST' and not l.available then -1000 else 0 end as rank
    from listing l
    where $8
      and char_length(` + textAsked + `) > 3
      and not exists (select from suited)
      and not exists (select from document)
      and ` + visible + shownProducts + `
      and search_resembles(l.words, ` + textAsked + `)`
	predictedEnd = `
    order by rank desc, product_id
    limit $13
), collected as (
    select 'Collection', c.id, c.title,
           case when lower(c.title) = ` + textAsked + ` then 10 when starts_with(lower(c.title), ` + textAsked + `) then 1 else 0 end
           + ts_rank(to_tsvector('english', c.title), ` + wordsAsked + `)::numeric as rank
    from collection_named c
    where $12
      and (` + seesAllAsked + ` or c.published_at <= now())
      and to_tsvector('english', c.title) || to_tsvector('simple', c.title) @@ ` + wordsAsked + `
    order by rank desc, id
    limit $13
), placed as (
    select d.kind, d.id, d.title, d.rank, row_number() over (partition by d.kind order by d.rank desc, d.id) as place
    from document d
), offered as (
    select * from suited
    union all
    select * from misspelled
    union all
    select * from collected
    union all
    select p.kind, p.id, p.title, p.rank
    from placed p
    where p.place <= $13
)
select kind, id, title
from offered
order by kind, rank desc, id`

	predictedDocuments = `, document as materialized (` + document

	predictedSQL = predictedHead + titledSo + ` + ts_rank(l.names, ` + wordsAsked + `)` + predictedFrom +
		`(l.names @@ ` + wordsAsked + ` or ` + titleHas + `)` + predictedBest + predictedDocuments + `
      and to_tsvector('english', d.title) || to_tsvector('simple', d.title) @@ ` + wordsAsked + `
)` + predictedRest + predictedEnd

	predictedInSQL = predictedHead + titledSo + ` + ts_rank(l.search, ` + wordsAsked + `)` + predictedFrom +
		`((l.search @@ ` + wordsAsked + ` or ` + titleHas + `)
           and to_tsvector('english', ` + productFields + `) || to_tsvector('simple', ` + productFields + `) @@ ` + wordsAsked + `
           or l.skus @> array[` + textAsked + `] and 'VARIANTS_SKU' = any($14))` + predictedBest + predictedDocuments + `
      and to_tsvector('english', ` + documentFields + `) || to_tsvector('simple', ` + documentFields + `) @@ ` + wordsAsked + `
)` + predictedRest + `
      and search_resembles(lower(` + productFields + `), ` + textAsked + `)` + predictedEnd

	productFields = `concat_ws(' ',
          case when 'TITLE' = any($14::text[]) then l.title end,
          case when 'VENDOR' = any($14) then l.vendor end,
          case when 'PRODUCT_TYPE' = any($14) then l.product_type end,
          case when 'TAG' = any($14) then l.tags end,
          case when 'BODY' = any($14) then l.body end,
          case when 'VARIANTS_TITLE' = any($14) then l.variant_titles end,
          case when 'VARIANTS_SKU' = any($14) then array_to_string(l.skus, ' ') end,
          case when 'VARIANTS_BARCODE' = any($14) then array_to_string(l.barcodes, ' ') end)`
	documentFields = `concat_ws(' ',
          case when 'TITLE' = any($14) then d.title end,
          case when 'AUTHOR' = any($14) then d.author end,
          case when 'TAG' = any($14) then array_to_string(d.tags, ' ') end,
          case when 'BODY' = any($14) then d.body end)`
)
