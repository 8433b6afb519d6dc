-- Takes the payments back; an order's events keep what was paid.
drop table payment_operation;
drop table payment_attempt;
drop table payment;
