alter table cart
  drop column metafields;
