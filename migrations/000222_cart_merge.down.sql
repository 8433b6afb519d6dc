drop index cart_customer_id;

alter table cart
  drop column merged_into;
