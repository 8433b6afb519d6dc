package search

// The statements that count what a list can be filtered by, however many filters there are. The count of a value is that
// of the products which the list would have if of its own group nothing else were selected: so it is asked which groups
// something misses; it counts for all groups when it misses none, for one group when it misses only that.
const (
	unmet = `case when cardinality(`
	keys  = `::text[]) = 0 then '{}'::text[] else array(
        select split_part((g.alternatives::text[])[1], E'\x1f', 1)
        from unnest(`
	alternatives = `) g(alternatives)
        where not `
	notMet = `.facet_keys && g.alternatives::text[]) end`

	unmetByProduct = unmet + `$2` + keys + `$2` + alternatives + `l` + notMet
	unmetByVariant = unmet + `$3` + keys + `$3` + alternatives + `v` + notMet
)

// As long as nothing is asked of variants, a product's own row knows what they have.
const (
	plainFrom = `counted as materialized (
    select f.key, min(f.label) as label, count(*) as products,
           min(case when $5 then l.available_low else l.price end) as low,
           max(case when $5 then l.available_high else l.price_high end) as high
    from `
	plainWhere = `
    cross join lateral (select ` + unmetByProduct + ` as unmet) u
    cross join unnest(l.facet_keys || l.variant_keys || array['available' || E'\x1f' || l.available::text, 'price'],
                      l.facet_labels || l.variant_labels || array[l.available::text, '']) f(key, label)
    where cardinality($3::text[]) = 0
      and $4::int8multirange is null
      and (cardinality($2) = 0 or cardinality(u.unmet) = 0 or cardinality(u.unmet) = 1 and u.unmet[1] = split_part(f.key, E'\x1f', 1))
      and ($5::boolean is null or l.available = $5 or starts_with(f.key, 'available'))
      and `
	plainEnd = `
    group by f.key
`
)

// Else each variant is asked. What is to be available is decided last, over a product's variants together.
const (
	closeFrom = `base as materialized (
    select l.copy, l.product_id, l.facet_keys, l.facet_labels, ` + unmetByProduct + ` as unmet
    from `
	closeWhere = `
    where `
	closeEnd = `
), near as materialized (
    select b.product_id, b.facet_keys as product_keys, b.facet_labels as product_labels, v.price, v.available, v.facet_keys,
           v.facet_labels, coalesce((b.unmet || m.unmet)[1], '') as missed
    from base b
    join listing_variant v on v.copy = b.copy and v.product_id = b.product_id
    cross join lateral (
        select ` + unmetByVariant + `
               || case when $4::int8multirange is null or v.price <@ $4 then '{}'::text[] else array['price'] end as unmet
    ) m
    where cardinality(b.unmet) + cardinality(m.unmet) <= 1
), judged as materialized (
    select n.product_id, n.product_keys, n.product_labels, n.missed, bool_or(n.available) as available
    from near n
    group by n.product_id, n.product_keys, n.product_labels, n.missed
), counted as materialized (
    select f.key, min(f.label) as label, count(*) as products, null::bigint as low, null::bigint as high
    from judged j
    cross join unnest(j.product_keys, j.product_labels) f(key, label)
    where (j.missed = '' or j.missed = split_part(f.key, E'\x1f', 1))
      and ($5::boolean is null or j.available = $5)
    group by f.key
    union all
    select o.key, min(o.label), count(*), null, null
    from (select f.key, min(f.label) as label, bool_or(n.available) as available
          from near n
          cross join unnest(n.facet_keys, n.facet_labels) f(key, label)
          where n.missed = '' or n.missed = split_part(f.key, E'\x1f', 1)
          group by f.key, n.product_id) o
    where $5::boolean is null or o.available = $5
    group by o.key
    union all
    select 'available', j.available::text, count(*), null, null
    from judged j
    where j.missed = ''
    group by j.available
    union all
    select 'price', '', count(*), min(o.low), max(o.high)
    from (select bool_or(n.available) as available,
                 min(n.price) filter (where $5::boolean is distinct from true or n.available) as low,
                 max(n.price) filter (where $5::boolean is distinct from true or n.available) as high
          from near n
          where n.missed in ('', 'price')
          group by n.product_id) o
    where $5::boolean is null or o.available = $5
`
)

// Of each group the values that most products have.
const (
	facetsPlaced = `), placed as (
    select c.key, c.label, c.products, c.low, c.high, split_part(c.key, E'\x1f', 1) as of,
           row_number() over (partition by split_part(c.key, E'\x1f', 1) order by c.products desc, c.key) as place
    from counted c
    where c.key not like 'm.%' or split_part(c.key, E'\x1f', 1) = any(`
	facetsShown = `::text[])
)`
	ofOneList = `
select 1, f.key, f.label, f.products, coalesce(f.low, 0), coalesce(f.high, 0)
from placed f
where f.place <= 250
order by f.of like 'm.%', f.of, f.place`

	plainOfAllSQL = `
with ` + plainFrom + `listing l` + plainWhere + ofAll + plainEnd + facetsPlaced + `$18` + facetsShown + ofOneList
	closeOfAllSQL = `
with ` + closeFrom + `listing l` + closeWhere + ofAll + closeEnd + facetsPlaced + `$18` + facetsShown + ofOneList

	plainOfHits = `, ` + plainFrom + `hit l` + plainWhere + `true` + shownProducts + plainEnd + facetsPlaced + `$12` + facetsShown + ofOneList
	closeOfHits = `, ` + closeFrom + `hit l` + closeWhere + `true` + shownProducts + closeEnd + facetsPlaced + `$12` + facetsShown + ofOneList

	plainOfFoundSQL = hitsCounted + plainOfHits
	closeOfFoundSQL = hitsCounted + closeOfHits
	plainOfWholeSQL = everything + plainOfHits
	closeOfWholeSQL = everything + closeOfHits
)

// Collections are counted one after the other within one statement, each as if it were alone.
const (
	ofEachList = `
select g.list, f.key, f.label, f.products, coalesce(f.low, 0), coalesce(f.high, 0)
from unnest($6::uuid[]) with ordinality g(collection_id, list)
cross join lateral (
with `
	member = `collection_member m
    join listing l on l.product_id = m.product_id`
	shownOfEach = `$18` + facetsShown + `
select key, label, products, low, high, of, place
from placed
where place <= 250
) f
order by g.list, f.of like 'm.%', f.of, f.place`

	plainOfCollectionsSQL = ofEachList + plainFrom + member + plainWhere + ofEach + plainEnd + facetsPlaced + shownOfEach
	closeOfCollectionsSQL = ofEachList + closeFrom + member + closeWhere + ofEach + closeEnd + facetsPlaced + shownOfEach
)
