-- The catalog's products, the axes of choice they have, their variants and images. A product row also holds what
-- lists of products are sorted and searched by (price range, number sold, search vector): it is written in the
-- transaction that changes a variant, so no list is ever behind.
create table product (
    id               uuid primary key,
    handle           text not null check (handle <> ''),
    title            text not null check (title <> ''),
    description_html text not null default '',
    description      text not null default '',
    vendor           text not null default '',
    product_type     text not null default '',
    tags             text[] not null default '{}',
    status           text not null default 'ACTIVE' check (status in ('ACTIVE', 'DRAFT', 'ARCHIVED')),
    published_at     timestamptz,
    gift_card        boolean not null default false,
    seo_title        text,
    seo_description  text,
    option_names     text[] not null default '{}' check (cardinality(option_names) <= 3),
    currency         text not null check (length(currency) = 3),
    min_price        bigint not null check (min_price >= 0),
    max_price        bigint not null check (max_price >= min_price),
    min_compare_at   bigint check (min_compare_at >= 0),
    max_compare_at   bigint check (max_compare_at >= min_compare_at),
    variants_count   integer not null check (variants_count >= 0),
    units_sold       bigint not null default 0 check (units_sold >= 0),
    search           tsvector not null default '',
    tag_keys         text[] not null default '{}', -- the tags in lower case
    created_at       timestamptz not null default now(),
    updated_at       timestamptz not null default now(),
    constraint product_handle_key unique (handle)
);

-- One index per order in which lists are read; each ends with the id, which makes the order total.
create index product_title_idx on product (lower(title), id);
create index product_type_idx on product (lower(product_type), id);
create index product_vendor_idx on product (lower(vendor), id);
create index product_price_idx on product (min_price, id);
create index product_created_idx on product (created_at, id);
create index product_updated_idx on product (updated_at, id);
create index product_sold_idx on product (units_sold, id);
create index product_search_idx on product using gin (search);
create index product_tag_idx on product using gin (tag_keys);

create table product_option (
    id         uuid primary key,
    product_id uuid not null references product (id) on delete cascade,
    position   integer not null check (position between 1 and 3),
    name       text not null check (name <> ''),
    constraint product_option_position_key unique (product_id, position) deferrable initially deferred,
    constraint product_option_name_key unique (product_id, name) deferrable initially deferred
);

create table product_option_value (
    id        uuid primary key,
    option_id uuid not null references product_option (id) on delete cascade,
    position  integer not null check (position >= 1),
    name      text not null check (name <> ''),
    constraint product_option_value_name_key unique (option_id, name)
);

create table product_image (
    id         uuid primary key,
    product_id uuid not null references product (id) on delete cascade,
    position   integer not null check (position >= 1),
    url        text not null check (url <> ''),
    alt_text   text,
    width      integer check (width > 0),
    height     integer check (height > 0),
    created_at timestamptz not null default now(),
    constraint product_image_url_key unique (product_id, url)
);

-- A variant that the shop no longer offers keeps its row, since orders and stock name it; removed_at says so.
create table product_variant (
    id                uuid primary key,
    product_id        uuid not null references product (id) on delete cascade,
    position          integer not null check (position >= 1),
    title             text not null,
    sku               text check (sku <> ''),
    barcode           text check (barcode <> ''),
    option_values     text[] not null check (cardinality(option_values) between 1 and 3),
    price             bigint not null check (price >= 0),
    compare_at_price  bigint check (compare_at_price >= 0),
    currency          text not null check (length(currency) = 3),
    taxable           boolean not null default true,
    tax_class         text not null default '',
    requires_shipping boolean not null default true,
    weight_grams      numeric(12, 3) not null default 0 check (weight_grams >= 0),
    weight_unit       text not null default 'KILOGRAMS'
                      check (weight_unit in ('GRAMS', 'KILOGRAMS', 'OUNCES', 'POUNDS')),
    image_id          uuid references product_image (id) on delete set null,
    removed_at        timestamptz,
    created_at        timestamptz not null default now(),
    updated_at        timestamptz not null default now(),
    constraint product_variant_options_key unique (product_id, option_values)
);

create index product_variant_sku_idx on product_variant (lower(sku)) where sku is not null;
create index product_variant_image_idx on product_variant (image_id) where image_id is not null;
