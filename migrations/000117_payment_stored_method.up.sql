-- Payment methods that providers keep for customers. The reference is the provider's secret name of the method: it is
-- given to nobody, and wiped once the provider has forgotten it.
create table payment_stored_method (
  id          uuid primary key,
  customer_id uuid not null,
  provider    text not null,
  ref         text check (char_length(ref) between 1 and 255),
  label       text not null check (char_length(label) <= 255),
  created_at  timestamptz not null default now(),
  -- when the customer has deleted it; from then on it is not there for anybody
  deleted_at  timestamptz,
  tries       int not null default 0,
  lease_until timestamptz,
  -- when the sweep takes up that the provider must forget it; null when it need not, or has
  due_at      timestamptz,
  constraint payment_stored_method_wiped check (ref is not null or (deleted_at is not null and due_at is null)),
  constraint payment_stored_method_due check (due_at is null or deleted_at is not null)
);

create index payment_stored_method_customer on payment_stored_method (customer_id, id) where deleted_at is null;
create index payment_stored_method_due on payment_stored_method (due_at) where due_at is not null;

-- one row for one method, however often the provider tells of it
create unique index payment_stored_method_once on payment_stored_method (customer_id, provider, ref) where deleted_at is null;
