create or replace function listing_matches(
    l listing, clauses integer[], fields text[], operators text[], terms text[], denied boolean[]
) returns boolean
language sql stable parallel safe
as $$
select not exists (
    select
    from unnest(clauses, fields, operators, terms, denied) t(clause, field, op, value, denied)
    group by t.clause
    having not bool_or(t.denied <> coalesce(case
        when t.op = 'any' then case t.field
            when 'tag' then cardinality(l.tag_keys) > 0
            when 'sku' then cardinality(l.skus) > 0
            when 'vendor' then l.vendor_key <> ''
            when 'product_type' then l.type_key <> ''
            when 'published_at' then l.published_at is not null
            else true end -- what every product has
        when t.field = '' and t.op = 'phrase' then
            numnode(phraseto_tsquery('simple', t.value)) = 0 or l.search @@ phraseto_tsquery('english', t.value)
            or numnode(phraseto_tsquery('english', t.value)) = 0
            and to_tsvector('simple', l.title) @@ phraseto_tsquery('simple', t.value)
        when t.field = '' and t.op = 'begins' then
            numnode(plainto_tsquery('simple', t.value)) = 0
            or l.search @@ (plainto_tsquery('simple', t.value)::text || ':*')::tsquery
            or to_tsvector('simple', l.title) @@ (plainto_tsquery('simple', t.value)::text || ':*')::tsquery
            or l.search @@ plainto_tsquery('english', t.value)
        when t.field = '' then
            numnode(plainto_tsquery('simple', t.value)) = 0 or l.search @@ plainto_tsquery('english', t.value)
            or numnode(plainto_tsquery('english', t.value)) = 0
            and to_tsvector('simple', l.title) @@ plainto_tsquery('simple', t.value)
        when t.field = 'title' and t.op = 'phrase' then
            to_tsvector('simple', l.title) @@ phraseto_tsquery('simple', t.value)
        when t.field = 'title' and t.op = 'begins' then
            numnode(plainto_tsquery('simple', t.value)) > 0
            and to_tsvector('simple', l.title) @@ (plainto_tsquery('simple', t.value)::text || ':*')::tsquery
        when t.field = 'title' then to_tsvector('simple', l.title) @@ plainto_tsquery('simple', t.value)
        when t.field = 'tag' and t.op = 'begins' then
            exists (select from unnest(l.tag_keys) g(tag) where starts_with(g.tag, lower(t.value)))
        when t.field = 'tag' then lower(t.value) = any (l.tag_keys)
        when t.field = 'sku' and t.op = 'begins' then
            exists (select from unnest(l.skus) g(sku) where starts_with(g.sku, lower(t.value)))
        when t.field = 'sku' then lower(t.value) = any (l.skus)
        when t.field = 'gift_card' then l.gift_card = (t.value = 'true')
        when t.field = 'available_for_sale' then l.available = (t.value = 'true')
        when t.field in ('vendor', 'product_type', 'handle') and t.op = 'begins' then starts_with(
            case t.field when 'vendor' then l.vendor_key when 'handle' then lower(l.handle) else l.type_key end,
            lower(t.value))
        when t.field in ('vendor', 'product_type', 'handle') then
            case t.field when 'vendor' then l.vendor_key when 'handle' then lower(l.handle) else l.type_key end
            = lower(t.value)
        when t.field = 'variants.price' then exists (
            select
            from listing_variant v
            where v.copy = l.copy
              and v.product_id = l.product_id
              and case t.op
                  when '=' then v.price = t.value::numeric
                  when '<' then v.price < t.value::numeric
                  when '<=' then v.price <= t.value::numeric
                  when '>' then v.price > t.value::numeric
                  else v.price >= t.value::numeric end)
        when t.op = '=' then
            case t.field when 'created_at' then l.created_at when 'updated_at' then l.updated_at else l.published_at end
            = t.value::timestamptz
        when t.op = '<' then
            case t.field when 'created_at' then l.created_at when 'updated_at' then l.updated_at else l.published_at end
            < t.value::timestamptz
        when t.op = '<=' then
            case t.field when 'created_at' then l.created_at when 'updated_at' then l.updated_at else l.published_at end
            <= t.value::timestamptz
        when t.op = '>' then
            case t.field when 'created_at' then l.created_at when 'updated_at' then l.updated_at else l.published_at end
            > t.value::timestamptz
        when t.op = '>=' then
            case t.field when 'created_at' then l.created_at when 'updated_at' then l.updated_at else l.published_at end
            >= t.value::timestamptz
    end, false))
)
$$;

create or replace function content_matches(
    search tsvector, title text, tags text[], texts jsonb, times jsonb,
    clauses integer[], fields text[], operators text[], terms text[], denied boolean[]
) returns boolean
language sql stable parallel safe
as $$
select not exists (
    select
    from unnest(clauses, fields, operators, terms, denied) t(clause, field, op, value, denied)
    group by t.clause
    having not bool_or(t.denied <> coalesce(case
        when t.op = 'any' and t.field = 'title' then title <> ''
        when t.op = 'any' and t.field = 'tag' then cardinality(tags) > 0
        when t.op = 'any' then trim(coalesce(texts ->> t.field, times ->> t.field, '')) <> ''
        when t.field = '' and t.op = 'phrase' then
            numnode(phraseto_tsquery('simple', t.value)) = 0 or search @@ phraseto_tsquery('english', t.value)
            or numnode(phraseto_tsquery('english', t.value)) = 0
            and to_tsvector('simple', title) @@ phraseto_tsquery('simple', t.value)
        when t.field = '' and t.op = 'begins' then
            numnode(plainto_tsquery('simple', t.value)) = 0
            or search @@ (plainto_tsquery('simple', t.value)::text || ':*')::tsquery
            or to_tsvector('simple', title) @@ (plainto_tsquery('simple', t.value)::text || ':*')::tsquery
            or search @@ plainto_tsquery('english', t.value)
        when t.field = '' then
            numnode(plainto_tsquery('simple', t.value)) = 0 or search @@ plainto_tsquery('english', t.value)
            or numnode(plainto_tsquery('english', t.value)) = 0
            and to_tsvector('simple', title) @@ plainto_tsquery('simple', t.value)
        when t.field = 'title' and t.op = 'phrase' then
            to_tsvector('simple', title) @@ phraseto_tsquery('simple', t.value)
        when t.field = 'title' and t.op = 'begins' then
            numnode(plainto_tsquery('simple', t.value)) > 0
            and to_tsvector('simple', title) @@ (plainto_tsquery('simple', t.value)::text || ':*')::tsquery
        when t.field = 'title' then to_tsvector('simple', title) @@ plainto_tsquery('simple', t.value)
        when t.field = 'tag' and t.op = 'begins' then
            exists (select from unnest(tags) g(tag) where starts_with(lower(g.tag), lower(t.value)))
        when t.field = 'tag' then exists (select from unnest(tags) g(tag) where lower(g.tag) = lower(t.value))
        when texts ? t.field and t.op = 'begins' then starts_with(lower(texts ->> t.field), lower(t.value))
        when texts ? t.field then lower(texts ->> t.field) = lower(t.value)
        when t.op = '=' then (times ->> t.field)::timestamptz = t.value::timestamptz
        when t.op = '<' then (times ->> t.field)::timestamptz < t.value::timestamptz
        when t.op = '<=' then (times ->> t.field)::timestamptz <= t.value::timestamptz
        when t.op = '>' then (times ->> t.field)::timestamptz > t.value::timestamptz
        when t.op = '>=' then (times ->> t.field)::timestamptz >= t.value::timestamptz
    end, false))
)
$$;
