-- What was asked to be given back, and for what. The movements of money that do it name their refund; a movement
-- without one undoes the payment of an order that was called off.
create table payment_refund (
  id           uuid primary key,
  order_id     uuid not null,
  amount       bigint not null check (amount > 0),
  currency     text not null,
  -- the part of it that is for the shipping
  shipping     bigint not null default 0,
  reason       text not null,
  requested_by text not null,
  created_at   timestamptz not null default now(),
  constraint payment_refund_shipping_check check (shipping >= 0 and shipping <= amount)
);

create index payment_refund_order on payment_refund (order_id);

-- The units of an order's lines that a refund is for, and their part of it.
create table payment_refund_line (
  refund_id uuid not null references payment_refund (id),
  line_id   uuid not null,
  quantity  int not null check (quantity > 0),
  amount    bigint not null check (amount >= 0),
  primary key (refund_id, line_id)
);

alter table payment_operation add column refund_id uuid references payment_refund (id);

-- A charge is released once at a time. It may be taken and given back in several parts, asked for one after the
-- other; that together they never pass what there is, is checked when the transaction that asks ends.
drop index payment_operation_one_open;
create unique index payment_operation_one_open on payment_operation (attempt_id) where state = 'OPEN' and kind = 'VOID';

create function payment_operation_within() returns trigger
language plpgsql as $$
declare
  charge payment_attempt;
  asked  numeric;
  most   bigint;
begin
  select * into charge from payment_attempt where id = new.attempt_id for update;
  select sum(amount) into asked
  from payment_operation
  where attempt_id = new.attempt_id and kind = new.kind and state <> 'FAILED';
  most := case new.kind when 'CAPTURE' then charge.authorized - charge.voided when 'REFUND' then charge.captured end;
  if asked > most then
    raise exception 'operations of kind % ask for % of attempt %, which has %', new.kind, asked, new.attempt_id, most
      using errcode = 'check_violation', constraint = 'payment_operation_within', table = 'payment_operation';
  end if;
  return null;
end
$$;

create constraint trigger payment_operation_within
  after insert on payment_operation
  deferrable initially deferred
  for each row execute function payment_operation_within();
