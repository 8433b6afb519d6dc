delete from product_variant v
using product_variant o
where v.removed_at is not null
  and o.product_id = v.product_id
  and o.option_values = v.option_values
  and (o.removed_at is null or o.id < v.id);
alter table product_variant drop constraint product_variant_options_key;
alter table product_variant add constraint product_variant_options_key unique (product_id, option_values);

alter table product_variant drop constraint product_variant_quantity_check;
alter table product_variant drop column quantity_increment;
alter table product_variant drop column quantity_maximum;
alter table product_variant drop column quantity_minimum;
alter table product_variant drop constraint product_variant_unit_check;
alter table product_variant drop column reference_measure;
alter table product_variant drop column reference_quantity;
alter table product_variant drop column unit_measure;
alter table product_variant drop column unit_quantity;

alter table product drop constraint product_external_key;
alter table product drop column version;
alter table product drop column external_id;
alter table product drop column owner;
