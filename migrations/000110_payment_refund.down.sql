drop trigger payment_operation_within on payment_operation;
drop function payment_operation_within();
drop index payment_operation_one_open;
create unique index payment_operation_one_open on payment_operation (attempt_id, kind) where state = 'OPEN';
alter table payment_operation drop column refund_id;
drop table payment_refund_line;
drop table payment_refund;
