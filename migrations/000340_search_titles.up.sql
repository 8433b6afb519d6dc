-- Words that the search passes over in texts, such as "about" or "it", may be all there is of a title. So the words of titles
-- are found as they are written, too, by the index of 339, and what is asked is looked for as it is written where nothing else
-- is left of it.

-- What a search asks of a text: every word, or what means the same; the last one may be the beginning of a word. Where all
-- words are such as say nothing in a text, they are asked for as they are written, which titles alone are searched by.
create or replace function search_query(asked text, beginning boolean) returns tsquery
language sql stable parallel safe
as $$
with words as (
    select trim(regexp_replace(asked, '\S+\s*$', '')) as before,
           coalesce(substring(asked from '(\S+)\s*$'), '') as last
), plain as (
    select case when beginning then plainto_tsquery('english', before) else plainto_tsquery('english', asked) end as whole,
           case when beginning then plainto_tsquery('english', last) end as last,
           case when beginning and numnode(plainto_tsquery('simple', last)) > 0
                then (plainto_tsquery('simple', last)::text || ':*')::tsquery end as start
    from words
), alike as (
    select search_alike(whole) as whole,
           case when last is null or numnode(last) = 0 then coalesce(start, ''::tsquery)
                else search_alike(last) || start end as last
    from plain
)
select case
    when numnode(whole) > 0 and numnode(last) > 0 then whole && last
    when numnode(whole) > 0 then whole
    when numnode(last) > 0 then last
    else plainto_tsquery('simple', asked) end
from alike
$$;

-- A field that has any value is what the operator any asks for.
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
