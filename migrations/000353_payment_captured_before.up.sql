-- What its charge had captured when a capture was begun: what it takes itself is measured from there. Empty for one that was begun
-- before this was kept, and for anything but a capture.
alter table payment_operation add column captured_before bigint;
