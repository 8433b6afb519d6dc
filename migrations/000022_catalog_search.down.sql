drop function product_matches(product, integer[], text[], text[], text[], boolean[], uuid[]);
