alter table listing
    drop column names,
    drop column price_high,
    drop column available_low,
    drop column available_high,
    drop column variant_keys,
    drop column variant_labels;

create function listing_meets(keys text[], groups text[]) returns boolean
language sql immutable parallel safe
as $$
select not exists (select from unnest(groups) g(alternatives) where not keys && g.alternatives::text[])
$$;

create function listing_unmet(keys text[], groups text[]) returns text[]
language sql immutable parallel safe
as $$
select array(select split_part((g.alternatives::text[])[1], E'\x1f', 1)
             from unnest(groups) g(alternatives)
             where not keys && g.alternatives::text[])
$$;

create function listing_costs(price bigint, lows numeric[], highs numeric[]) returns boolean
language sql immutable parallel safe
as $$
select cardinality(lows) = 0
    or exists (select from unnest(lows, highs) r(low, high) where price >= coalesce(low, price) and price <= coalesce(high, price))
$$;
