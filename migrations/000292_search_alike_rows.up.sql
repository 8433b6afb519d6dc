-- The rows that are there, in a transaction of its own: they can be read meanwhile.
update listing l
set alike = l.digest
from (
    select copy, product_id
    from listing_variant
    group by copy, product_id
    having bool_and(available) or not bool_or(available)
) v
where v.copy = l.copy
  and v.product_id = l.product_id;
