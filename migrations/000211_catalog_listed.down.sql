create index product_title_idx on product (lower(title), id);
create index product_price_idx on product (min_price, id);
create index product_created_idx on product (created_at, id);
create index product_updated_idx on product (updated_at, id);
create index product_sold_idx on product (units_sold, id);
create index product_search_idx on product using gin (search);
drop index product_option_value_swatch_idx;
drop view collection_named;
drop view collection_member;
