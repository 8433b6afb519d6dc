-- How far the books of each provider have been compared with the shop's.
create table payment_reconciliation (
  provider text primary key,
  done_until timestamptz not null,
  run_at timestamptz not null
);

-- Where the two differ, or did.
create table payment_reconciliation_break (
  id         uuid primary key,
  provider   text not null,
  -- the key of the charge's authorization
  charge     text not null,
  order_id   uuid,
  kind       text not null check (kind in ('STRAY_CHARGE', 'BEHIND', 'AHEAD', 'MISFIT', 'MISSING')),
  detail     text not null,
  state      text not null check (state in ('OPEN', 'REPAIRED', 'RESOLVED')),
  found_at   timestamptz not null default clock_timestamp(),
  settled_at timestamptz,
  constraint payment_reconciliation_break_settled check ((state = 'OPEN') = (settled_at is null))
);

-- One open row for one thing that is wrong, however often it is seen.
create unique index payment_reconciliation_break_open on payment_reconciliation_break (provider, charge, kind) where state = 'OPEN';

-- The test provider's books are read by time too.
create index test_provider_entry_at on test_provider_entry (at);
