package search

// The statement that counts what lists can be filtered by, however many filters there are. The count of a value is that
// of the products which the list would have if of its own group nothing else were selected: so it is asked which groups
// something misses; it counts for all groups when it misses none, for one group when it misses only that.
const (
	unmet = `case when cardinality(`
	keys  = `) = 0 then '{}'::text[] else array(
        select split_part((g.alternatives::text[])[1], E'\x1f', 1)
        from unnest(`
	alternatives = `) g(alternatives)
        where not `
	notMet = `.facet_keys && g.alternatives::text[]) end`

	unmetByProduct = unmet + productGroups + keys + productGroups + alternatives + `l` + notMet
	unmetByVariant = unmet + variantGroups + keys + variantGroups + alternatives + `v` + notMet
)

// Where all variants of a product are alike in what is asked of them, the product's own row knows what they have: whole
// are the products of which that is true. Of the others each variant is asked, and what is to be available is decided
// last, over a product's variants together.
const (
	facetsFrom = `base as materialized (
    select l.copy, l.product_id, l.facet_keys, l.facet_labels, l.variant_keys, l.variant_labels, l.price, l.price_high,
           l.available, ` + unmetByProduct + ` as unmet,
           ` + pricesAsked + ` is not null and not ` + pricesAsked + ` && int8range(l.price, l.price_high, '[]') as beyond,
           cardinality(` + variantGroups + `) = 0
           and (` + availableAsked + ` is null or l.alike = l.digest)
           and (` + pricesAsked + ` is null or ` + pricesAsked + ` @> int8range(l.price, l.price_high, '[]')
                or not ` + pricesAsked + ` && int8range(l.price, l.price_high, '[]')) as alike
    from `
	facetsWhere = `
    where `
	facetsEnd = `
), whole as materialized (
    select b.facet_keys || b.variant_keys as keys, b.facet_labels || b.variant_labels as labels, b.price, b.price_high,
           b.available, case when b.beyond then 'price' else coalesce(b.unmet[1], '') end as missed
    from base b
    where b.alike
      and cardinality(b.unmet) + b.beyond::integer <= 1
), near as materialized (
    select b.product_id, b.facet_keys as product_keys, b.facet_labels as product_labels, v.price, v.available, v.facet_keys,
           v.facet_labels, coalesce((b.unmet || m.unmet)[1], '') as missed
    from base b
    join listing_variant v on v.copy = b.copy and v.product_id = b.product_id
    cross join lateral (
        select ` + unmetByVariant + `
               || case when ` + pricesAsked + ` is null or v.price <@ ` + pricesAsked + ` then '{}'::text[] else array['price'] end as unmet
    ) m
    where not b.alike
      and cardinality(b.unmet) + cardinality(m.unmet) <= 1
), judged as materialized (
    select n.product_keys as keys, n.product_labels as labels, n.missed, bool_or(n.available) as available
    from near n
    group by n.product_id, n.product_keys, n.product_labels, n.missed
), counted as materialized (
    select f.key, min(f.label collate "C") as label, count(*) as products, null::bigint as low, null::bigint as high
    from (
        select t.missed, unnest(t.keys) as key, unnest(t.labels) as label
        from (
            select w.missed, w.keys, w.labels, w.available
            from whole w
            union all
            select j.missed, j.keys, j.labels, j.available
            from judged j
        ) t
        where ` + availableAsked + ` is null or t.available = ` + availableAsked + `
        union all
        select '', o.key, o.label
        from (
            select e.key, min(e.label collate "C") as label, bool_or(e.available) as available
            from (
                select n.product_id, n.missed, n.available, unnest(n.facet_keys) as key, unnest(n.facet_labels) as label
                from near n
            ) e
            where e.missed = '' or e.missed = split_part(e.key, E'\x1f', 1)
            group by e.product_id, e.key
        ) o
        where ` + availableAsked + ` is null or o.available = ` + availableAsked + `
    ) f
    where f.missed = '' or f.missed = split_part(f.key, E'\x1f', 1)
    group by f.key
    union all
    select 'available', a.available::text, count(*), null, null
    from (
        select w.available
        from whole w
        where w.missed = ''
        union all
        select j.available
        from judged j
        where j.missed = ''
    ) a
    group by a.available
    union all
    select 'price', '', count(*), min(o.low), max(o.high)
    from (
        select w.available, w.price as low, w.price_high as high
        from whole w
        where w.missed in ('', 'price')
        union all
        select bool_or(n.available),
               min(n.price) filter (where ` + availableAsked + ` is distinct from true or n.available),
               max(n.price) filter (where ` + availableAsked + ` is distinct from true or n.available)
        from near n
        where n.missed in ('', 'price')
        group by n.product_id
    ) o
    where ` + availableAsked + ` is null or o.available = ` + availableAsked + `
)`
)

// tally is how a list's facets are counted: narrowed by filters, or whole, which takes a third less work. Without filters
// every product counts for all that it and its variants have, and nothing has to be weighed against anything.
type tally struct{ narrowed, whole string }

const (
	wholeFrom = `base as materialized (
    select l.facet_keys || l.variant_keys as keys, l.facet_labels || l.variant_labels as labels, l.price, l.price_high, l.available
    from `
	wholeWhere = `
    where cardinality(` + productGroups + `) = 0
      and cardinality(` + variantGroups + `) = 0
      and ` + pricesAsked + ` is null
      and ` + availableAsked + ` is null
      and `
	wholeEnd = `
), counted as materialized (
    select f.key, min(f.label collate "C") as label, count(*) as products, null::bigint as low, null::bigint as high
    from (select unnest(b.keys) as key, unnest(b.labels) as label from base b) f
    group by f.key
    union all
    select 'available', b.available::text, count(*), null, null
    from base b
    group by b.available
    union all
    select 'price', '', count(*), min(b.price), max(b.price_high)
    from base b
)`
)

// Of each group the values that most products have, and of metafields only what shoppers may filter by.
const (
	facetsPlaced = `, placed as (
    select c.key, c.label, c.products, c.low, c.high, split_part(c.key, E'\x1f', 1) as of,
           row_number() over (partition by split_part(c.key, E'\x1f', 1) order by c.products desc, c.key) as place
    from counted c
    where c.key not like 'm.%' or split_part(c.key, E'\x1f', 1) = any((select `
	facetsShown = `::text[])::text[])
)`
	facetsOfOne = `
select 1, f.key, f.label, f.products, coalesce(f.low, 0), coalesce(f.high, 0)
from placed f
where f.place <= 250
order by f.of like 'm.%', f.of, f.place `

	facetsOfAllSQL = `
with ` + facetsFrom + `listing l` + facetsWhere + ofAll + facetsEnd + facetsPlaced + `$18` + facetsShown + facetsOfOne
	wholeFacetsOfAllSQL = `
with ` + wholeFrom + `listing l` + wholeWhere + ofAll + wholeEnd + facetsPlaced + `$18` + facetsShown + facetsOfOne

	placedHits        = facetsPlaced + `$13` + facetsShown + facetsOfOne
	facetsOfHits      = `, ` + facetsFrom + `hit l` + facetsWhere + `true` + shownProducts + facetsEnd + placedHits
	wholeFacetsOfHits = `, ` + wholeFrom + `hit l` + wholeWhere + `true` + shownProducts + wholeEnd + placedHits

	facetsOfFoundSQL      = hitsCounted + facetsOfHits
	wholeFacetsOfFoundSQL = hitsCounted + wholeFacetsOfHits
	facetsOfWholeSQL      = everything + facetsOfHits
	wholeFacetsOfWholeSQL = everything + wholeFacetsOfHits
)

// Collections are counted one after the other within one statement, each as if it were alone.
const (
	eachCollection = `
select g.list, f.key, f.label, f.products, coalesce(f.low, 0), coalesce(f.high, 0)
from unnest((select $6::uuid[])) with ordinality g(collection_id, list)
cross join lateral (
with `
	itsProducts = `collection_member m
    join listing l on l.product_id = m.product_id`
	ofCollection = `m.collection_id = g.collection_id
  and ` + visible
	placedEach = facetsPlaced + `$7` + facetsShown + `
select key, label, products, low, high, of, place
from placed
where place <= 250
) f
order by g.list, f.of like 'm.%', f.of, f.place`

	facetsOfCollectionsSQL      = eachCollection + facetsFrom + itsProducts + facetsWhere + ofCollection + facetsEnd + placedEach
	wholeFacetsOfCollectionsSQL = eachCollection + wholeFrom + itsProducts + wholeWhere + ofCollection + wholeEnd + placedEach
)

var (
	facetsOfAll         = tally{facetsOfAllSQL, wholeFacetsOfAllSQL}
	facetsOfFound       = tally{facetsOfFoundSQL, wholeFacetsOfFoundSQL}
	facetsOfWhole       = tally{facetsOfWholeSQL, wholeFacetsOfWholeSQL}
	facetsOfCollections = tally{facetsOfCollectionsSQL, wholeFacetsOfCollectionsSQL}
)
