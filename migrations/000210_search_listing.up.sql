-- The listing: one row per product with what lists, filters and searches need of it, and one per variant. It is made
-- from the catalog and the stock by a job, so it may be a moment late; the products that a list shows are read from the
-- catalog itself. There are up to two copies: the live one, and one that a rebuild fills until it takes over.
create table listing_state (
    only_row      boolean primary key default true check (only_row),
    live          smallint not null default 0 check (live in (0, 1)),
    wanted        boolean not null default false, -- a rebuild was asked for and has not ended
    -- a rebuild that runs, or was broken off: the copy that is not live is filled in the order of the products' ids
    building      boolean not null default false,
    built_to      uuid,
    built         integer not null default 0,
    started_at    timestamptz,
    builder       text,
    builder_until timestamptz,
    rebuilt_at    timestamptz
);

insert into listing_state default values;

create table listing (
    copy          smallint not null,
    product_id    uuid not null,
    active        boolean not null,
    published_at  timestamptz,
    handle        text not null,
    title         text not null,
    title_key     text not null,
    vendor        text not null,
    vendor_key    text not null,
    product_type  text not null,
    type_key      text not null,
    tags          text not null,
    tag_keys      text[] not null,
    variant_titles text not null,
    body          text not null,
    skus          text[] not null,
    barcodes      text[] not null,
    price         bigint not null,
    available     boolean not null,
    units_sold    bigint not null,
    created_at    timestamptz not null,
    updated_at    timestamptz not null,
    facet_keys    text[] not null, -- group, U+001F, value; in lower case
    facet_labels  text[] not null, -- how the value of each key is written
    words         text not null,   -- what is compared by trigrams
    search        tsvector not null,
    digest        text not null,   -- of all of it, the variants included
    primary key (copy, product_id)
);

-- One index per order in which lists are read; each ends with the id, which makes the order total.
create index listing_title_idx on listing (copy, title_key, product_id);
create index listing_type_idx on listing (copy, type_key, product_id);
create index listing_vendor_idx on listing (copy, vendor_key, product_id);
create index listing_price_idx on listing (copy, price, product_id);
create index listing_created_idx on listing (copy, created_at, product_id);
create index listing_updated_idx on listing (copy, updated_at, product_id);
create index listing_sold_idx on listing (copy, units_sold, product_id);
create index listing_search_idx on listing using gin (search);
create index listing_sku_idx on listing using gin (skus);
create index listing_facet_idx on listing using gin (facet_keys);
create index listing_tag_idx on listing using gin (tag_keys);

create table listing_variant (
    copy         smallint not null,
    product_id   uuid not null,
    variant_id   uuid not null,
    price        bigint not null,
    available    boolean not null,
    facet_keys   text[] not null,
    facet_labels text[] not null,
    primary key (copy, product_id, variant_id)
);

create index listing_variant_variant_idx on listing_variant (variant_id);

-- Products whose row is out of date for a reason that the catalog does not know, such as their stock.
create table listing_stale (
    product_id uuid primary key,
    at         timestamptz not null default clock_timestamp()
);

-- Words that mean the same. Each word of a group has a row; others is what is looked for as well.
create table search_synonym (
    word   text primary key check (word <> ''),
    found  tsquery not null,
    others tsquery not null,
    place  integer not null,
    words  text[] not null
);

-- Which metafields shoppers may filter by, in the order in which the filters stand.
create table filter_setting (
    owner_kind text not null check (owner_kind in ('PRODUCT', 'VARIANT')),
    namespace  text not null check (namespace <> ''),
    key        text not null check (key <> ''),
    label      text not null check (label <> ''),
    place      integer not null,
    primary key (owner_kind, namespace, key)
);

-- Trigrams find what was misspelled. The extension is one that the owner of a database may create, also where
-- PostgreSQL is managed by somebody else. Where it can't be had, search finds what is spelled right.
do $$
begin
    begin
        create extension if not exists pg_trgm;
    exception when others then
        raise notice 'without pg_trgm nothing that is misspelled is found: %', sqlerrm;
    end;
    if exists (select from pg_extension where extname = 'pg_trgm') then
        create index listing_words_idx on listing using gin (words gin_trgm_ops);
        create function search_resembles(words text, asked text) returns boolean
        language sql stable parallel safe -- as the operator is: else it would hide it from the index
        as 'select asked <% words';
        create function search_resemblance(words text, asked text) returns real
        language sql immutable parallel safe
        as 'select word_similarity(asked, words)';
    else
        create function search_resembles(words text, asked text) returns boolean
        language sql stable parallel safe
        as 'select false';
        create function search_resemblance(words text, asked text) returns real
        language sql immutable parallel safe
        as 'select 0::real';
    end if;
end
$$;

-- A query in which each word that has synonyms is any of them. Of each group one word is replaced, so that the query grows
-- no more than by the groups it names.
create function search_alike(query tsquery) returns tsquery
language sql stable parallel safe
as $$
select case when numnode(query) = 0 then query
            else ts_rewrite(query, format(
                'select s.found, s.others from (select distinct on (place) found, others from search_synonym '
                'where numnode(found) > 0 and found <@ %L::tsquery order by place, word limit 20) s', query::text)) end
$$;

-- What a search asks of a text: every word, or what means the same; the last one may be the beginning of a word.
create function search_query(asked text, beginning boolean) returns tsquery
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
select case when numnode(last) = 0 then whole when numnode(whole) = 0 then last else whole && last end
from alike
$$;

-- Whether something meets filters. Each group is an array, written as text, of keys of which one must be there.
create function listing_meets(keys text[], groups text[]) returns boolean
language sql immutable parallel safe
as $$
select not exists (select from unnest(groups) g(alternatives) where not keys && g.alternatives::text[])
$$;

-- The names of the groups that are not met.
create function listing_unmet(keys text[], groups text[]) returns text[]
language sql immutable parallel safe
as $$
select array(select split_part((g.alternatives::text[])[1], E'\x1f', 1)
             from unnest(groups) g(alternatives)
             where not keys && g.alternatives::text[])
$$;

-- Whether a price is in one of the ranges, where there are any; a null is an open end.
create function listing_costs(price bigint, lows numeric[], highs numeric[]) returns boolean
language sql immutable parallel safe
as $$
select cardinality(lows) = 0
    or exists (select from unnest(lows, highs) r(low, high) where price >= coalesce(low, price) and price <= coalesce(high, price))
$$;

-- Decides whether a product is what a search in the storefront's syntax asks for. The search is a conjunction of
-- clauses, each a disjunction of terms; a term has the number of its clause, a field, an operator, a value, and whether
-- it is denied.
create function listing_matches(
    l listing, clauses integer[], fields text[], operators text[], terms text[], denied boolean[]
) returns boolean
language sql stable parallel safe
as $$
select not exists (
    select
    from unnest(clauses, fields, operators, terms, denied) t(clause, field, op, value, denied)
    group by t.clause
    having not bool_or(t.denied <> coalesce(case
        when t.field = '' and t.op = 'phrase' then
            numnode(phraseto_tsquery('english', t.value)) = 0 or l.search @@ phraseto_tsquery('english', t.value)
        when t.field = '' and t.op = 'begins' then
            numnode(plainto_tsquery('simple', t.value)) = 0
            or l.search @@ (plainto_tsquery('simple', t.value)::text || ':*')::tsquery
            or l.search @@ plainto_tsquery('english', t.value)
        when t.field = '' then
            numnode(plainto_tsquery('english', t.value)) = 0 or l.search @@ plainto_tsquery('english', t.value)
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

-- What there is already is listed by the first job that runs.
insert into catalog_change (position, product_id)
select 0, id from product;
