-- A refund keeps what its charge had given back before it, as a capture keeps what was taken. No release has known the column by
-- its first name.
alter table payment_operation rename column captured_before to moved_before;
