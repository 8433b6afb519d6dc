drop table cart_line;
drop table cart;
