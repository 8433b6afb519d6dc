-- What other rooms may read of the catalog in statements of their own: which products a collection has, in its order, and
-- what collections are called.
create view collection_member as
select collection_id, product_id, position
from collection_product;

-- The looks of option values, for those that have one.
create index product_option_value_swatch_idx on product_option_value (lower(name))
where swatch_color is not null or swatch_image_url is not null;

-- Lists and searches read the listing.
drop index product_title_idx, product_price_idx, product_created_idx, product_updated_idx, product_sold_idx, product_search_idx;

create view collection_named as
select id, title, published_at
from collection;
