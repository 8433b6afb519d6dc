-- What the test provider's bank can do besides: reservations that end, charges that it decides days later, disputes,
-- and methods that it keeps for customers.
alter table test_provider_entry
  add column expires_at timestamptz,
  add column settles_by timestamptz,
  -- the method that it keeps, and how the token was called that it was given
  add column saved      text,
  drop constraint test_provider_entry_kind_check,
  add constraint test_provider_entry_kind_check check (kind in
    ('CHALLENGE', 'PENDING', 'AUTHORIZE', 'DECLINE', 'CLOSE', 'CAPTURE', 'REFUND', 'VOID',
     'DISPUTE', 'DISPUTE_WON', 'DISPUTE_LOST'));

create table test_provider_method (
  ref          text primary key,
  owner        text not null,
  token        text not null,
  forgotten_at timestamptz
);
