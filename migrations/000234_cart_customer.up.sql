-- The carts of one customer are looked for when what the shop knows of the customer is exported or erased.
create index cart_customer on cart (customer_id) where customer_id is not null;
