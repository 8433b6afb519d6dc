-- What is known of charges at Adyen, which tells the amounts of a charge only in notifications: there is no question
-- that it would answer with them. Both tables only grow, and a charge is the sum of its rows, in whatever order they came.

-- What it has notified, each item once. value is in Adyen's own minor units.
create table adyen_notification (
  psp_reference      text not null check (char_length(psp_reference) between 1 and 255),
  event_code         text not null check (char_length(event_code) <= 64),
  success            boolean not null,
  happened_at        timestamptz not null,
  -- the key of the charge's authorization, which is the reference that Adyen knows it under
  charge             uuid not null,
  -- the payment that the item changes; empty when it is the payment itself
  original_reference text not null check (char_length(original_reference) <= 255),
  value              bigint not null,
  currency           text not null,
  reason             text not null,
  -- the payment method that was stored with it, if any, and how people call it
  stored_method      text not null default '',
  stored_label       text not null default '',
  received_at        timestamptz not null default clock_timestamp(),
  primary key (charge, psp_reference, event_code, success, happened_at)
);

-- What it has answered to the shop's own calls, and which keys the shop has closed: nothing that is authorized under
-- such a key counts, and it is cancelled when it comes.
create table adyen_call (
  charge        uuid not null,
  kind          text not null check (kind in ('PAYMENT', 'DETAILS', 'CAPTURE', 'REFUND', 'CANCEL', 'REVOKE', 'CLOSE')),
  -- the key under which it was asked
  call_key      uuid not null,
  -- Adyen's name of the payment, or of the request that changes one
  psp_reference text not null default '',
  result        text not null default '',
  value         bigint not null default 0,
  currency      text not null default '',
  reason        text not null default '',
  action_url    text not null default '',
  stored_method text not null default '',
  stored_label  text not null default '',
  -- until when a bank decides; null when that is a matter of minutes
  settles_by    timestamptz,
  at            timestamptz not null default clock_timestamp(),
  primary key (charge, kind, call_key)
);

select ledger_only('adyen_notification');
select ledger_only('adyen_call');
