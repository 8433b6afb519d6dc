-- How the shop chooses among the locations that ship, and in which order staff want them used.
alter table shop
    add column allocation text not null default 'FEWEST_SPLITS',
    add column location_priority uuid[] not null default '{}',
    add constraint shop_allocation_check check (allocation in ('FEWEST_SPLITS', 'NEAREST', 'PRIORITY')),
    add constraint shop_location_priority_check check (cardinality(location_priority) <= 250);
