drop function customers_match(text, jsonb, jsonb, integer[], text[], text[], text[], boolean[]);
drop index if exists customer_found_by;
drop index customer_updated_at;
drop index customer_created_at;
alter table customer drop column found_by;
