alter table payment_stored_method drop constraint payment_stored_method_owned;
delete from payment_stored_method where customer_id is null;
alter table payment_stored_method alter column customer_id set not null;
