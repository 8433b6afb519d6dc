-- What the API writes of products beside what a file has: the caller's own id, a count of the changes, and, of variants,
-- how much of them is priced by measure and how many may be bought at once.
alter table product add column owner text not null default 'shop' check (owner <> '');
alter table product add column external_id text check (external_id <> '');
alter table product add column version integer not null default 1 check (version >= 0);
alter table product alter column version set default 0; -- writing what lists are sorted by counts the first change
alter table product add constraint product_external_key unique (owner, external_id);

alter table product_variant add column unit_quantity numeric(14, 4) check (unit_quantity > 0);
alter table product_variant add column unit_measure text;
alter table product_variant add column reference_quantity integer check (reference_quantity > 0);
alter table product_variant add column reference_measure text;
alter table product_variant add constraint product_variant_unit_check
    check (num_nulls(unit_quantity, unit_measure, reference_quantity, reference_measure) in (0, 4));
alter table product_variant add column quantity_minimum integer not null default 1 check (quantity_minimum >= 1);
alter table product_variant add column quantity_maximum integer;
alter table product_variant add column quantity_increment integer not null default 1 check (quantity_increment >= 1);
alter table product_variant add constraint product_variant_quantity_check check (quantity_maximum >= quantity_minimum);

-- Variants may change places, and one may take the choice that a removed one had: no two that are offered are the same.
alter table product_variant drop constraint product_variant_options_key;
alter table product_variant add constraint product_variant_options_key
    exclude using btree (product_id with =, option_values with =) where (removed_at is null)
    deferrable initially deferred;
