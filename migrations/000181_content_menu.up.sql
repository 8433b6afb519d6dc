-- Menus: what a storefront shows in its header and footer. An entry leads to something of the shop (resource_id, of the
-- kind that type says), to one of its fixed places, or to an address.
create table menu (
    id          uuid primary key,
    handle      text not null check (handle <> ''),
    title       text not null check (title <> ''),
    owner       text,
    external_id text,
    version     integer not null default 1 check (version >= 1),
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now(),
    constraint menu_handle_key unique (handle),
    constraint menu_external_key unique (owner, external_id),
    check ((owner is null) = (external_id is null))
);

create table menu_item (
    id          uuid primary key,
    menu_id     uuid not null references menu (id) on delete cascade,
    parent_id   uuid references menu_item (id) on delete cascade,
    position    integer not null check (position >= 1),
    title       text not null check (title <> ''),
    type        text not null check (type in (
        'ARTICLE', 'BLOG', 'CATALOG', 'COLLECTION', 'COLLECTIONS', 'CUSTOMER_ACCOUNT_PAGE', 'FRONTPAGE', 'HTTP', 'PAGE',
        'PRODUCT', 'SEARCH', 'SHOP_POLICY'
    )),
    resource_id uuid,
    url         text check (url <> ''),
    tags        text[] not null default '{}',
    check ((type in ('ARTICLE', 'BLOG', 'COLLECTION', 'PAGE', 'PRODUCT', 'SHOP_POLICY')) = (resource_id is not null)),
    check ((type = 'HTTP') = (url is not null))
);

create index menu_item_menu_idx on menu_item (menu_id, position, id);
create index menu_item_parent_idx on menu_item (parent_id);
