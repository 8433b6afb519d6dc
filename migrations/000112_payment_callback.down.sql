drop table payment_callback;
