-- A cart that was merged into another is closed, as one that was placed is, and says where its lines have gone. A
-- customer's open carts are looked for when they log in to another one.
alter table cart
  add column merged_into uuid,
  add constraint cart_closed_once check (merged_into is null or order_id is null);

create index cart_customer_id on cart (customer_id, updated_at) where order_id is null and merged_into is null;
