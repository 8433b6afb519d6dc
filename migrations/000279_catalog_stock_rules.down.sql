drop table collection_stock;

delete from collection_rule
where subject = 'VARIANT_INVENTORY';

alter table collection_rule drop constraint collection_rule_subject_check;
alter table collection_rule add constraint collection_rule_subject_check check
    (subject in ('PRODUCT_METAFIELD', 'TAG', 'TITLE', 'TYPE', 'VARIANT_COMPARE_AT_PRICE', 'VARIANT_PRICE', 'VARIANT_TITLE',
                 'VARIANT_WEIGHT', 'VENDOR'));
