-- The books of the test provider, which plays a bank that is not ours: every entry is final, and a charge is the sum
-- of its entries. `wharf verify` compares them with our own payments.

create table test_provider_entry (
  id         bigint generated always as identity primary key,
  charge_key uuid not null,
  -- the key of the call that made the entry: the same call again makes no second one
  entry_key  uuid not null,
  kind       text not null check (kind in
               ('CHALLENGE', 'PENDING', 'AUTHORIZE', 'DECLINE', 'CLOSE', 'CAPTURE', 'REFUND', 'VOID')),
  reference  text not null,
  amount     bigint not null check (amount >= 0),
  currency   text not null,
  reason     text not null default '',
  at         timestamptz not null default clock_timestamp(),
  unique (charge_key, entry_key, kind)
);

-- one verdict per key, whoever comes first: a key that was closed can never be charged late
create unique index test_provider_entry_verdict on test_provider_entry (charge_key)
  where kind in ('AUTHORIZE', 'DECLINE', 'CLOSE');

create index test_provider_entry_reference on test_provider_entry (reference);

select ledger_only('test_provider_entry');
