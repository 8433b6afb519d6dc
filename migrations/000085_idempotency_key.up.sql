-- One row per key that had an effect, written in the effect's own transaction: no row, no effect.
create table idempotency_key (
  caller        text not null,
  key           text not null check (char_length(key) between 1 and 255),
  operation     text not null,
  input_hash    bytea not null,
  order_id      uuid,
  order_version integer,
  created_at    timestamptz not null default now(),
  primary key (caller, key),
  check ((order_id is null) = (order_version is null))
);

-- Keys are forgotten after 30 days, oldest first.
create index idempotency_key_created_at on idempotency_key (created_at);
