-- Collections: products grouped under a name of their own, in an order of their own.
create table collection (
    id               uuid primary key,
    handle           text not null check (handle <> ''),
    title            text not null check (title <> ''),
    description_html text not null default '',
    description      text not null default '',
    image_url        text check (image_url <> ''),
    image_alt        text,
    seo_title        text,
    seo_description  text,
    published_at     timestamptz default now(),
    created_at       timestamptz not null default now(),
    updated_at       timestamptz not null default now(),
    constraint collection_handle_key unique (handle)
);

create index collection_title_idx on collection (lower(title), id);
create index collection_updated_idx on collection (updated_at, id);

create table collection_product (
    collection_id uuid not null references collection (id) on delete cascade,
    product_id    uuid not null references product (id) on delete cascade,
    position      integer not null check (position >= 1),
    primary key (collection_id, product_id)
);

create index collection_product_product_idx on collection_product (product_id);
create index collection_product_position_idx on collection_product (collection_id, position, product_id);
