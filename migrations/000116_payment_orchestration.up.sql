-- Reservations that end, charges that settle days later, parts that are paid with several methods, and disputes.
alter table payment_attempt
  -- when the provider lets go of what is reserved, and when it is to be renewed before that
  add column expires_at timestamptz,
  add column renew_at   timestamptz,
  -- the attempt whose reservation this one renews
  add column renews     uuid references payment_attempt (id),
  -- until when the provider may take to decide
  add column settles_by timestamptz,
  -- what the shopper's bank has taken back or wants to, and the part of it that is lost for good
  add column disputed     bigint not null default 0,
  add column dispute_lost bigint not null default 0,
  -- whether the provider is to keep the method for the customer
  add column save       boolean not null default false,
  -- the kept method with which it is paid, or as which its method was kept
  add column stored_method_id uuid,
  add constraint payment_attempt_disputes check (
    disputed >= 0 and disputed <= captured and dispute_lost >= 0 and dispute_lost <= disputed),
  add constraint payment_attempt_renewal check ((renew_at is null) = (expires_at is null) and renews <> id);
