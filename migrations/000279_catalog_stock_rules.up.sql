-- Rules of collections about stock. The catalog knows what was left of a variant when it was last held against rules, so
-- that what differs now is looked at again: stock changes with every order, and no order may wait for rules.
alter table collection_rule drop constraint collection_rule_subject_check;
alter table collection_rule add constraint collection_rule_subject_check check
    (subject in ('PRODUCT_METAFIELD', 'TAG', 'TITLE', 'TYPE', 'VARIANT_COMPARE_AT_PRICE', 'VARIANT_INVENTORY',
                 'VARIANT_PRICE', 'VARIANT_TITLE', 'VARIANT_WEIGHT', 'VENDOR'));

create table collection_stock (
    variant_id uuid primary key references product_variant (id) on delete cascade,
    available  bigint -- null: the variant is not tracked
);
