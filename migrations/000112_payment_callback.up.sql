-- What payment providers have told, each of their notifications once per charge. The notification itself is not kept:
-- it is only a hint to look the charge up.
create table payment_callback (
  id          uuid primary key,
  provider    text not null,
  event_id    text not null check (char_length(event_id) between 1 and 255),
  charge      text not null check (char_length(charge) <= 255),
  order_id    uuid,
  state       text not null check (state in ('RECEIVED', 'APPLIED', 'IGNORED')),
  -- why it was ignored
  reason      text,
  tries       int not null default 0,
  received_at timestamptz not null default clock_timestamp(),
  settled_at  timestamptz,
  constraint payment_callback_event_key unique (provider, event_id, charge),
  constraint payment_callback_settled check ((state = 'RECEIVED') = (settled_at is null) and (state = 'IGNORED') = (reason is not null))
);

create index payment_callback_received on payment_callback (received_at);
