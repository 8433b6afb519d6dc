-- The products that have changed since the listing took them up, each with the position of its change. The refresh of
-- the listing deletes what it has done, so what is left is the backlog.
create table catalog_change (
    id         bigint generated always as identity primary key,
    position   bigint not null,
    product_id uuid not null, -- no reference: what was deleted must leave the listing too
    at         timestamptz not null default clock_timestamp()
);

create index catalog_change_position_idx on catalog_change (position);
create index catalog_change_product_idx on catalog_change (product_id);
