drop view stock_part;
drop table bundle_component;
alter table stock_level drop constraint stock_level_item_fkey, drop column of_bundle;
alter table stock_item
    drop constraint stock_item_kind_key,
    drop column is_bundle,
    drop column version,
    drop column follow_base;
