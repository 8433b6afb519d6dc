drop table pickup_booking;
drop table pickup_hour;
