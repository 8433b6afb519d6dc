drop table customer_letter;
drop table customer_address;
alter table customer drop column email_verified_at;
