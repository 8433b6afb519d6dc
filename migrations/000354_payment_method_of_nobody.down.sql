-- What is still to be forgotten is known here only: it goes to the customer whom nobody is, and is forgotten all the same.
alter table payment_stored_method drop constraint payment_stored_method_owned;
delete from payment_stored_method where customer_id is null and due_at is null;
update payment_stored_method set customer_id = '00000000-0000-0000-0000-000000000000' where customer_id is null;
alter table payment_stored_method alter column customer_id set not null;
