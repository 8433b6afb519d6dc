-- Bundles. A bundle is a variant without shelves of its own: its stock is its components'. The kind of a variant stands
-- in the keys that shelves and components refer to, so that no statement, whoever sends it, can give a bundle a shelf,
-- make a bundle part of a bundle, or a bundle of what has a shelf.
alter table stock_item
    add column is_bundle boolean not null default false,
    -- goes up when the bundle or the terms of its sale change
    add column version integer not null default 1,
    -- what those who follow the variant have counted before its shelves were others
    add column follow_base bigint not null default 0,
    add constraint stock_item_kind_key unique (variant_id, is_bundle);

alter table stock_level
    add column of_bundle boolean not null default false,
    add constraint stock_level_of_bundle_check check (not of_bundle),
    add constraint stock_level_item_fkey foreign key (variant_id, of_bundle) references stock_item (variant_id, is_bundle);

create table bundle_component (
    bundle_id           uuid not null,
    component_id        uuid not null,
    position            integer not null check (position >= 1),
    quantity            integer not null check (quantity between 1 and 1000),
    of_bundle           boolean not null default true check (of_bundle),
    component_is_bundle boolean not null default false check (not component_is_bundle),
    primary key (bundle_id, component_id),
    constraint bundle_component_bundle_fkey foreign key (bundle_id, of_bundle) references stock_item (variant_id, is_bundle),
    constraint bundle_component_component_fkey foreign key (component_id, component_is_bundle) references stock_item (variant_id, is_bundle)
);

create index bundle_component_component_idx on bundle_component (component_id);

-- What is taken from shelves for one unit of a variant: the variant itself, or the components of a bundle. A bundle
-- without components can't be had: it needs one of what is on no shelf.
create view stock_part as
select i.variant_id, i.variant_id as item_id, 1 as quantity
from stock_item i
where not i.is_bundle
   or not exists (select from bundle_component c where c.bundle_id = i.variant_id)
union all
select c.bundle_id, c.component_id, c.quantity
from bundle_component c;
