drop sequence order_number;
drop table order_key;
drop table orders;
