-- What is owed for an order, the tries to get it, and every movement of money that follows. Intents are rows that
-- are committed before a provider is called: whoever finds one after a crash knows what to ask the provider.

create table payment (
  id          uuid primary key,
  order_id    uuid not null unique,
  amount      bigint not null check (amount > 0),
  currency    text not null,
  -- the shopper's ranked methods: [{"provider": …, "token": …}]; tokens are references of the provider, not card data
  methods     jsonb not null,
  -- how many of them have been tried
  tried       int not null default 0,
  state       text not null check (state in ('OPEN', 'ACTION_REQUIRED', 'AUTHORIZED', 'INVOICED', 'CLOSED')),
  -- until when the shopper's order waits for its payment
  deadline    timestamptz not null,
  -- when the sweep takes the next step, or the expiry, up by itself; null when nobody needs to
  due_at      timestamptz,
  expiry_due_at timestamptz,
  created_at  timestamptz not null default now()
);

create index payment_due on payment (due_at) where due_at is not null;
create index payment_expiry_due on payment (expiry_due_at) where expiry_due_at is not null;

-- One try with one method. Its id is the idempotency key at the provider.
create table payment_attempt (
  id           uuid primary key,
  payment_id   uuid not null references payment (id),
  order_id     uuid not null,
  number       int not null check (number > 0),
  provider     text not null,
  token        text not null,
  rank         int not null check (rank > 0),
  state        text not null check (state in
                 ('STARTED', 'UNKNOWN', 'PENDING', 'ACTION_REQUIRED', 'AUTHORIZED', 'INVOICED', 'DECLINED', 'VOIDED')),
  -- the shopper says to have done what the provider asked for
  challenged   boolean not null default false,
  -- the shopper has chosen other methods: this one is closed at the provider before the next is tried
  abandoned    boolean not null default false,
  amount       bigint not null check (amount > 0),
  currency     text not null,
  authorized   bigint not null default 0,
  captured     bigint not null default 0,
  refunded     bigint not null default 0,
  voided       bigint not null default 0,
  provider_ref text,
  -- why it was declined or waits, in words that a shopper may read
  reason       text,
  -- where the shopper does what the provider asks for
  challenge_url text,
  tries        int not null default 0,
  lease_until  timestamptz,
  next_try_at  timestamptz,
  started_at   timestamptz not null default now(),
  finished_at  timestamptz,
  unique (payment_id, number),
  constraint payment_attempt_amounts check (
    refunded >= 0 and refunded <= captured and voided >= 0
    and captured + voided <= authorized and authorized <= amount)
);

create index payment_attempt_order on payment_attempt (order_id);

-- the next method is tried only after a definite no to the one before
create unique index payment_attempt_one_open on payment_attempt (payment_id)
  where state in ('STARTED', 'UNKNOWN', 'PENDING', 'ACTION_REQUIRED');

-- Taking, giving back and releasing money of one attempt. The id is the idempotency key at the provider.
create table payment_operation (
  id          uuid primary key,
  attempt_id  uuid not null references payment_attempt (id),
  order_id    uuid not null,
  kind        text not null check (kind in ('CAPTURE', 'REFUND', 'VOID')),
  amount      bigint not null check (amount > 0),
  currency    text not null,
  cause       text not null,
  requested_by text not null,
  state       text not null check (state in ('OPEN', 'DONE', 'FAILED')),
  reason      text,
  tries       int not null default 0,
  lease_until timestamptz,
  next_try_at timestamptz not null default now(),
  due_at      timestamptz,
  created_at  timestamptz not null default now(),
  settled_at  timestamptz
);

create index payment_operation_order on payment_operation (order_id);
create index payment_operation_due on payment_operation (due_at) where due_at is not null;

-- of each kind one operation at a time per attempt: what is asked for twice is done once
create unique index payment_operation_one_open on payment_operation (attempt_id, kind) where state = 'OPEN';
