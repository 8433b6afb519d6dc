-- A provider may keep a payment method for an order that is nobody's any more when the shop learns of it. It is forgotten,
-- and is there for nobody until then. The methods that are there are held against the constraint in 367, while they can be used.
alter table payment_stored_method
  alter column customer_id drop not null,
  add constraint payment_stored_method_owned check (customer_id is not null or deleted_at is not null) not valid;
