-- Where a cart goes and how. The addresses and choices are the cart's own, change with it under the lock on its row and
-- go with it; which way a line goes is the line's. Handles name a shipping option or a store as shoppers were shown it.
alter table cart
  add column delivery_addresses jsonb not null default '[]',
  add column delivery_option text,
  add column pickup_option text,
  add constraint cart_delivery_addresses_check check (jsonb_typeof(delivery_addresses) = 'array' and jsonb_array_length(delivery_addresses) <= 25);

alter table cart_line
  add column delivery_method text constraint cart_line_delivery_method_check check (delivery_method = 'PICK_UP');
