-- What a shop wants to know of its things beyond their own fields: typed values under a namespace and a key. owner is
-- a product, a variant or a collection; a thing that is deleted takes its metafields along in the same transaction.
create table metafield (
    id         uuid primary key,
    owner_kind text not null check (owner_kind in ('PRODUCT', 'VARIANT', 'COLLECTION')),
    owner_id   uuid not null,
    namespace  text not null check (namespace ~ '^[A-Za-z0-9_-]{2,255}$'),
    key        text not null check (key ~ '^[A-Za-z0-9_-]{2,64}$'),
    type       text not null check (type <> ''),
    value      text not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint metafield_owner_key unique (owner_id, namespace, key)
);

create index metafield_value_idx on metafield (owner_kind, namespace, key, left(value, 255), owner_id);

-- How an option's value looks: a color as #RRGGBB, an image, or both.
alter table product_option_value add column swatch_color text check (swatch_color ~ '^#[0-9A-F]{6}$');
alter table product_option_value add column swatch_image_url text check (swatch_image_url <> '');
alter table product_option_value add column swatch_image_alt text;
