drop table customer_access_token;
drop table customer;
