-- Pages, blogs and their articles: what a shop writes besides its products. Nothing is seen by shoppers before
-- published_at; null keeps it back. HTML is sanitized before it comes here, the text beside it is the same without markup.
create table page (
    id              uuid primary key,
    handle          text not null check (handle <> ''),
    title           text not null check (title <> ''),
    body_html       text not null default '',
    body            text not null default '',
    seo_title       text,
    seo_description text,
    published_at    timestamptz,
    owner           text,
    external_id     text,
    version         integer not null default 1 check (version >= 1),
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    search          tsvector not null generated always as (
        setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', left(body, 100000)), 'C')
    ) stored,
    constraint page_handle_key unique (handle),
    constraint page_external_key unique (owner, external_id),
    check ((owner is null) = (external_id is null))
);

create index page_title_idx on page (lower(title), id);
create index page_updated_idx on page (updated_at, id);
create index page_search_idx on page using gin (search);

create table blog (
    id              uuid primary key,
    handle          text not null check (handle <> ''),
    title           text not null check (title <> ''),
    seo_title       text,
    seo_description text,
    owner           text,
    external_id     text,
    version         integer not null default 1 check (version >= 1),
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    search          tsvector not null generated always as (to_tsvector('english', title)) stored,
    constraint blog_handle_key unique (handle),
    constraint blog_external_key unique (owner, external_id),
    check ((owner is null) = (external_id is null))
);

create index blog_title_idx on blog (lower(title), id);

-- A handle names an article within its blog.
create table article (
    id                uuid primary key,
    blog_id           uuid not null references blog (id),
    handle            text not null check (handle <> ''),
    title             text not null check (title <> ''),
    body_html         text not null default '',
    body              text not null default '',
    excerpt_html      text,
    excerpt           text,
    author_first_name text not null default '',
    author_last_name  text not null default '',
    author_email      text not null default '',
    author_bio        text,
    tags              text[] not null default '{}',
    image_url         text check (image_url <> ''),
    image_alt         text,
    image_width       integer check (image_width > 0),
    image_height      integer check (image_height > 0),
    seo_title         text,
    seo_description   text,
    published_at      timestamptz,
    owner             text,
    external_id       text,
    version           integer not null default 1 check (version >= 1),
    created_at        timestamptz not null default now(),
    updated_at        timestamptz not null default now(),
    search            tsvector not null generated always as (
        setweight(to_tsvector('english', title), 'A')
        || setweight(to_tsvector('simple', author_first_name || ' ' || author_last_name), 'B')
        || setweight(to_tsvector('english', left(coalesce(excerpt, ''), 10000) || ' ' || left(body, 100000)), 'C')
    ) stored,
    constraint article_handle_key unique (blog_id, handle),
    constraint article_external_key unique (owner, external_id),
    check ((owner is null) = (external_id is null))
);

create index article_blog_idx on article (blog_id, id);
create index article_published_idx on article ((coalesce(published_at, created_at)), id);
create index article_blog_published_idx on article (blog_id, (coalesce(published_at, created_at)), id);
create index article_title_idx on article (lower(title), id);
create index article_author_idx on article (lower(author_first_name || ' ' || author_last_name), id);
create index article_updated_idx on article (updated_at, id);
create index article_search_idx on article using gin (search);

-- Decides whether a page, a blog or an article is what a search asks for. The search is a conjunction of clauses, each
-- a disjunction of terms; a term has the number of its clause, a field, an operator, a value, and whether it is denied.
-- texts and times are the fields that only this kind of thing has.
create function content_matches(
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
        when t.field = '' and t.op = 'phrase' then
            numnode(phraseto_tsquery('english', t.value)) = 0 or search @@ phraseto_tsquery('english', t.value)
        when t.field = '' and t.op = 'begins' then
            numnode(plainto_tsquery('simple', t.value)) = 0
            or search @@ (plainto_tsquery('simple', t.value)::text || ':*')::tsquery
            or search @@ plainto_tsquery('english', t.value)
        when t.field = '' then
            numnode(plainto_tsquery('english', t.value)) = 0 or search @@ plainto_tsquery('english', t.value)
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
