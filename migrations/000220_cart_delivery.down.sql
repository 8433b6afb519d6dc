alter table cart_line
  drop column delivery_method;

alter table cart
  drop column delivery_addresses,
  drop column delivery_option,
  drop column pickup_option;
