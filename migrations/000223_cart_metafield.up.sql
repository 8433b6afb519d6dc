-- What a storefront's own programs keep on a cart, by key. It changes with the cart under the lock on its row.
alter table cart
  add column metafields jsonb not null default '[]',
  add constraint cart_metafields_check check (jsonb_typeof(metafields) = 'array' and jsonb_array_length(metafields) <= 100);
