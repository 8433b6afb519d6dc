drop table payment_stored_method;
