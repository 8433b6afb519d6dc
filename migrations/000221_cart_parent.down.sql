alter table cart_line
  drop constraint cart_line_parent,
  drop constraint cart_line_of_cart,
  drop column parent_id;
