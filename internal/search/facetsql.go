package search

// The statements that count what a list can be filtered by, however many filters there are. The count of a value is that
// of the products which the list would have if of its own group nothing else were selected: so of each variant it is
// asked which groups it misses, and it counts for all groups when it misses none, for one group when it misses only
// that. What is to be available is decided last, over a product's variants together.
const (
	facetsFrom = `base as materialized (
    select l.copy, l.product_id, l.facet_keys, l.facet_labels,
           case when cardinality($2::text[]) = 0 then '{}'::text[] else listing_unmet(l.facet_keys, $2) end as unmet
    from `
	facetsCount = `
), variant as (
    select b.product_id, v.price, v.available, v.facet_keys, v.facet_labels,
           b.unmet
           || case when cardinality($3::text[]) = 0 then '{}'::text[] else listing_unmet(v.facet_keys, $3) end
           || case when listing_costs(v.price, $4::text[]::numeric[], $5::text[]::numeric[]) then '{}'::text[]
                   else array['price'] end as unmet
    from base b
    join listing_variant v on v.copy = b.copy and v.product_id = b.product_id
    where cardinality(b.unmet) <= 1
), near as materialized (
    select v.product_id, v.price, v.available, v.facet_keys, v.facet_labels, coalesce(v.unmet[1], '') as missed
    from variant v
    where cardinality(v.unmet) <= 1
), judged as materialized (
    select n.product_id, n.missed, bool_or(n.available) as available
    from near n
    group by n.product_id, n.missed
), counted as (
    select f.key, min(f.label) as label, count(*) as products, null::bigint as low, null::bigint as high
    from judged j
    join base b on b.product_id = j.product_id
    cross join unnest(b.facet_keys, b.facet_labels) f(key, label)
    where (j.missed = '' or j.missed = split_part(f.key, E'\x1f', 1))
      and ($6::boolean is null or j.available = $6)
    group by f.key
    union all
    select o.key, min(o.label), count(*), null, null
    from (select f.key, min(f.label) as label, bool_or(n.available) as available
          from near n
          cross join unnest(n.facet_keys, n.facet_labels) f(key, label)
          where n.missed = '' or n.missed = split_part(f.key, E'\x1f', 1)
          group by f.key, n.product_id) o
    where $6::boolean is null or o.available = $6
    group by o.key
    union all
    select 'available', j.available::text, count(*), null, null
    from judged j
    where j.missed = ''
    group by j.available
    union all
    select 'price', '', count(*), min(o.low), max(o.high)
    from (select bool_or(n.available) as available,
                 min(n.price) filter (where $6::boolean is distinct from true or n.available) as low,
                 max(n.price) filter (where $6::boolean is distinct from true or n.available) as high
          from near n
          where n.missed in ('', 'price')
          group by n.product_id) o
    where $6::boolean is null or o.available = $6
), placed as (
    select c.key, c.label, c.products, c.low, c.high,
           row_number() over (partition by split_part(c.key, E'\x1f', 1) order by c.products desc, c.key) as place
    from counted c
    where c.key not like 'm.%' or split_part(c.key, E'\x1f', 1) = any(`
	facetsShown = `)
)
select key, label, products, coalesce(low, 0), coalesce(high, 0)
from placed
where place <= 250
order by key like 'm.%', split_part(key, E'\x1f', 1), place`

	facetsOfAllSQL = `with ` + facetsFrom + `listing l
where ` + ofAll + facetsCount + `$19::text[]` + facetsShown
	facetsOfCollectionSQL = `with ` + facetsFrom + `collection_member m
join listing l on l.product_id = m.product_id
where ` + ofCollection + facetsCount + `$19::text[]` + facetsShown
	facetsOfSearchSQL = hits + `, ` + facetsFrom + `hit h
join listing l on l.product_id = h.product_id
where ` + visible + shownProducts + facetsCount + `$14::text[]` + facetsShown
)
