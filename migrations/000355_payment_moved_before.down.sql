alter table payment_operation rename column moved_before to captured_before;
