-- Decides whether a product is what a search asks for. The search is a conjunction of clauses, each a disjunction of
-- terms; a term has the number of its clause, a field, an operator, a value, and whether it is denied. sold_out holds
-- the variants of which nothing can be shipped. It is one function so that every order in which products are listed
-- decides alike.
create function product_matches(
    p product, clauses integer[], fields text[], operators text[], terms text[], denied boolean[], sold_out uuid[]
) returns boolean
language sql stable parallel safe
as $$
select not exists (
    select
    from unnest(clauses, fields, operators, terms, denied) t(clause, field, op, value, denied)
    group by t.clause
    having not bool_or(t.denied <> coalesce(case
        when t.field = '' and t.op = 'phrase' then
            numnode(phraseto_tsquery('english', t.value)) = 0 or p.search @@ phraseto_tsquery('english', t.value)
        when t.field = '' and t.op = 'begins' then
            numnode(plainto_tsquery('simple', t.value)) = 0
            or p.search @@ (plainto_tsquery('simple', t.value)::text || ':*')::tsquery
            or p.search @@ plainto_tsquery('english', t.value)
        when t.field = '' then
            numnode(plainto_tsquery('english', t.value)) = 0 or p.search @@ plainto_tsquery('english', t.value)
        when t.field = 'title' and t.op = 'phrase' then
            to_tsvector('simple', p.title) @@ phraseto_tsquery('simple', t.value)
        when t.field = 'title' and t.op = 'begins' then
            numnode(plainto_tsquery('simple', t.value)) > 0
            and to_tsvector('simple', p.title) @@ (plainto_tsquery('simple', t.value)::text || ':*')::tsquery
        when t.field = 'title' then to_tsvector('simple', p.title) @@ plainto_tsquery('simple', t.value)
        when t.field = 'tag' and t.op = 'begins' then
            exists (select from unnest(p.tag_keys) g(tag) where starts_with(g.tag, lower(t.value)))
        when t.field = 'tag' then lower(t.value) = any (p.tag_keys)
        when t.field = 'sku' and t.op = 'begins' then exists (
            select
            from product_variant v
            where v.product_id = p.id and v.removed_at is null and starts_with(lower(v.sku), lower(t.value)))
        when t.field = 'sku' then exists (
            select
            from product_variant v
            where v.product_id = p.id and v.removed_at is null and lower(v.sku) = lower(t.value))
        when t.field = 'available_for_sale' then (t.value = 'true') = exists (
            select
            from product_variant v
            where v.product_id = p.id and v.removed_at is null and v.id <> all (sold_out))
        when t.field in ('vendor', 'product_type', 'handle') and t.op = 'begins' then starts_with(
            lower(case t.field when 'vendor' then p.vendor when 'handle' then p.handle else p.product_type end),
            lower(t.value))
        when t.field in ('vendor', 'product_type', 'handle') then
            lower(case t.field when 'vendor' then p.vendor when 'handle' then p.handle else p.product_type end)
            = lower(t.value)
        when t.op = '=' then
            case t.field when 'created_at' then p.created_at when 'updated_at' then p.updated_at else p.published_at end
            = t.value::timestamptz
        when t.op = '<' then
            case t.field when 'created_at' then p.created_at when 'updated_at' then p.updated_at else p.published_at end
            < t.value::timestamptz
        when t.op = '<=' then
            case t.field when 'created_at' then p.created_at when 'updated_at' then p.updated_at else p.published_at end
            <= t.value::timestamptz
        when t.op = '>' then
            case t.field when 'created_at' then p.created_at when 'updated_at' then p.updated_at else p.published_at end
            > t.value::timestamptz
        when t.op = '>=' then
            case t.field when 'created_at' then p.created_at when 'updated_at' then p.updated_at else p.published_at end
            >= t.value::timestamptz
    end, false))
)
$$;
