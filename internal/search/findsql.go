package search

// The statements that search the whole shop. $1 to $5 are the filters of products; $6 is what is asked, as a query of
// PostgreSQL's, and $7 the same as it was typed, in lower case; $8 to $10 are whether products, pages and articles are
// wanted, $11 is what becomes of what can't be bought, and $12 is what must not be there, or only where something else is.
//
// What is misspelled is looked for only when nothing is spelled as asked: a shopper who spells right is not shown what
// merely looks alike.
const (
	wordsAsked = `(select $6::tsquery)`
	textAsked  = `(select $7::text)`
	denials    = `(select $12::tsquery)`

	// Words of titles are found as they are written, too: texts are searched without the likes of "about", and by their
	// words' basic forms, which nobody has typed yet who is about to. What must not be there is asked of the text alone,
	// whether it stands beside words or nothing else is asked: no title that lacks it says that the text does.
	writtenAsked = `(select case when strpos($6::tsquery::text, '!') = 0 then $6::tsquery end)`
	titleHas     = `to_tsvector('simple', l.title) @@ ` + writtenAsked
	spelled      = `
    from listing l
    where $8
      and ` + visible + `
      and (l.search @@ ` + wordsAsked + ` or ` + titleHas + ` or l.skus @> array[` + textAsked + `])
      and (` + denials + ` is null or l.search @@ ` + denials + `)`
	misspelled = `
    from listing l
    where $8
      and char_length(` + textAsked + `) > 3 -- less is like too much
      and not exists (select from spelled)
      and not exists (select from document)
      and ` + visible + `
      and search_resembles(l.words, ` + textAsked + `)`
	document = `
    select d.kind, d.id, d.title,
           case when lower(d.title) = ` + textAsked + ` then 10 when starts_with(lower(d.title), ` + textAsked + `) then 1 else 0 end
           + ts_rank(d.search, ` + wordsAsked + `)::numeric as rank
    from content_document d
    where ($9 and d.kind = 'Page' or $10 and d.kind = 'Article')
      and (` + seesAllAsked + ` or d.published_at <= now())
      and (d.search @@ ` + wordsAsked + ` or to_tsvector('simple', d.title) @@ ` + writtenAsked + `)`
	lacking = `
      and (` + denials + ` is null or d.search @@ ` + denials + `)`

	// A title or a stock keeping unit that is just what was asked comes first, then a title that begins so; among the
	// rest words count by where they stand.
	titledSo = `case when l.title_key = ` + textAsked + ` or ` + textAsked + ` = any(l.skus) or ` + textAsked + ` = any(l.barcodes) then 10
                when starts_with(l.title_key, ` + textAsked + `) then 1 else 0 end`
	// What is misspelled is looked for in all names of a product, and means its title rather than its vendor.
	resemblance = `(search_resemblance(l.words, ` + textAsked + `) + search_resemblance(l.title_key, ` + textAsked + `))::numeric`

	shownProducts = `
      and ($11 <> 'HIDE' or l.available)`

	ranked      = `l.copy, l.product_id, l.facet_keys, l.price, l.available, `
	spelledRank = ranked + titledSo + ` + ts_rank(l.search, ` + wordsAsked + `)::numeric as rank`
	resemblesBy = ranked + titledSo + ` + ` + resemblance + ` as rank`
	counts      = `l.copy, l.product_id, l.facet_keys, l.facet_labels, l.variant_keys, l.variant_labels, l.price, l.price_high,
           l.available, l.alike, l.digest`
	hitsOf = `
with document as materialized ( ` + document + lacking + `
), spelled as materialized (
    select `
	orMisspelled = spelled + `
), misspelled as materialized (
    select `
	together = misspelled + `
), hit as (
    select * from spelled
    union all
    select * from misspelled
)`

	// Nothing was asked, so all there is is found.
	everything = `
with document as materialized (
    select d.kind, d.id, d.title, 0::numeric as rank
    from content_document d
    where ($9 and d.kind = 'Page' or $10 and d.kind = 'Article')
      and (d.published_at <= now() or ` + seesAllAsked + `)
), hit as (
    select ` + counts + `, 0::numeric as rank
    from listing l
    where $8
      and ` + wordsAsked + ` is null
      and ` + textAsked + ` is null
      and ` + denials + ` is null
      and ` + visible + `
)`

	found = `, found as (
    select 'Product' as kind, l.product_id as id, l.price, l.available, l.rank
    from hit l
    where true` + shownProducts + filtered + `
    union all
    select d.kind, d.id, null, true, d.rank
    from document d
)`
)

// The page: $13 is a number beyond all ranks and prices, positive when what comes last has the highest key; $14 and $15
// are the key and the id after which the page begins, $16 is how many are read.
const (
	hits   = hitsOf + spelledRank + orMisspelled + resemblesBy + together + found
	whole  = everything + found
	placed = `
select f.kind, f.id, k.key::text
from found f
cross join lateral (select `
	byRank     = `f.rank`
	byPrice    = `coalesce(f.price, $13::bigint)`
	foundAfter = ` + case when $11 = 'LAST' and not f.available then 2 * $13::bigint else 0 end as key) k
where ($15::uuid is null or (k.key, f.id) `
	foundUp = `> ($14::text::numeric, $15))
order by k.key, f.id
limit $16`
	foundDown = `< ($14::text::numeric, $15))
order by k.key desc, f.id desc
limit $16`

	foundRankUpSQL    = hits + placed + byRank + foundAfter + foundUp
	foundRankDownSQL  = hits + placed + byRank + foundAfter + foundDown
	foundPriceUpSQL   = hits + placed + byPrice + foundAfter + foundUp
	foundPriceDownSQL = hits + placed + byPrice + foundAfter + foundDown

	wholeRankUpSQL    = whole + placed + byRank + foundAfter + foundUp
	wholeRankDownSQL  = whole + placed + byRank + foundAfter + foundDown
	wholePriceUpSQL   = whole + placed + byPrice + foundAfter + foundUp
	wholePriceDownSQL = whole + placed + byPrice + foundAfter + foundDown
)

// How many there are.
const (
	hitsCounted = hitsOf + counts + orMisspelled + counts + together
	countFound  = `
select (select count(*) from document) + (select count(*) from hit l where true ` + shownProducts + filtered + `)`

	foundCountSQL = hitsCounted + countFound
	wholeCountSQL = everything + countFound
)
