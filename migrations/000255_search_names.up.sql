-- The names of things, which is what shoppers look for while they type, without all that is said about them; and of a
-- product's variants what its filters are counted by. The rows that are there get it here, and whoever writes them anew
-- writes it, too. The functions listing_meets, listing_unmet and listing_costs have no use any more; they go when no
-- release asks for them.
alter table listing
    add column names tsvector not null default '',
    add column price_high bigint not null default 0,
    add column available_low bigint, -- the prices of what can be bought
    add column available_high bigint,
    add column variant_keys text[] not null default '{}', -- of all variants, each once
    add column variant_labels text[] not null default '{}';

create index listing_names_idx on listing using gin (names);

update listing l
set names = setweight(to_tsvector('english', l.title), 'A')
            || setweight(to_tsvector('english', concat_ws(' ', l.vendor, l.product_type)), 'B')
            || setweight(to_tsvector('english', l.variant_titles), 'C'),
    price_high = v.high,
    available_low = v.available_low,
    available_high = v.available_high,
    variant_keys = v.keys,
    variant_labels = v.labels
from (
    select p.copy, p.product_id, p.high, p.available_low, p.available_high,
           coalesce(array_agg(k.key order by k.key) filter (where k.key is not null), '{}') as keys,
           coalesce(array_agg(k.label order by k.key) filter (where k.key is not null), '{}') as labels
    from (
        select copy, product_id, max(price) as high, min(price) filter (where available) as available_low,
               max(price) filter (where available) as available_high
        from listing_variant
        group by copy, product_id
    ) p
    left join lateral (
        select f.key, min(f.label) as label
        from listing_variant w
        cross join unnest(w.facet_keys, w.facet_labels) f(key, label)
        where w.copy = p.copy and w.product_id = p.product_id
        group by f.key
    ) k on true
    group by p.copy, p.product_id, p.high, p.available_low, p.available_high
) v
where v.copy = l.copy
  and v.product_id = l.product_id;
