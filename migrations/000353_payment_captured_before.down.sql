alter table payment_operation drop column captured_before;
