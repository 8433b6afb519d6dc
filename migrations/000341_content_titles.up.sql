-- Titles of pages and articles are found by their words as they are written, too: see 339 and 340. The function decides about
-- blogs and collections as well.

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
