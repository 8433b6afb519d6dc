-- Read rows of orders. The truth is the event log: doc is the fold of the order's
-- events, kept as text (json, not jsonb) so that it can be compared byte for
-- byte. The other columns repeat what lists filter and sort by.

create table orders (
  id uuid primary key,
  version int not null check (version > 0),
  order_number bigint not null unique,
  status text not null,
  financial_status text not null,
  fulfillment_status text not null,
  return_status text not null,
  currency text not null,
  total bigint not null check (total >= 0),
  cart_id uuid,
  customer_id uuid,
  location_id uuid,
  email text,
  processed_at timestamptz not null,
  updated_at timestamptz not null,
  deadline timestamptz,
  doc json not null,
  -- a cart becomes one order only
  constraint orders_cart_id_key unique (cart_id)
) with (fillfactor = 80);

create index orders_customer_id_idx on orders (customer_id, id) where customer_id is not null;
create index orders_processed_at_idx on orders (processed_at, id);
create index orders_total_idx on orders (total, id);
create index orders_location_id_idx on orders (location_id, id) where location_id is not null;
create index orders_email_idx on orders (lower(email)) where email is not null;
-- what the sweep for overdue orders reads
create index orders_deadline_idx on orders (deadline) where deadline is not null;

-- The key under which an order's personal data is encrypted in its events. To
-- erase a person is to delete it.
create table order_key (
  order_id uuid primary key,
  key bytea not null check (octet_length(key) = 32)
);

-- What people call an order by. Gaps are fine; nothing rests on the number.
create sequence order_number start 1001;
